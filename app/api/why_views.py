"""From rows to the answer to why a person was told something."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.api.alert_views import to_alert_market, to_evidence
from app.api.person_views import to_follow
from app.api.schemas.follows import FollowOut
from app.api.schemas.why import (
    DeliveryOut,
    DetectionOut,
    FigureOut,
    ImpactOut,
    MatchedFollowOut,
    MatchedPositionOut,
    TimingsOut,
    WhyOut,
)
from app.api.texts import texts_of
from app.models.db import Detection, Follow
from app.repositories.alerts import AlertParts, AlertRow
from app.repositories.notifications import NotificationRow
from app.repositories.why import DeliveryRow

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Grounds:
    """All rows that a notification rests on."""

    told: NotificationRow
    alert: AlertRow
    parts: AlertParts
    detections: Sequence[Detection]
    follows: Sequence[Follow]
    deliveries: Sequence[DeliveryRow]


def to_why(grounds: Grounds) -> WhyOut:
    """Show why a person was told."""
    told, alert = grounds.told, grounds.alert
    texts = texts_of(told.template, told.numbers, show_amounts=True)
    impact = ImpactOut(
        usd=told.impact_usd,
        mid_usd=told.impact_mid_usd,
        value_before_usd=told.value_before_usd,
    )
    markets = grounds.parts.markets.get(alert.id, ())
    evidence = grounds.parts.evidence.get(alert.id, ())
    return WhyOut(
        notification_id=told.id,
        alert_id=alert.id,
        tier=alert.tier,
        reason=alert.reason,
        title=texts["title"],
        body=texts["body"],
        retracted_at=alert.retracted_at,
        is_holder=told.is_holder,
        is_follower=bool(told.numbers.get("is_follower")),
        positions=[_to_position(each) for each in told.numbers.get("positions") or ()],
        follows=[_to_follow(follow) for follow in grounds.follows],
        impact=impact,
        detections=[_to_detection(detection) for detection in grounds.detections],
        markets=[to_alert_market(row) for row in markets],
        evidence=[to_evidence(signal) for signal in evidence],
        suppressed_reason=told.suppressed_reason,
        deliveries=[DeliveryOut.model_validate(row) for row in grounds.deliveries],
        timings=_to_timings(grounds),
    )


def _to_position(recorded: Mapping[str, Any]) -> MatchedPositionOut:
    names = {"price_before": "before", "price_now": "now"}
    return MatchedPositionOut.model_validate(
        {name: recorded.get(names.get(name, name)) for name in MatchedPositionOut.model_fields}
    )


def _to_follow(follow: Follow) -> MatchedFollowOut:
    shown: FollowOut = to_follow(follow)
    return MatchedFollowOut(kind=shown.kind, target_id=shown.target_id, push=shown.push)


def _to_detection(detection: Detection) -> DetectionOut:
    stored = {
        name: getattr(detection, name) for name in DetectionOut.model_fields if name != "figures"
    }
    figures = [
        FigureOut(name=name, text=_figure(figure))
        for name, figure in sorted(detection.numbers.items())
    ]
    return DetectionOut.model_validate({**stored, "figures": figures})


def _figure(recorded: object) -> str | None:
    """Write a recorded number, word or yes/no as text."""
    if recorded is None:
        return None
    return str(recorded).lower() if isinstance(recorded, bool) else str(recorded)


def _to_timings(grounds: Grounds) -> TimingsOut:
    told, alert = grounds.told, grounds.alert
    first = (each for each in grounds.detections if each.id == alert.detection_id)
    observed_at = next((each.observed_at for each in first), None)
    accepted = [row.accepted_at for row in grounds.deliveries if row.accepted_at is not None]
    accepted_at = min(accepted, default=None)
    return TimingsOut(
        started_at=alert.started_at,
        observed_at=observed_at,
        decided_at=alert.decided_at,
        worded_at=alert.worded_at,
        notified_at=alert.notified_at,
        created_at=told.created_at,
        accepted_at=accepted_at,
        received_at=told.received_at,
        opened_at=told.opened_at,
        detection_ms=_between(observed_at, alert.decided_at),
        delivery_ms=_between(alert.decided_at, accepted_at),
    )


def _between(begin: datetime | None, end: datetime | None) -> int | None:
    return None if begin is None or end is None else (end - begin) // _MILLISECOND
