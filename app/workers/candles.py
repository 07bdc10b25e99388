"""The stream of micro-candles into candles, four times a minute."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from app.core.database import Conn
from app.domain.catalogue import Reject
from app.domain.fold import MicroCandle, Minutes, fold_minutes
from app.domain.types import Exchange
from app.store import candle_backfills, candles, cursors, partitions, rejects, tick_stream
from app.store.candle_backfills import BackfillWindow
from app.store.tick_feed import REDIS_AWAY
from app.store.tick_stream import TickEntry, TickLoss
from app.workers.task import Counts, Deps, task

log = structlog.get_logger()

CURSOR = "aggregate_ohlcv"
BATCH = 250  # entries read at once
LONGEST = 20_000  # minutes a transaction, and no more than one entry above that
_WORK_S = 10.0  # after that the next run goes on
_MARGIN = timedelta(minutes=2)  # between the clocks of Redis and of the exchange


@task
async def aggregate_ohlcv(deps: Deps) -> Counts:
    """Add everything new in the stream to candles; each piece exactly once.

    A broken entry or piece costs itself. Entries that went before they were read are asked
    of the exchange; when Redis forgot the whole stream the firehose does that.
    """
    counts: Counter[str] = Counter(entries=0, candles=0)
    until_s = deps.clock.monotonic() + _WORK_S
    async with deps.pool.acquire() as conn:
        await partitions.create_partitions(conn, now=deps.clock.now())
        position = await cursors.read_cursor(conn, CURSOR)
    try:
        loss = await _find_loss(deps, position, counts)
        entries: Sequence[TickEntry] = ()
        while deps.clock.monotonic() < until_s:
            entries = entries or await tick_stream.read_entries(deps.redis, position, count=BATCH)
            if not entries:
                break
            async with deps.pool.acquire() as conn:
                now = deps.clock.now()
                stored = await store_entries(conn, entries, after=position, now=now, loss=loss)
                done = stored.get("entries", 0)
                position = entries[done - 1].id if done else await cursors.read_cursor(conn, CURSOR)
            entries = entries[done:] if done else ()
            counts.update(stored)
            loss = None
    except REDIS_AWAY as error:
        log.warning("ticks.unreadable", error=str(error) or "timeout")
        counts["incomplete"] = 1
    return counts


async def store_entries(
    conn: Conn,
    entries: Sequence[TickEntry],
    *,
    after: str,
    now: datetime,
    loss: TickLoss | None = None,
) -> Counts:
    """Turn the first entries into candles and move the cursor past them, in one transaction.

    Args:
        after: the position behind which the entries were read.
        loss: entries before these that are gone; asked of the exchange, unless the firehose does.

    Returns:
        What was counted, `entries` among it: the rest is for another transaction. Nothing
        when the cursor is elsewhere: then they are stored already.
    """
    batch = _fold(entries, candles.candle_range(now))
    async with conn.transaction():
        if await cursors.lock_cursor(conn, CURSOR) != after:
            return {}
        await candles.lock_candles(conn)
        seen: list[UUID] = []
        for exchange, minutes in batch.minutes.items():
            ids = candles.MarketIds(exchange)
            written = await candles.write_stream_minutes(conn, list(minutes.values()), ids)
            seen += ids.values()
            batch.counts.update(candles=written.candles, blocked=written.blocked)
            for piece, reason in written.refused:
                batch.refuse(exchange, piece, reason)
        batch.counts["unknown_markets"] = await candles.count_unknown_markets(conn, seen)
        if batch.rejects:
            await rejects.record_rejects(conn, list(batch.rejects.values()), now=now)
        if loss is not None and not loss.is_new_stream:
            await _request_lost(conn, seen, loss, now)
        await cursors.move_cursor(conn, CURSOR, entries[batch.counts["entries"] - 1].id, now=now)
    return batch.counts


@dataclass(slots=True)
class _Batch:
    """Entries added up; `rejects` holds one of a kind, by what it is about."""

    minutes: dict[Exchange, Minutes] = field(default_factory=dict)
    rejects: dict[tuple[str, str | None, str], Reject] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def reject(self, found: Reject) -> None:
        self.counts["dropped"] += 1
        self.rejects[found.source, found.ext_id, found.reason] = found

    def refuse(self, exchange: Exchange, piece: MicroCandle, reason: str) -> None:
        self.reject(Reject(exchange.value, "candle", piece.market_ext_id, reason, repr(piece)))


def _fold(entries: Sequence[TickEntry], kept: candles.CandleRange) -> _Batch:
    batch = _Batch()
    for entry in entries:
        batch.counts["entries"] += 1
        for broken in entry.rejects:
            batch.reject(broken)
        for exchange, pieces in entry.pieces.items():
            good = []
            for piece in pieces:
                fault = candles.find_fault(piece, kept)
                if fault is None:
                    good.append(piece)
                else:
                    batch.refuse(exchange, piece, fault)
            fold_minutes(good, batch.minutes.setdefault(exchange, {}))
            batch.counts["ticks"] += sum(piece.frames for piece in good)
        if sum(map(len, batch.minutes.values())) >= LONGEST:
            break
    return batch


async def _find_loss(deps: Deps, position: str, counts: Counter[str]) -> TickLoss | None:
    loss = await tick_stream.find_loss(deps.redis, position)
    if loss is not None:
        counts["lost"] = 1
        log.error(
            "ticks.lost", all=loss.is_new_stream, since=str(loss.since), until=str(loss.until)
        )
    return loss


async def _request_lost(conn: Conn, seen: Sequence[UUID], loss: TickLoss, now: datetime) -> None:
    """Ask the exchange for what is gone, of all markets that ticked then or tick now."""
    since, until = loss.since - _MARGIN, loss.until + _MARGIN
    markets = {*seen, *await candles.list_ticked_since(conn, since)}
    windows = [BackfillWindow(market, since, until) for market in markets]
    await candle_backfills.request_backfills(
        conn, windows, now=now, not_before=now, reason="unread"
    )
