"""What is usual in one market: how much it moves in a minute, its spread, its volume.

Built minute by minute, from live pieces and stored candles alike; the same minutes in the
same order give the same state.
"""

from collections import deque
from collections.abc import Mapping
from math import sqrt

from app.domain.detectors.minutes import PLAYED, UNTIMED, Minute, bucket_of
from app.domain.detectors.moving import Moving
from app.domain.detectors.odds_scale import CENT2, log_odds, mark_of
from app.domain.detectors.rules import BaselineRule
from app.domain.detectors.volumes import VolumeSketch
from app.domain.market_kinds import PolicyName
from app.domain.ticks import CENTIS

SPAN = 5  # minutes of the volumes that are counted
_STATE = 1  # version of `to_state`
_CENT = CENT2 // 2

_POLICIES = {PLAYED: PolicyName.IN_PLAY, UNTIMED: PolicyName.FUTURES}


class Baseline:
    """What is usual in one market.

    Attributes:
        through: the newest minute in it (minutes since 1970), None = none.
    """

    __slots__ = (
        "_calm",
        "_decay",
        "_is_broken",
        "_last",
        "_mark2",
        "_played",
        "_recent",
        "_rule",
        "_spread",
        "_volumes",
        "through",
    )

    def __init__(self, rule: BaselineRule) -> None:
        """Know nothing yet."""
        self._rule = rule
        self._decay: float = 0.5 ** (1.0 / rule.half_life_minutes)
        self._calm, self._played, self._spread = Moving(), Moving(), Moving()
        self._volumes: dict[int, VolumeSketch] = {}
        self._recent: deque[int] = deque(maxlen=SPAN)
        self._mark2: int | None = None
        self._last: int | None = None
        self._is_broken = False
        self.through: int | None = None

    def fold_minute(self, minute: Minute, *, starts_ms: int | None) -> None:
        """Count one finished minute; one that is not newer than the newest is known already.

        Minutes between two that were counted had no frame: nothing moved, nothing traded.

        Args:
            starts_ms: when the game begins (Unix milliseconds), None = unknown or no game.
        """
        if self.through is not None and minute.minute <= self.through:
            return
        passed = 1
        if self.through is not None and not self._is_broken:
            passed = minute.minute - self.through
        bucket = bucket_of(minute.minute, starts_ms)
        self._count_volume(minute.volume, passed, bucket)
        self._count_prices(minute, passed, bucket)
        self.through, self._is_broken = minute.minute, False

    def break_off(self) -> None:
        """Note that frames are missing: what comes next is no return and follows no volume."""
        self._mark2, self._is_broken = None, True
        self._recent.clear()

    def _count_prices(self, minute: Minute, passed: int, bucket: int) -> None:
        if minute.last is not None:
            self._last = minute.last
        kept = self._decay**passed
        fresh = 1.0 - self._decay
        mark2 = mark_of(self._last, minute.bid, minute.ask, self.narrow_spread())
        if mark2 is not None and self._mark2 is not None:
            policy = _POLICIES.get(bucket, PolicyName.PRE_GAME)
            change = abs(log_odds(mark2) - log_odds(self._mark2))
            change = min(change, self._rule.clip_sigmas * self.sigma(policy))
            self._moving(policy).add(change * change, kept, fresh, passed)
        self._mark2 = mark2 if mark2 is not None else self._mark2
        if minute.bid is not None and minute.ask is not None and minute.bid < minute.ask:
            spread = float(minute.ask - minute.bid)
            self._spread.add(spread * (1.0 - kept), kept, 1.0, passed)

    def _count_volume(self, volume: int, passed: int, bucket: int) -> None:
        sketch = self._volumes.setdefault(bucket, VolumeSketch())
        recent = self._recent
        for _ in range(min(passed - 1, SPAN)):
            recent.append(0)
            self._count_recent(sketch)
        if passed - 1 > SPAN:
            sketch.add(0, passed - 1 - SPAN)
        recent.append(volume)
        self._count_recent(sketch)

    def _count_recent(self, sketch: VolumeSketch) -> None:
        if len(self._recent) == SPAN:
            sketch.add(sum(self._recent))

    def minutes_known(self, policy: PolicyName) -> int:
        """Return how many minutes of this kind were counted."""
        return self._moving(policy).minutes

    def _moving(self, policy: PolicyName) -> Moving:
        return self._played if policy is PolicyName.IN_PLAY else self._calm

    def sigma(self, policy: PolicyName) -> float:
        """Return the standard deviation of one-minute log-odds returns; the prior until warm."""
        moving, rule = self._moving(policy), self._rule
        share = min(moving.minutes / max(rule.warm_minutes, 1), 1.0)
        prior = rule.priors[policy].sigma
        variance = share * moving.mean + (1.0 - share) * prior * prior
        return max(sqrt(variance), rule.sigma_floor)

    def usual_spread(self, policy: PolicyName) -> int:
        """Return the usual spread in micro-dollars; the prior's while none was seen."""
        if self._spread.weight > 0:
            return round(self._spread.mean)
        return self._rule.priors[policy].spread_cents * _CENT

    def narrow_spread(self) -> int:
        """Return the widest spread, in micro-dollars, whose mid means something."""
        usual = self._spread.mean * self._rule.narrow_times
        return max(self._rule.narrow_cents * _CENT, int(usual))

    def volume_quantile(
        self, share: float, policy: PolicyName, minute: int, starts_ms: int | None
    ) -> int:
        """Return a five-minute volume (hundredths) that is high at this time before the start.

        Stretches further from the start help out while this one has too few minutes. While all
        of them have, the prior holds alone: a burst in a market that is hardly known would
        raise the bar that it has to clear.
        """
        bucket, found = bucket_of(minute, starts_ms), VolumeSketch()
        lowest = bucket if bucket >= PLAYED else 0
        for at in range(bucket, lowest - 1, -1):
            if at in self._volumes:
                found.merge(self._volumes[at])
            if found.total >= self._rule.min_volumes:
                return found.quantile(share)
        return self._rule.priors[policy].contracts * CENTIS

    def to_state(self) -> dict[str, object]:
        """Return everything as JSON has it; `from_state` of it goes on exactly."""
        return {
            "version": _STATE,
            "through": self.through,
            "mark2": self._mark2,
            "last": self._last,
            "recent": list(self._recent),
            "calm": self._calm.to_state(),
            "played": self._played.to_state(),
            "spread": self._spread.to_state(),
            "volumes": {str(at): self._volumes[at].to_state() for at in sorted(self._volumes)},
        }

    @classmethod
    def from_state(cls, state: Mapping[str, object], rule: BaselineRule) -> "Baseline":
        """Take up `to_state`, under the rule of today.

        Raises:
            ValueError: of another version, or not what `to_state` returns.
        """
        if state.get("version") != _STATE:
            raise ValueError("baseline of another version")
        found = cls(rule)
        found.through = _whole(state.get("through"))
        found._mark2, found._last = _whole(state.get("mark2")), _whole(state.get("last"))
        recent, volumes = state.get("recent"), state.get("volumes")
        if not isinstance(recent, list) or not isinstance(volumes, Mapping):
            raise ValueError("baseline without volumes")
        found._recent.extend(_whole(volume) or 0 for volume in recent)
        found._calm, found._played, found._spread = (
            Moving.from_state(state.get(key)) for key in ("calm", "played", "spread")
        )
        found._volumes = {
            _bucket(at): VolumeSketch.from_state(part) for at, part in volumes.items()
        }
        return found


def _whole(number: object) -> int | None:
    if number is None:
        return None
    if isinstance(number, bool) or not isinstance(number, int):
        raise ValueError("baseline with a number that is not whole")
    return number


def _bucket(text: object) -> int:
    if not isinstance(text, str) or not text.isdigit() or int(text) > UNTIMED:
        raise ValueError("baseline with a bucket that is none")
    return int(text)
