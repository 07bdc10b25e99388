"""The candles of one minute of every market into the table that readers read."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from app.domain.types import Exchange
from app.store.candles import MarketIds, write_stream_minutes
from bench.arena import Arena, Database
from bench.candles.minutes import make_minute
from bench.candles.writers import Flushes, flush, prepare
from bench.contest import Contender, Contest, Path, Remarks, Role, Scale
from bench.stopwatch import Stopwatch


@asynccontextmanager
async def _prepare(arena: Arena, scale: Scale) -> AsyncIterator[Contest]:
    markets = scale.pick(full=50_000, quick=5_000)
    async with AsyncExitStack() as stack:

        async def open_database(name: str) -> Database:
            return await prepare(await stack.enter_async_context(arena.database(name)))

        flushes = Flushes(
            await open_database("candles_ours"),
            await open_database("candles_peer"),
            await open_database("candles_limit"),
            markets,
        )

        async def report() -> Remarks:
            """Measure the flush that finds its candles there, and the one with roll-ups."""
            merge_s = await flush(flushes.own, make_minute(markets, 1))
            later = make_minute(markets, 300)
            with Stopwatch() as watch:
                await write_stream_minutes(flushes.own.conn, later, MarketIds(Exchange.KALSHI))
            return Remarks(
                {"candles": markets, "merge_s": merge_s, "with_roll_ups_s": watch.seconds}
            )

        yield Contest(
            [
                Contender(Role.LIMIT, "COPY into the table", flushes.by_copy),
                Contender(Role.PEER, "executemany upsert", flushes.by_executemany),
                Contender(Role.OURS, "upsert_candles", flushes.by_ours),
            ],
            report,
            [f"all write {markets:,} new candles; ours and the peer could merge them as well"],
        )


CANDLE_FLUSH = Path("candle_flush", "candles/s", 1.8, None, _prepare)
