"""What was noticed in a market and what was said of it."""

from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Numeric, Text, case, cast, func, literal, null, select, union_all
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.db import Alert, AlertMarket, Detection, Market, live
from app.repositories.alerts import public
from app.repositories.keyset import AnyRow, Listed, cut, newest_first
from app.repositories.pages import Rows, Slice

ActivityRow = AnyRow  # the columns of `_detections`
_SEEN = ("alerted", "joined")  # of an outcome; others are only tried out, or not decided yet


async def has_market(session: AsyncSession, market_id: UUID) -> bool:
    """Tell whether there is such a market."""
    query = select(Market.id).where(Market.id == market_id, live(Market))
    return (await session.scalar(query)) is not None


async def list_activity(session: AsyncSession, market_id: UUID, part: Slice) -> Listed[ActivityRow]:
    """List a page of a market's detections and alerts, newest first."""
    rows = union_all(_detections(market_id, part), _alerts(market_id, part)).subquery("activity")
    query: Rows = newest_first(select(rows), rows.c.decided_at, rows.c.id, part)
    found = (await session.execute(query)).all()
    return cut(found, part, lambda row: (row.decided_at, row.id))


def _detections(market_id: UUID, part: Slice) -> Any:
    """Select the detections; each half brings a page at most, so neither is read whole."""
    query: Rows = (
        select(
            literal("detection").label("what"),
            Detection.id.label("id"),
            Detection.decided_at.label("decided_at"),
            Detection.started_at.label("started_at"),
            cast(Detection.kind, Text).label("kind"),
            Detection.alert_id.label("alert_id"),
            cast(null(), DateTime(timezone=True)).label("retracted_at"),
            cast(null(), Text).label("tier"),
            cast(null(), Text).label("reason"),
            Detection.rule.label("rule"),
            Detection.policy.label("policy"),
            Detection.direction.label("direction"),
            Detection.strength.label("strength"),
            Detection.price_before.label("price_before"),
            Detection.price_now.label("price_now"),
            cast(null(), Text).label("template"),
            cast(null(), JSONB).label("numbers"),
        )
        .outerjoin(Alert, Alert.id == Detection.alert_id)
        .where(Detection.market_id == market_id, Detection.outcome.in_(_SEEN))
        .where(~func.coalesce(Alert.is_shadow, False))
    )
    return newest_first(query, Detection.decided_at, Detection.id, part).subquery().select()


def _alerts(market_id: UUID, part: Slice) -> Any:
    change = AlertMarket.price_now - AlertMarket.price_before
    query: Rows = (
        select(
            literal("alert"),
            Alert.id,
            Alert.decided_at,
            Alert.started_at,
            cast(Alert.kind, Text),
            Alert.id,
            Alert.retracted_at,
            cast(Alert.tier, Text),
            cast(Alert.reason, Text),
            cast(null(), Text),
            cast(null(), Text),
            case((change.is_(None), 0), else_=func.sign(change)),
            cast(Alert.strength, Numeric),
            AlertMarket.price_before,
            AlertMarket.price_now,
            Alert.template,
            Alert.numbers,
        )
        .join(AlertMarket, AlertMarket.alert_id == Alert.id)
        .where(AlertMarket.market_id == market_id, public())
    )
    return newest_first(query, Alert.decided_at, Alert.id, part).subquery().select()
