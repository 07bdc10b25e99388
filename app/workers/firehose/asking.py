"""What the firehose asks by request when its stream may have missed something."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.actions.sync_catalogue import CatalogueSync
from app.domain.catalogue import CataloguePage
from app.store import catalogue, cron_runs, public_trades, rejects
from app.workers.firehose.parts import FirehoseParts
from app.workers.firehose.windows import Window

LONG = timedelta(minutes=15)  # of a longer window only this newest part is asked for by itself
SHORT = timedelta(seconds=5)  # in a longer one offers may have changed without a trade
MARGIN = timedelta(seconds=5)  # our clock and the exchange's may differ
_MAX_MARKETS = 2_000  # more than that is the full sync's work


async def ask_changes(parts: FirehoseParts, window: Window) -> None:
    """Read what changed in the catalogue since a window began.

    Raises:
        SourceError: not all of it could be read.
    """
    if window.is_longer(LONG):
        await request_full_sync(parts)
    since, _ = window.newest(LONG)
    await CatalogueSync(parts.pool, parts.markets, parts.clock).run_changes(since)


async def ask_trades(parts: FirehoseParts, window: Window) -> set[str]:
    """Read the public trades of a window; return the markets that traded.

    Raises:
        SourceError: not all of them could be read.
    """
    since, until = window.newest(LONG)
    return await store_trades(parts, since - MARGIN, until + MARGIN)


async def store_trades(parts: FirehoseParts, since: datetime, until: datetime) -> set[str]:
    """Read all public trades of `since`..`until` and keep the large ones; see `ask_trades`."""
    floor_usd = parts.settings.app.public_trade_floor_usd
    traded: set[str] = set()
    async for page in parts.prices.fetch_all_trades(since=since, until=until):
        traded.update(trade.market_ext_id for trade in page.trades)
        async with parts.pool.acquire() as conn:
            await public_trades.insert_trades(conn, page.trades, floor_usd=floor_usd)
            if page.rejects:
                await rejects.record_rejects(conn, page.rejects, now=parts.clock.now())
    return traded


async def ask_quotes(parts: FirehoseParts, window: Window, traded: set[str]) -> None:
    """Read the quotes of the markets that traded in a window; ask for a sync of the others.

    Raises:
        SourceError: not all of them could be read.
    """
    if window.is_longer(SHORT) or len(traded) > _MAX_MARKETS:
        await request_full_sync(parts)
    if traded and not window.is_longer(LONG):
        await ask_markets(parts, sorted(traded)[:_MAX_MARKETS])


async def ask_markets(parts: FirehoseParts, ext_ids: Sequence[str]) -> frozenset[str]:
    """Read markets by name into the catalogue; return those the exchange answered with.

    Raises:
        SourceError: not all of them could be read.
    """
    page = await parts.markets.fetch_markets(ext_ids)
    await _write(parts, page)
    came = {market.ext_id for market in page.markets}
    return frozenset(came | {reject.ext_id for reject in page.rejects if reject.ext_id})


async def ask_events(parts: FirehoseParts, ext_ids: Sequence[str]) -> frozenset[str]:
    """Read events by name, with their markets; return those the exchange answered with.

    Raises:
        SourceError: not all of them could be read.
    """
    page = await parts.markets.fetch_events(ext_ids)
    await _write(parts, page)
    came = {event.ext_id for event in page.events}
    return frozenset(came | {reject.ext_id for reject in page.rejects if reject.ext_id})


async def request_full_sync(parts: FirehoseParts) -> None:
    """Have the sync worker read everything."""
    async with parts.pool.acquire() as conn:
        name = f"{parts.exchange}_full_sync"
        await cron_runs.request_run(conn, name, now=parts.clock.now())


async def _write(parts: FirehoseParts, page: CataloguePage) -> None:
    now = parts.clock.now()
    async with parts.pool.acquire() as conn:
        await catalogue.write_page(conn, parts.exchange, page, now=now)
        if page.rejects:
            await rejects.record_rejects(conn, page.rejects, now=now)
