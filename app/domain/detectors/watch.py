"""One market under watch: its recent prices, its baseline, and what was told of it."""

from app.domain.detections import Finding, Prices
from app.domain.detectors.baseline import Baseline
from app.domain.detectors.line_move import LineMove
from app.domain.detectors.minutes import Minute
from app.domain.detectors.odds_scale import CENT2, mark_of
from app.domain.detectors.rules import Rules
from app.domain.detectors.scene import Depth, Scene, to_prices
from app.domain.detectors.volume_spike import VolumeSpike, threshold_of
from app.domain.detectors.window import MINUTE_MS, SECOND_MS, PriceWindow, Slot
from app.domain.fold import MicroCandle
from app.domain.market_kinds import PolicyName
from app.domain.ticks import micros_to_price

_NEVER = 1 << 62
_MIN_SAMPLES = 2  # after a gap; the first one may be what the gap hid


class MarketWatch:
    """What is known of one market while it is watched; not a line of I/O, no clock.

    `add` is called for every piece of the tick stream and does next to nothing when nothing
    changed. It sets `needs_look` when the prices went far enough, the trading is heavy enough,
    something ripens or a minute is over; `look` decides.

    Attributes:
        needs_look: call `look` now.
        closes_ms: when trading ends (Unix milliseconds), None = unknown; may be set any time.
    """

    __slots__ = (
        "_ask",
        "_bid",
        "_cap",
        "_gate2",
        "_last",
        "_mark2",
        "_minute",
        "_minute_volume",
        "_move",
        "_move_volume",
        "_mute_ms",
        "_newest_ms",
        "_opened_ms",
        "_policy",
        "_rules",
        "_samples",
        "_sigma",
        "_skipped",
        "_spike",
        "_spike_volume",
        "_starts_ms",
        "_unplaced",
        "_usual_spread",
        "_window",
        "baseline",
        "closes_ms",
        "needs_look",
    )

    def __init__(
        self,
        rules: Rules,
        baseline: Baseline | None,
        *,
        opened_ms: int | None,
        closes_ms: int | None = None,
    ) -> None:
        """Begin without prices; `baseline` None = nothing is known of the market's habits."""
        self._rules = rules
        self.baseline = baseline or Baseline(rules.baseline)
        self._opened_ms, self.closes_ms = opened_ms, closes_ms
        self._window = PriceWindow()
        self._move, self._spike = LineMove(), VolumeSpike()
        self._last: int | None = None
        self._bid: int | None = None
        self._ask: int | None = None
        self._mark2: int | None = None
        self._newest_ms = self._minute = self._minute_volume = self._samples = 0
        self._mute_ms = self._unplaced = 0
        self._skipped = -1  # a minute of which only a part was seen
        self._cap = self.baseline.narrow_spread()
        self._starts_ms: int | None = None
        self._policy: PolicyName | None = None
        self._gate2 = self._move_volume = self._spike_volume = _NEVER
        self._sigma, self._usual_spread = 1.0, 0
        self.needs_look = True

    def add(self, piece: MicroCandle) -> None:
        """Count one piece of the tick stream."""
        _, minute, _, _, _, last, bid, ask, volume, _, _, newest_ms = piece
        if newest_ms and minute == self._minute:
            self._newest_ms = newest_ms
            self._samples += 1
            if (
                not volume
                and last == self._last
                and bid == self._bid
                and ask == self._ask
                and self._samples > 1
            ):
                return
        elif not self._admit(minute, volume, newest_ms):
            return
        if self._samples == 1:
            self._skipped = minute
        self._bid, self._ask = bid, ask
        if last is not None:
            self._last = last
        self._minute_volume += volume
        mark2 = self._mark2 = mark_of(self._last, bid, ask, self._cap)
        if mark2 is None:
            self._unplaced += volume  # traded while nothing said what it is worth
        else:
            self._record(mark2, volume + self._unplaced)
            self._unplaced = 0

    def _admit(self, minute: int, volume: int, newest_ms: int) -> bool:
        """Say whether a piece that is not of the running minute changes what is known."""
        if not newest_ms:  # all its frames were late: trades, but no price of now
            if self._mark2 is not None:
                self._record(self._mark2, volume, is_late=True)
            return False
        self._newest_ms = newest_ms
        if minute != self._minute:
            self._turn(minute)
        self._samples += 1
        return True

    def _turn(self, minute: int) -> None:
        """Close the running minute and begin another."""
        if self._minute and self._minute != self._skipped:
            done = Minute(self._minute, self._last, self._bid, self._ask, self._minute_volume)
            self.baseline.fold_minute(done, starts_ms=self._starts_ms)
        self._minute, self._minute_volume = minute, 0
        self._cap = self.baseline.narrow_spread()
        self._window.compact(minute * MINUTE_MS)
        self._policy = None  # its numbers are to be looked up again
        self.needs_look = True

    def _record(self, mark2: int, volume: int, *, is_late: bool = False) -> None:
        """Add the present state to the window; ask for a look when it is worth one."""
        if not self._samples:
            return
        window = self._window
        second_ms = self._newest_ms // SECOND_MS * SECOND_MS
        prints = 1 if volume and not is_late else 0
        state = (second_ms, mark2, self._last, self._bid, self._ask, volume, prints)
        window.record(tuple.__new__(Slot, state))  # a third of the named tuple's own constructor
        if (
            mark2 - window.low2 >= self._gate2
            or window.high2 - mark2 >= self._gate2
            or window.volume >= self._spike_volume
            or self._move.candidate is not None
        ):
            self.needs_look = True

    @property
    def newest_ms(self) -> int:
        """The exchange's time of the newest frame (Unix milliseconds), 0 = none yet."""
        return self._newest_ms

    @property
    def has_candidate(self) -> bool:
        """Whether something ripens: `look` at least once a second then."""
        return self._move.candidate is not None

    def adopt(self, baseline: Baseline) -> None:
        """Go on with a baseline that knows more, as when a market's history arrives late."""
        self.baseline = baseline
        self._policy = None  # its numbers are to be looked up again
        self._cap = baseline.narrow_spread()
        self.needs_look = self._samples >= _MIN_SAMPLES

    def mute_until(self, ms: int) -> None:
        """Find nothing until then, and never compare with what was before: data is missing.

        What comes from now on counts: a move that begins before `ms` is found after it.

        Args:
            ms: Unix milliseconds of the caller's clock, as `now_ms` is.
        """
        self._mute_ms = max(self._mute_ms, ms)
        self._window.clear()
        self._move.candidate = None
        self._samples = self._unplaced = 0
        self._skipped = self._minute
        self.baseline.break_off()

    def look(
        self,
        policy: PolicyName,
        *,
        now_ms: int,
        starts_ms: int | None,
        depth: Depth | None = None,
    ) -> list[Finding]:
        """Return what is unusual now and was not told yet.

        Args:
            now_ms: the caller's clock, Unix milliseconds.
            starts_ms: when the game begins, None = unknown or no game.
        """
        self.needs_look = False
        if policy is not self._policy or starts_ms != self._starts_ms:
            self._look_up(policy, starts_ms)
        if now_ms < self._mute_ms or self._samples < _MIN_SAMPLES or not self._window.slots:
            return []
        if self._mark2 is None:
            return []
        return self._detect(self._scene(policy, now_ms, depth))

    def _detect(self, scene: Scene) -> list[Finding]:
        found: list[Finding] = []
        rule = self._rules.line_move.get(scene.policy)
        if rule is None:
            self._move.candidate = None
        else:
            move = self._move.look(scene, rule, self._move_volume)
            found += [move] if move else []
        spike_rule = self._rules.volume_spike.get(scene.policy)
        if spike_rule is not None and not self._move.explains(scene.now_ms, spike_rule.timing):
            spike = self._spike.look(scene, spike_rule, self._spike_volume)
            found += [spike] if spike else []
        return found

    def _scene(self, policy: PolicyName, now_ms: int, depth: Depth | None) -> Scene:
        return Scene(
            policy=policy,
            now_ms=max(now_ms, self._newest_ms),
            newest_ms=self._newest_ms,
            window=self._window,
            here=self._window.slots[-1],
            sigma=self._sigma,
            usual_spread=self._usual_spread,
            known_minutes=self.baseline.minutes_known(policy),
            opened_ms=self._opened_ms,
            closes_ms=self.closes_ms,
            starts_ms=self._starts_ms,
            depth=depth,
        )

    def _look_up(self, policy: PolicyName, starts_ms: int | None) -> None:
        """Read from rules and baseline what holds until the next minute."""
        self._policy, self._starts_ms = policy, starts_ms
        self._sigma = self.baseline.sigma(policy)
        self._usual_spread = self.baseline.usual_spread(policy)
        self._gate2 = self._move_volume = self._spike_volume = _NEVER
        move, spike = self._rules.line_move.get(policy), self._rules.volume_spike.get(policy)
        if move is not None:
            self._gate2 = min(window.min_cents for window in move.windows) * CENT2
            self._move_volume = self._usual_volume(move.volume_quantile, policy)
        if spike is not None:
            usual = self._usual_volume(spike.volume_quantile, policy)
            self._spike_volume = threshold_of(spike, usual)

    def _usual_volume(self, share: float, policy: PolicyName) -> int:
        return self.baseline.volume_quantile(share, policy, self._minute, self._starts_ms)

    def current(self) -> Prices:
        """Return the prices as of the newest piece."""
        mark = None if self._mark2 is None else micros_to_price(self._mark2 // 2)
        return Prices(mark, micros_to_price(self._bid), micros_to_price(self._ask))

    def prices_at(self, ms: int) -> Prices | None:
        """Return the prices just before a time; None when the window does not go back so far.

        Args:
            ms: Unix milliseconds by the exchange's clock, as `Finding.started_ms` is.
        """
        slots = self._window.slots
        if not slots or slots[0].ms >= ms:
            return None
        return to_prices(slots[self._window.position(ms - 1)])
