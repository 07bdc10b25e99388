"""Candles that our own stream does not have, fetched from the exchange."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from app.core.database import Conn
from app.core.errors import PayloadInvalid, SourceError, SourceRefused
from app.domain.candles import Candle, CandlePage
from app.domain.ids import market_id
from app.store import candle_backfills, candles, partitions, rejects
from app.store.candle_backfills import Backfill
from app.store.candles import CandleRange, ExchangeMinute
from app.workers.backfill_plan import MINUTE, PlannedFetch, plan_fetches
from app.workers.task import Counts, Deps, task

log = structlog.get_logger()

HISTORY = timedelta(days=7)
REQUESTS = 100  # a run: the syncs need the same read budget
_LISTED = 5_000
_WORK_S = 20.0


@task
async def request_history(deps: Deps) -> Counts:
    """Ask once for the last week of each of the most traded markets."""
    now = deps.clock.now()
    async with deps.pool.acquire() as conn:
        asked = await candle_backfills.request_history(
            conn,
            since=now - HISTORY,
            until=now - candle_backfills.SETTLED_AFTER,
            now=now,
            markets=deps.settings.app.top_markets,
        )
    return {"requested": asked}


@task
async def backfill_candles(deps: Deps) -> Counts:
    """Fetch the windows that are due and put them into candles and roll-ups.

    A window whose fetch fails is tried again later, alone if it was refused in company.
    """
    counts: Counter[str] = Counter(windows=0, candles=0)
    until_s = deps.clock.monotonic() + _WORK_S
    now = deps.clock.now()
    async with deps.pool.acquire() as conn:
        await partitions.create_partitions(conn, now=now)
        counts["given_up"] = await candle_backfills.give_up(conn, now=now)
        due = await candle_backfills.list_due(conn, now=now, limit=_LISTED)
    known = [found for found in due if found.ext_id and found.exchange in deps.prices]
    ours = {found.id for found in known}
    await _put_off(deps, [found for found in due if found.id not in ours])
    first_at = candles.candle_range(now).first_at
    for fetch in plan_fetches(known, first_at=first_at, requests=REQUESTS):
        if deps.clock.monotonic() > until_s:
            break
        try:
            counts.update(await _fetch(deps, fetch))
        except (SourceRefused, PayloadInvalid) as error:
            _note(error, fetch, counts)
        except SourceError as error:
            _note(error, fetch, counts)
            break
    return counts


def _note(error: SourceError, fetch: PlannedFetch, counts: Counter[str]) -> None:
    counts["failed"] += len(fetch.backfills)
    log.warning("backfill.failed", windows=len(fetch.backfills), error=str(error))


async def _put_off(deps: Deps, unknown: Sequence[Backfill]) -> None:
    """Try later what we cannot ask for: the market may only not be in the catalogue yet."""
    if unknown:
        async with deps.pool.acquire() as conn:
            await candle_backfills.claim(conn, unknown, now=deps.clock.now())


async def _fetch(deps: Deps, fetch: PlannedFetch) -> Counts:
    """Fetch and store one group of windows."""
    asked_at = deps.clock.now()
    async with deps.pool.acquire() as conn:
        ours = await candle_backfills.claim(conn, fetch.backfills, now=asked_at)
    if not ours:
        return {}
    page = await deps.prices[fetch.exchange].fetch_candles_of(
        [found.ext_id for found in ours if found.ext_id],
        start=fetch.first_at + MINUTE,
        end=fetch.last_at + MINUTE,
        interval=MINUTE,
    )
    async with deps.pool.acquire() as conn, conn.transaction():
        return await store_backfills(conn, ours, page, asked_at=asked_at)


async def store_backfills(
    conn: Conn, backfills: Sequence[Backfill], page: CandlePage, *, asked_at: datetime
) -> Counts:
    """Write the candles of windows, make their roll-ups anew, mark them done.

    Call it in a transaction. Minutes that were not over when the exchange was asked,
    and those older than our partitions, are left out.
    """
    kept = candles.candle_range(asked_at)
    by_market = _by_market(page.candles)
    await candles.lock_candles(conn)
    done = []
    for replaces in (True, False):
        minutes: dict[tuple[UUID, datetime], ExchangeMinute] = {}
        for found in backfills:
            if found.replaces is replaces:
                fitting = _fitting(found, by_market[found.window.market_id], kept, asked_at)
                minutes |= {(row.market_id, row.candle.bucket_at): row for row in fitting}
                done.append((found, len(fitting)))
        await _write(conn, list(minutes.values()), replace=replaces)
    if page.rejects:
        await rejects.record_rejects(conn, page.rejects, now=asked_at)
    finished = await candle_backfills.finish(conn, done, now=asked_at)
    return {"windows": finished, "candles": sum(count for _, count in done)}


async def _write(conn: Conn, minutes: Sequence[ExchangeMinute], *, replace: bool) -> None:
    if not minutes:
        return
    await candles.write_exchange_minutes(conn, minutes, replace=replace)
    times = [minute.candle.bucket_at for minute in minutes]
    markets = list(dict.fromkeys(minute.market_id for minute in minutes))
    await candles.roll_up_again(conn, markets, min(times), max(times))


def _by_market(found: Iterable[Candle]) -> dict[UUID, list[Candle]]:
    by_market: dict[UUID, list[Candle]] = defaultdict(list)
    for candle in found:
        by_market[market_id(candle.exchange, candle.market_ext_id)].append(candle)
    return by_market


def _fitting(
    backfill: Backfill, found: Sequence[Candle], kept: CandleRange, asked_at: datetime
) -> list[ExchangeMinute]:
    """Return the candles of a window that are over, within our partitions, and say something."""
    window = backfill.window
    first_at = max(window.since - MINUTE, kept.first_at - MINUTE)
    minutes = [
        ExchangeMinute(window.market_id, candle)
        for candle in found
        if first_at < candle.bucket_at <= window.until and candle.end_at <= asked_at
    ]
    return [minute for minute in minutes if not minute.is_empty]
