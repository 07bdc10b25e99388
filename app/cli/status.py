"""`alpha status`: what the database holds and how fresh it is."""

import asyncio
import json
import sys
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from app.cli.services import local_services
from app.core.clock import SystemClock
from app.core.config import Settings
from app.core.database import Conn, create_pool
from app.domain.freshness import TICKS_SUFFIX, Feed, standing
from app.store import catalogue_life, cron_runs, feeds, rejects
from app.store.candles import count_candles
from app.store.pipeline_history import count_pipeline, read_outbox


def status(
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Show what the database holds, how fresh it is, and what ran last."""
    with local_services() as settings:
        found = asyncio.run(_read(settings))
    if as_json:
        sys.stdout.write(json.dumps(found, default=str) + "\n")
        return
    table = Table("what", "now", title="Alpha")
    for name, figure in found.items():
        if not isinstance(figure, list | dict):
            table.add_row(name.replace("_", " "), str(figure))
    for tier, count in found["alerts"].items():
        table.add_row(f"alerts {tier}", str(count))
    for feed in found["feeds"]:
        line = f"{feed['state']} since {feed['since']:%H:%M:%S} UTC"
        reason = f" ({feed['reason']})" if feed["reason"] else ""
        table.add_row(f"feed {feed['feed']}", line + reason)
    for run in found["runs"]:
        table.add_row(f"run {run['name']}", f"{run['outcome'] or 'under way'}, {run['started_at']}")
    Console().print(table)


async def _read(settings: Settings) -> dict[str, Any]:
    clock = SystemClock(settings.app.clock_at)
    pool = await create_pool(settings.app.database_url.get_secret_value(), size=1)
    try:
        async with pool.acquire() as conn:
            return await _collect(conn, clock)
    finally:
        await pool.close()


async def _collect(conn: Conn, clock: SystemClock) -> dict[str, Any]:
    counts = await catalogue_life.count_catalogue(conn)
    return {
        "now": clock.now(),
        **{f"{kind}_synced": count for kind, count in counts.items()},
        **await count_candles(conn),
        **await count_pipeline(conn),
        **await read_outbox(conn, now=clock.now()),
        "rejects": await rejects.count_rejects(conn),
        "feeds": [_show_feed(feed, clock.now()) for feed in await feeds.list_feed_states(conn)],
        "runs": await cron_runs.list_latest(conn),
    }


def _show_feed(feed: feeds.FeedState, now: datetime) -> dict[str, Any]:
    """Show a feed as it stands; one of ticks whose writer is gone is stale."""
    said = Feed(feed.state, feed.since, feed.as_of)
    known = standing(said, now=now) if feed.feed.endswith(TICKS_SUFFIX) else said
    return {"feed": feed.feed, "reason": feed.reason, **asdict(known)}
