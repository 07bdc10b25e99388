"""How a person wants to be told."""

from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.db import NotificationPreferences


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a person chose; these are the defaults, the schema's own.

    Attributes:
        quiet_from, quiet_to: local times in the person's zone; both or neither.
        is_protect_quiet: whether news of what they hold waits for the morning too.
        is_held_when_quiet: whether a push waits, or is dropped.
        muted_kinds: kinds of detections that are never pushed.
        show_amounts: whether a push may show dollars on a locked screen.
        min_impact_usd: less than this is not pushed to a holder.
    """

    is_push_on: bool = True
    quiet_from: time | None = None
    quiet_to: time | None = None
    is_protect_quiet: bool = False
    is_held_when_quiet: bool = True
    muted_kinds: tuple[str, ...] = ()
    show_amounts: bool = False
    min_impact_usd: Decimal = Decimal(0)


_FIELDS = tuple(Preferences.__slots__)


async def get_preferences(session: AsyncSession, user_id: UUID) -> Preferences:
    """Get what a person chose, the defaults when nothing."""
    columns = [getattr(NotificationPreferences, name) for name in _FIELDS]
    query = select(*columns).where(NotificationPreferences.user_id == user_id)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return Preferences()
    return Preferences(**{**row._mapping, "muted_kinds": tuple(row.muted_kinds)})


async def put_preferences(
    session: AsyncSession, user_id: UUID, chosen: Preferences, *, now: datetime
) -> None:
    """Keep what a person chose: all of it, since PostgreSQL checks the row that it would insert."""
    fields = {**{name: getattr(chosen, name) for name in _FIELDS}, "updated_at": now}
    query = insert(NotificationPreferences).values(user_id=user_id, **fields)
    await session.execute(query.on_conflict_do_update(index_elements=["user_id"], set_=fields))
