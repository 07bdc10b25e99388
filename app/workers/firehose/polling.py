"""Prices of an exchange whose socket we may not use: asked for, again and again."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from app.core.errors import SourceError
from app.store.held_lease import DATABASE_AWAY, HeldLease
from app.store.watched_markets import list_watched_markets
from app.workers.firehose import asking
from app.workers.firehose.parts import FirehoseParts

log = structlog.get_logger()

_FIRST_TRADES = timedelta(minutes=1)
OnQuotes = Callable[[datetime | None], Awaitable[None]]  # until then all of it is true


async def poll(parts: FirehoseParts, lease: HeldLease, on_quotes: OnQuotes) -> None:
    """Ask for the markets that matter most and for trades, for ever.

    Args:
        on_quotes: told after every round, a failed one too, as of when quotes are true;
            None = none were read yet.

    Raises:
        LeaseLost: another holder takes over.
    """
    as_of: datetime | None = None
    trades_until: datetime | None = None
    while True:
        lease.check()
        began = parts.clock.now()
        try:
            await _ask_quotes(parts)
            as_of = began
            trades_since = trades_until or began - _FIRST_TRADES
            await _ask_trades(parts, trades_since, began)
            trades_until = began
        except (SourceError, *DATABASE_AWAY) as error:
            log.warning("poll.failed", exchange=parts.exchange, error=str(error) or "timeout")
        try:
            await on_quotes(as_of)
        except DATABASE_AWAY as error:
            log.warning("database.unavailable", error=str(error) or "timeout")
        spent_s = (parts.clock.now() - began).total_seconds()
        await parts.clock.sleep(max(parts.settings.kalshi.poll_every_s - spent_s, 0.5))


async def _ask_quotes(parts: FirehoseParts) -> None:
    async with parts.pool.acquire() as conn:
        watched = await list_watched_markets(
            conn, parts.exchange, limit=parts.settings.app.top_markets
        )
    if watched:
        await asking.ask_markets(parts, watched)


async def _ask_trades(parts: FirehoseParts, since: datetime, until: datetime) -> None:
    since = max(since, until - asking.LONG)
    await asking.store_trades(parts, since - asking.MARGIN, until + asking.MARGIN)
