"""What a person watches."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.people import FollowKind, follow_id, pushes_by_default
from app.models.db import Event, Follow, Market, Series, live
from app.repositories.keyset import AnyRow, Listed, cut, newest_first
from app.repositories.pages import Slice

TARGETS: dict[FollowKind, type[Market] | type[Event] | type[Series]] = {
    FollowKind.MARKET: Market,
    FollowKind.EVENT: Event,
    FollowKind.SERIES: Series,
}

FollowRow = AnyRow  # id, kind, target_id, is_push, created_at, exchange, ext_id, title
_SHOWN = (Follow.id, Follow.kind, Follow.target_id, Follow.is_push, Follow.created_at)


async def list_follows(session: AsyncSession, user_id: UUID, part: Slice) -> Listed[FollowRow]:
    """List a page of what a person follows, latest first; named as the catalogue names it."""
    named = {
        name: func.coalesce(*(getattr(target, name) for target in TARGETS.values()))
        for name in ("exchange", "ext_id", "title")
    }
    query = select(*_SHOWN, *(column.label(name) for name, column in named.items()))
    for kind, target in TARGETS.items():
        query = query.outerjoin(target, and_(Follow.kind == kind, target.id == Follow.target_id))
    query = query.where(Follow.user_id == user_id)
    found = await session.execute(newest_first(query, Follow.created_at, Follow.id, part))
    return cut(found.all(), part, lambda row: (row.created_at, row.id))


async def is_there(session: AsyncSession, kind: FollowKind, target_id: UUID) -> bool:
    """Tell whether the catalogue has such a market, event or series."""
    target = TARGETS[kind]
    found = await session.scalar(select(target.id).where(target.id == target_id, live(target)))
    return found is not None


async def count_follows(session: AsyncSession, user_id: UUID) -> int:
    """Count what a person follows."""
    query = select(func.count()).where(Follow.user_id == user_id)
    return (await session.scalar(query)) or 0


async def get_follow(
    session: AsyncSession, user_id: UUID, kind: FollowKind, target_id: UUID
) -> Follow | None:
    """Get one follow."""
    return await session.get(Follow, follow_id(user_id, kind, target_id))


async def put_follow(
    session: AsyncSession,
    user_id: UUID,
    kind: FollowKind,
    target_id: UUID,
    *,
    is_push: bool | None,
    now: datetime,
) -> Follow:
    """Follow something, or change how.

    Args:
        is_push: None keeps what was chosen before; for a new follow it is the kind's default.
    """
    fields = {"user_id": user_id, "kind": kind, "target_id": target_id}
    new = insert(Follow).values(
        id=follow_id(user_id, kind, target_id),
        is_push=pushes_by_default(kind) if is_push is None else is_push,
        created_at=now,
        **fields,
    )
    kept = Follow.is_push if is_push is None else new.excluded.is_push
    query = new.on_conflict_do_update(constraint="follows_one_key", set_={"is_push": kept})
    found = await session.scalars(
        query.returning(Follow), execution_options={"populate_existing": True}
    )
    return found.one()


async def delete_follow(
    session: AsyncSession, user_id: UUID, kind: FollowKind, target_id: UUID
) -> None:
    """Stop following; nothing happens when it was not followed."""
    await session.execute(
        delete(Follow).where(
            Follow.user_id == user_id, Follow.kind == kind, Follow.target_id == target_id
        )
    )
