"""Alerts as everybody may see them: no persons, and nothing that is only tried out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.models.db import Alert, AlertEvidence, AlertMarket, Event, Market, MarketQuote, Signal
from app.repositories.feed_states import (
    freshness_arguments,
    price_as_of,
    price_feeds,
    price_is_stale,
)
from app.repositories.keyset import AnyRow
from app.repositories.pages import Rows

AlertRow = AnyRow  # the columns of `shown`
MarketRow = AnyRow  # of `AlertMarket`, with the market's names and its quote now


@dataclass(frozen=True, slots=True)
class AlertParts:
    """What hangs on alerts, by alert."""

    markets: Mapping[UUID, Sequence[MarketRow]] = field(default_factory=dict)
    evidence: Mapping[UUID, Sequence[Signal]] = field(default_factory=dict)


def public() -> ColumnElement[bool]:
    """Write that an alert is more than a trial; the one place that says so."""
    return ~Alert.is_shadow


def shown() -> Rows:
    """Select what is shown of an alert itself; never its stored text, which is rendered anew.

    Why one was taken back is not: that is an operator's note, or an error's words.
    """
    return select(
        *(Alert.id, Alert.root_alert_id, Alert.replaces_id, Alert.episode_id, Alert.event_id),
        *(Alert.detection_id, Alert.kind, Alert.tier, Alert.reason, Alert.strength),
        *(Alert.started_at, Alert.decided_at, Alert.expires_at, Alert.template, Alert.numbers),
        *(Alert.worded_at, Alert.notified_at, Alert.retracted_at),
        Event.title.label("event_title"),
    ).outerjoin(Event, Event.id == Alert.event_id)


async def get_alert(session: AsyncSession, alert_id: UUID) -> AlertRow | None:
    """Get one alert."""
    query = shown().where(Alert.id == alert_id, public())
    return (await session.execute(query)).one_or_none()


async def list_chain(session: AsyncSession, alert: AlertRow) -> Sequence[AlertRow]:
    """List what was said of the same thing, oldest first: the first alert and what replaced it."""
    query = shown().where(
        Alert.episode_id == alert.episode_id,
        Alert.root_alert_id == alert.root_alert_id,
        public(),
    )
    return (await session.execute(query.order_by(Alert.decided_at, Alert.id))).all()


async def list_recent_alerts(
    session: AsyncSession, *, since: datetime, limit: int
) -> Sequence[AlertRow]:
    """List the newest alerts that have words and still stand: not replaced, not taken back."""
    later = aliased(Alert)
    is_replaced = (
        select(later.id)
        .where(later.episode_id == Alert.episode_id, later.replaces_id == Alert.id)
        .where(~later.is_shadow, later.worded_at.is_not(None))
        .exists()
    )
    stands = (Alert.worded_at.is_not(None), Alert.retracted_at.is_(None), ~is_replaced)
    query = shown().where(Alert.decided_at >= since, public(), *stands)
    order = query.order_by(Alert.decided_at.desc(), Alert.id.desc())
    return (await session.execute(order.limit(limit))).all()


async def get_parts(
    session: AsyncSession, alerts: Collection[UUID], *, now: datetime
) -> AlertParts:
    """Get the markets and the evidence of some alerts, in two statements; their subject first."""
    if not alerts:
        return AlertParts()
    found: dict[UUID, list[MarketRow]] = {}
    for row in await session.execute(_markets(alerts), freshness_arguments(now)):
        found.setdefault(row.alert_id, []).append(row)
    evidence: dict[UUID, list[Signal]] = {}
    for alert_id, signal in await session.execute(_evidence(alerts)):
        evidence.setdefault(alert_id, []).append(signal)
    return AlertParts(found, evidence)


def _markets(alerts: Collection[UUID]) -> Rows:
    feeds = price_feeds()
    as_of = price_as_of(MarketQuote.as_of, feeds)
    rows: Rows = (
        select(
            *(getattr(AlertMarket, column.key) for column in AlertMarket.__table__.columns),
            *(Market.exchange, Market.ext_id, Market.title),
            MarketQuote.last.label("quoted_last"),
            MarketQuote.bid.label("quoted_bid"),
            MarketQuote.ask.label("quoted_ask"),
            as_of.label("quoted_as_of"),
            price_is_stale(as_of, feeds).label("is_quote_stale"),
        )
        .join(Market, Market.id == AlertMarket.market_id)
        .outerjoin(MarketQuote, MarketQuote.market_id == AlertMarket.market_id)
        .outerjoin(feeds, feeds.c.exchange == cast(Market.exchange, Text))
        .where(AlertMarket.alert_id.in_(alerts))
    )
    return rows.order_by(AlertMarket.alert_id, AlertMarket.is_subject.desc(), Market.ext_id)


def _evidence(alerts: Collection[UUID]) -> Rows:
    """Select the signals of alerts, the one that comes first of each first."""
    rows: Rows = (
        select(AlertEvidence.alert_id, Signal)
        .join(Signal, Signal.id == AlertEvidence.signal_id)
        .join(Alert, Alert.id == AlertEvidence.alert_id)
        .where(AlertEvidence.alert_id.in_(alerts))
    )
    is_first = AlertEvidence.signal_id == Alert.evidence_id
    return rows.order_by(AlertEvidence.alert_id, is_first.desc(), Signal.source_at, Signal.id)
