"""A market monitor on real tables, and tapes of prices to feed it."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime

from app.core.database import Conn, Pool
from app.domain.detectors.scene import Depth
from app.domain.fold import MicroCandle
from app.domain.types import Exchange
from app.pipeline.market_monitor import MarketMonitor
from app.store.rules import read_rules
from tests.tick_entries import piece

BEGAN = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
HOME, AWAY = "KXGAME-1-BOS", "KXGAME-1-MIA"
KALSHI = Exchange.KALSHI
CENT = 10_000  # micro-dollars
Pieces = Iterable[tuple[MicroCandle, int]]


class NoDepths:
    """Nobody knows what is offered."""

    async def read(self, exchange: Exchange, market_ext_id: str) -> Depth | None:
        return None


def at(ext_id: str, second: float, cents: int, *, contracts: int = 0) -> tuple[MicroCandle, int]:
    """Return a piece: one frame so many seconds after the beginning, and when it was flushed."""
    at_ms = int(BEGAN.timestamp() * 1_000) + int(second * 1_000)
    price = cents * CENT
    made = piece(
        at_ms // 60_000,
        ext_id,
        open=price,
        high=price,
        low=price,
        close=price,
        bid=price - CENT,
        ask=price + CENT,
        volume=contracts * 100,
        last_ms=at_ms,
    )
    return made, at_ms + 100


def transactions(pool: Pool) -> Callable[[], AbstractAsyncContextManager[Conn]]:
    """Return what opens a transaction that nobody fences."""

    @asynccontextmanager
    async def open_transaction() -> AsyncIterator[Conn]:
        async with pool.acquire() as conn, conn.transaction():
            yield conn

    return open_transaction


async def open_monitor(pool: Pool) -> MarketMonitor:
    """Open a monitor with the rules of production, whose writes nobody fences."""
    async with pool.acquire() as conn:
        rules = await read_rules(conn)
    return MarketMonitor(rules, pool, transactions(pool), NoDepths(), began_at=BEGAN)


async def feed(monitor: MarketMonitor, pieces: Pieces) -> int:
    """Hand over pieces at their own times; return how many detections were written."""
    found = 0
    for made, at_ms in pieces:
        monitor.take(KALSHI, [made], at_ms)
        found += await monitor.look(datetime.fromtimestamp(at_ms / 1_000, UTC))
    return found
