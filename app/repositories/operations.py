"""What the web process must know of itself: schema, finished syncs, feeds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import column, func, select, table

from app.core.database import SCHEMA, Pool
from app.domain.freshness import Feed
from app.models.db import CronRun, FeedState
from app.repositories.statements import compile_statement, fetch_all, fetch_one

_REVISION = compile_statement(
    select(column("version_num")).select_from(table("alembic_version", schema=SCHEMA))
)
_SYNCS = compile_statement(
    select(CronRun.name, func.max(CronRun.started_at).label("started_at"))
    .where(CronRun.outcome == "done")
    .group_by(CronRun.name)
)
_FEEDS = compile_statement(
    select(
        FeedState.feed,
        FeedState.state,
        FeedState.since,
        FeedState.as_of,
        FeedState.detail["reason"].astext.label("reason"),
    ).order_by(FeedState.feed)
)


@dataclass(frozen=True, slots=True)
class FeedView(Feed):
    """What a feed said last, and why."""

    feed: str
    reason: str | None


async def get_revision(pool: Pool) -> str:
    """Get the version of the schema that the database has."""
    revision: str = (await fetch_one(pool, _REVISION, {}))["version_num"]
    return revision


async def list_finished_runs(pool: Pool) -> Mapping[str, datetime]:
    """List when the newest successful run of each name started."""
    rows = await fetch_all(pool, _SYNCS, {})
    return {row["name"]: row["started_at"] for row in rows}


async def list_feeds(pool: Pool) -> list[FeedView]:
    """List every feed that ever said anything."""
    return [FeedView(**row) for row in await fetch_all(pool, _FEEDS, {})]
