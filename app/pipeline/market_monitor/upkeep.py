"""What the catalogue says of watched markets changes: starts move, markets end."""

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from app.core.database import Conn
from app.domain.types import Exchange
from app.pipeline.market_monitor.findings import Watched
from app.pipeline.market_monitor.opening import to_ms
from app.store.market_facts import read_known_markets

Key = tuple[Exchange, str]

_ROUND = timedelta(seconds=60)  # every market is looked up once in so long
_EVERY = timedelta(seconds=2)
_AT_ONCE = 500


class Upkeep:
    """Looks watched markets up again, a part of them at a time."""

    def __init__(self) -> None:
        """Begin with a round that is done."""
        self._queue: deque[Key] = deque()
        self._round_at: datetime | None = None
        self._due_at: datetime | None = None

    def take_due(self, watched: Iterable[Key], now: datetime) -> list[Key]:
        """Return the markets to look up now; none most of the time."""
        if self._round_at is None or self._due_at is None:
            self._round_at = self._due_at = now + _ROUND
        if now < self._due_at:
            return []
        if not self._queue and now >= self._round_at:
            self._queue.extend(watched)
            self._round_at = now + _ROUND
        self._due_at = now + _EVERY
        return [self._queue.popleft() for _ in range(min(_AT_ONCE, len(self._queue)))]


async def refresh(conn: Conn, markets: Mapping[Key, Watched]) -> list[Key]:
    """Take up what the catalogue says now; return the markets that need no watch any more."""
    over = []
    for exchange in sorted({key[0] for key in markets}):
        ext_ids = sorted(ext_id for each, ext_id in markets if each == exchange)
        known = await read_known_markets(conn, exchange, ext_ids)
        for ext_id in ext_ids:
            found, watched = known.get(ext_id), markets[exchange, ext_id]
            if found is None:
                over.append((exchange, ext_id))
            elif found.facts != watched.facts:
                watched.facts, watched.starts_ms = found.facts, to_ms(found.facts.starts_at)
                watched.watch.closes_ms = to_ms(found.facts.close_at)
                watched.watch.needs_look = True
    return over
