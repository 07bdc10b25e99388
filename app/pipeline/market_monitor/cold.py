"""Markets whose history was not there when they began to tick: asked for again, in company."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.database import Conn
from app.domain.detectors.baseline import Baseline
from app.domain.detectors.rules import BaselineRule
from app.domain.market_kinds import policy_of
from app.pipeline.market_monitor.findings import Watched
from app.pipeline.market_monitor.opening import learn

_EVERY = timedelta(seconds=20)
_TRIES = 15  # five minutes: histories of markets that matter come within two
_AT_ONCE = 500


@dataclass(slots=True)
class _Cold:
    watched: Watched
    tries: int = 0


class ColdMarkets:
    """Watches that know too few minutes of their market."""

    def __init__(self, rule: BaselineRule) -> None:
        """Begin with none."""
        self._rule = rule
        self._cold: list[_Cold] = []
        self._due_at: datetime | None = None

    def add(self, watched: Watched) -> None:
        """Look after a watch that was opened just now."""
        self._cold.append(_Cold(watched))

    def is_due(self, now: datetime) -> bool:
        """Tell whether it is time to look for histories."""
        if self._due_at is None:
            self._due_at = now + _EVERY
        return bool(self._cold) and now >= self._due_at

    async def warm(self, conn: Conn, now: datetime) -> int:
        """Read what has come in the meantime; return how many watches know more now."""
        self._due_at = now + _EVERY
        asked, self._cold = self._cold[:_AT_ONCE], self._cold[_AT_ONCE:]
        needy = [each for each in asked if self._minutes(each.watched, now) is not None]
        starts = {each.watched.market_id: each.watched.starts_ms for each in needy}
        habits = await learn(conn, self._rule, starts, now=now, is_anew=True)
        warmed = 0
        for each in needy:
            warmed += self._adopt(each.watched, habits[each.watched.market_id], now)
            each.tries += 1
            if each.tries < _TRIES:
                self._cold.append(each)
        return warmed

    def _minutes(self, watched: Watched, now: datetime) -> int | None:
        """Return how many minutes a watch knows, None when that is enough."""
        known = watched.watch.baseline.minutes_known(policy_of(watched.facts, now))
        return known if known < self._rule.warm_minutes else None

    def _adopt(self, watched: Watched, baseline: Baseline, now: datetime) -> bool:
        policy = policy_of(watched.facts, now)
        if baseline.minutes_known(policy) <= watched.watch.baseline.minutes_known(policy):
            return False
        watched.watch.adopt(baseline)
        return True
