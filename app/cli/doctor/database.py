"""The database's inside: schema version, misplaced candles, feeds, runs."""

from datetime import timedelta

import asyncpg
from alembic.config import Config
from alembic.script import ScriptDirectory

from app.cli.doctor.findings import Finding, State
from app.cli.migrate import ROOT
from app.core.clock import Clock
from app.core.database import Conn, create_pool
from app.core.errors import OperatorError
from app.domain.feed_report import report_ticks
from app.domain.freshness import Feed, ticks_feed
from app.domain.types import Exchange
from app.store import cron_runs, feeds, partitions, pipeline_history
from app.store.leases import is_held

_SILENT_AFTER = timedelta(minutes=20)
_OVERDUE_S = 60


async def examine_database(url: str, clock: Clock) -> list[Finding]:
    """Look at what a reachable database holds; nothing when it cannot be reached."""
    try:
        pool = await create_pool(url, size=1)
    except OperatorError:
        return []
    try:
        async with pool.acquire() as conn:
            schema = await _schema(conn)
            if schema.state is State.FAILING:
                return [schema]
            return [schema, *await _contents(conn, clock)]
    finally:
        await pool.close()


async def _schema(conn: Conn) -> Finding:
    head = ScriptDirectory.from_config(Config(str(ROOT / "alembic.ini"))).get_current_head()
    try:
        current = await conn.fetchval("SELECT version_num FROM alpha.alembic_version")
    except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
        current = None
    if current != head:
        detail = f"at version {current}, the code needs {head}: run ./alpha migrate."
        return Finding("schema", State.FAILING, detail)
    return Finding("schema", State.ON, f"version {current}")


async def _contents(conn: Conn, clock: Clock) -> list[Finding]:
    misplaced = await partitions.count_default_rows(conn)
    found = [
        Finding("partitions", State.FAILING, f"{misplaced} candles lie outside every partition.")
        if misplaced
        else Finding("partitions", State.ON, "no misplaced candles")
    ]
    known = {feed.feed: feed for feed in await feeds.list_feed_states(conn)}
    found.append(_ticks(known.pop(ticks_feed(Exchange.KALSHI), None), clock))
    found.append(await _pipeline(conn, clock))
    for feed in known.values():
        age = clock.now() - feed.as_of if feed.as_of else None
        is_silent = age is None or age > _SILENT_AFTER or feed.state == "stale"
        detail = f"{feed.state} since {feed.since:%F %T} UTC"
        detail += f", true {age.total_seconds():.0f} s ago" if age else ", never complete"
        found.append(Finding(f"feed {feed.feed}", _state(is_silent), detail))
    for run in await cron_runs.list_latest(conn):
        if run["outcome"] == "failed":
            found.append(Finding(f"run {run['name']}", State.FAILING, f"failed: {run['error']}"))
    return found


async def _pipeline(conn: Conn, clock: Clock) -> Finding:
    """Say whether somebody watches the markets, and whether pushes leave."""
    outbox = await pipeline_history.read_outbox(conn, now=clock.now())
    waiting = f"{outbox['pushes_due']} pushes due, the oldest for {outbox['oldest_due_s']:.0f} s"
    is_stuck = outbox["oldest_due_s"] > _OVERDUE_S
    if await is_held(conn, "market_monitor"):
        detail = f"{waiting}: see its log." if is_stuck else waiting
        return Finding("pipeline", _state(is_stuck), detail)
    detail = f"nobody watches the markets, {waiting}: start alpha pipeline."
    return Finding("pipeline", State.FAILING if is_stuck else State.OFF, detail)


def _ticks(feed: feeds.FeedState | None, clock: Clock) -> Finding:
    """Say how Kalshi's prices arrive."""
    said = Feed(feed.state, feed.since, feed.as_of) if feed else None
    report = report_ticks(said, feed.reason if feed else None, now=clock.now())
    return Finding("kalshi ticks", State(report.state), report.detail)


def _state(is_failing: bool) -> State:
    return State.FAILING if is_failing else State.ON
