"""Persons as requests see and change them; every statement names whose row it is."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.db import User


async def see_user(session: AsyncSession, user_id: UUID, *, now: datetime) -> User:
    """Get a person, written down at first sight.

    Their row stays locked until the request ends, so a person's changes come one by one.
    """
    seen = insert(User).values(id=user_id, created_at=now, last_seen_at=now)
    query = seen.on_conflict_do_update(index_elements=[User.id], set_={"last_seen_at": now})
    found = await session.scalars(
        query.returning(User), execution_options={"populate_existing": True}
    )
    return found.one()


async def update_user(session: AsyncSession, user_id: UUID, changes: Mapping[str, object]) -> User:
    """Change columns of a person that is written down."""
    query = update(User).where(User.id == user_id).values(**changes).returning(User)
    found = await session.scalars(query, execution_options={"populate_existing": True})
    return found.one()
