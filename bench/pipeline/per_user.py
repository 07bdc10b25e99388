"""The peers: one person after the other, as most backends tell people.

Each reads what somebody holds, wants and carries, computes the impact in Python, inserts the
notification and a delivery for each device, and commits. They look at no follows and at nothing
that was said before, so they do less than ours.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core.database import SCHEMA, Conn
from app.models.db import Delivery, Device, Notification, NotificationPreferences, Position
from bench.pipeline.one_person import (
    Telling,
    delivery_of,
    impact_of,
    notification_of,
    why_not,
)

_PRIORITY = 2


async def read_telling(conn: Conn, alert_id: UUID, now: datetime) -> Telling:
    """Read what is the same for everybody."""
    (alert,) = await conn.fetch(
        "SELECT *, kind::text AS kind_text FROM alpha.alerts WHERE id = $1", alert_id
    )
    markets = await conn.fetch("SELECT * FROM alpha.alert_markets WHERE alert_id = $1", alert_id)
    body = await conn.fetchval(
        "SELECT body FROM alpha.rules WHERE name = $1", f"priority:{_PRIORITY}"
    )
    expires_at = alert["decided_at"] + timedelta(seconds=float(body["deadline_s"]))
    return Telling(alert, {row["market_id"]: row for row in markets}, _PRIORITY, expires_at, now)


async def list_holders(conn: Conn, telling: Telling) -> list[UUID]:
    """List everybody who holds a market of the alert, in one order."""
    rows = await conn.fetch(
        "SELECT DISTINCT user_id FROM alpha.positions WHERE market_id = ANY($1) ORDER BY user_id",
        list(telling.markets),
    )
    return [row["user_id"] for row in rows]


async def tell_by_statements(conn: Conn, telling: Telling, user_id: UUID) -> None:
    """Tell one person by asyncpg's statements, in a transaction of their own."""
    async with conn.transaction():
        held = await conn.fetch(
            "SELECT market_id, side::text, contracts FROM alpha.positions"
            " WHERE user_id = $1 AND market_id = ANY($2) ORDER BY market_id, side",
            user_id,
            list(telling.markets),
        )
        wanted = await conn.fetchrow(
            "SELECT * FROM alpha.notification_preferences WHERE user_id = $1", user_id
        )
        devices = await conn.fetch(
            "SELECT id FROM alpha.devices WHERE user_id = $1 AND disabled_at IS NULL", user_id
        )
        impact = impact_of(held, telling.markets)
        reason = why_not(telling, wanted, devices, impact)
        notification = notification_of(telling, user_id, impact, reason)
        await _insert(conn, "notifications", notification)
        for device in devices if reason is None else ():
            await _insert(conn, "deliveries", delivery_of(notification, device["id"]))


async def tell_by_orm(engine: AsyncEngine, telling: Telling, user_id: UUID) -> None:
    """Tell one person by SQLAlchemy's ORM, in a session of their own."""
    async with AsyncSession(engine) as session, session.begin():
        held = await session.execute(
            select(Position.market_id, Position.side, Position.contracts)
            .where(Position.user_id == user_id, Position.market_id.in_(telling.markets))
            .order_by(Position.market_id, Position.side)
        )
        wanted = await session.execute(
            select(*NotificationPreferences.__table__.columns).where(
                NotificationPreferences.user_id == user_id
            )
        )
        devices = await session.execute(
            select(Device.id).where(Device.user_id == user_id, Device.disabled_at.is_(None))
        )
        carried = devices.mappings().all()
        impact = impact_of(held.mappings().all(), telling.markets)
        reason = why_not(telling, wanted.mappings().one_or_none(), carried, impact)
        notification = notification_of(telling, user_id, impact, reason)
        session.add(Notification(**notification))
        await session.flush()
        for device in carried if reason is None else ():
            session.add(Delivery(**delivery_of(notification, device["id"])))


async def _insert(conn: Conn, table: str, row: Mapping[str, Any]) -> None:
    marks = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await conn.execute(
        f"INSERT INTO {SCHEMA}.{table} ({', '.join(row)}) VALUES ({marks})", *row.values()
    )
