"""Putting a market under watch with all that is known of its habits."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import structlog

from app.core.database import Conn
from app.domain.detectors.baseline import Baseline
from app.domain.detectors.minutes import Minute
from app.domain.detectors.rules import BaselineRule, Rules
from app.domain.detectors.watch import MarketWatch
from app.domain.types import Exchange, MarketId
from app.pipeline.market_monitor.findings import Watched
from app.store import baselines
from app.store.market_facts import KnownMarket, read_known_markets

log = structlog.get_logger()

HISTORY = timedelta(hours=24)  # four half-lives of the baseline
_AT_ONCE = 50  # markets whose minutes are read in one statement

Key = tuple[Exchange, str]


async def open_watches(
    conn: Conn, rules: Rules, keys: Sequence[Key], *, now: datetime
) -> Mapping[Key, Watched]:
    """Open a watch for each of these markets; those the catalogue lacks are left out."""
    opened: dict[Key, Watched] = {}
    for exchange in sorted({key[0] for key in keys}):
        ext_ids = sorted(ext_id for each, ext_id in keys if each == exchange)
        known = await read_known_markets(conn, exchange, ext_ids)
        starts = {each.market_id: to_ms(each.facts.starts_at) for each in known.values()}
        habits = await learn(conn, rules.baseline, starts, now=now)
        for ext_id, market in known.items():
            baseline = habits[market.market_id]
            opened[exchange, ext_id] = _watched(exchange, market, rules, baseline)
    return opened


async def learn(
    conn: Conn,
    rule: BaselineRule,
    starts: Mapping[MarketId, int | None],
    *,
    now: datetime,
    is_anew: bool = False,
) -> Mapping[MarketId, Baseline]:
    """Return the baseline of each market: the saved one, and every minute since.

    Args:
        starts: when each market's game begins (Unix milliseconds), None = unknown or no game.
        is_anew: leave the saved one aside, which minutes that came late cannot be added to.
    """
    found: dict[MarketId, Baseline] = {}
    markets = sorted(starts)
    for first in range(0, len(markets), _AT_ONCE):
        ids = markets[first : first + _AT_ONCE]
        saved = {} if is_anew else await baselines.read_baselines(conn, ids)
        known = {each: _restore(saved.get(each), rule) for each in ids}
        since = {each: _unknown_since(baseline, now) for each, baseline in known.items()}
        minutes = await baselines.read_minutes(conn, since)
        for each, baseline in known.items():
            for minute in _finished(minutes.get(each, ()), now):
                baseline.fold_minute(minute, starts_ms=starts[each])
            await asyncio.sleep(0)  # others want the loop too
        found |= known
    return found


def _unknown_since(baseline: Baseline, now: datetime) -> datetime:
    """Return from when on minutes may not be in a baseline."""
    if baseline.through is None:
        return now - HISTORY
    return max(now - HISTORY, datetime.fromtimestamp(60 * (baseline.through + 1), UTC))


def _restore(state: Mapping[str, object] | None, rule: BaselineRule) -> Baseline:
    if state is None:
        return Baseline(rule)
    try:
        return Baseline.from_state(state, rule)
    except ValueError as error:
        log.warning("baseline.unreadable", error=str(error))
        return Baseline(rule)


def _finished(minutes: Sequence[Minute], now: datetime) -> Sequence[Minute]:
    """Leave out the minute that is still running."""
    running = int(now.timestamp()) // 60
    return [minute for minute in minutes if minute.minute < running]


def _watched(exchange: Exchange, market: KnownMarket, rules: Rules, baseline: Baseline) -> Watched:
    facts = market.facts
    watch = MarketWatch(
        rules, baseline, opened_ms=to_ms(facts.open_at), closes_ms=to_ms(facts.close_at)
    )
    return Watched(
        exchange, market.market_id, market.event_id, facts, to_ms(facts.starts_at), watch
    )


def to_ms(moment: datetime | None) -> int | None:
    """Return a moment in Unix milliseconds."""
    return None if moment is None else round(moment.timestamp() * 1_000)
