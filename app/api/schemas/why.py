"""Why a person was told something, in answers."""

from uuid import UUID

from app.api.schemas.alerts import AlertMarketOut, EvidenceOut
from app.api.schemas.base import Instant, Number, Out, Probability
from app.domain.alerts import AlertReason, Tier
from app.domain.deliveries import DeliveryState
from app.domain.detections import DetectionKind
from app.domain.people import FollowKind, Side
from app.domain.push import DeviceKind


class FigureOut(Out):
    """One of the numbers that made a detection, as it was recorded."""

    name: str
    text: str | None


class DetectionOut(Out):
    """What was noticed, and by which rule in which version.

    `policy` is how the rule treats this kind of market; `strength` the size as a multiple
    of the rule's threshold.
    """

    id: UUID
    market_id: UUID
    kind: DetectionKind
    rule: str
    rule_version: int
    policy: str
    direction: int
    strength: Number
    price_before: Probability | None
    price_now: Probability | None
    started_at: Instant
    observed_at: Instant
    decided_at: Instant
    figures: list[FigureOut]


class MatchedPositionOut(Out):
    """A position that the move concerned, as it was then, with its part of the impact."""

    market_id: UUID
    side: Side
    contracts: Number
    price_before: Probability | None
    price_now: Probability | None
    impact_usd: Number | None
    impact_mid_usd: Number | None


class MatchedFollowOut(Out):
    """Something that the person follows now and the move is part of."""

    kind: FollowKind
    target_id: UUID
    push: bool


class ImpactOut(Out):
    """What the move meant in dollars: at prices they could have sold for, and at mid."""

    usd: Number | None
    mid_usd: Number | None
    value_before_usd: Number | None


class DeliveryOut(Out):
    """How it went to one device; `device_kind` is null when the device is gone."""

    id: UUID
    device_id: UUID
    device_kind: DeviceKind | None
    state: DeliveryState
    reason: str | None
    attempts: int
    is_maybe_duplicate: bool
    created_at: Instant
    due_at: Instant
    expires_at: Instant
    sent_at: Instant | None
    accepted_at: Instant | None


class TimingsOut(Out):
    """When each step was done, and how long the two parts took, in milliseconds.

    `detection_ms`: from the newest price it rests on to the decision; `delivery_ms`: from
    there to the first gateway that took it.
    """

    started_at: Instant
    observed_at: Instant | None
    decided_at: Instant
    worded_at: Instant | None
    notified_at: Instant | None
    created_at: Instant
    accepted_at: Instant | None
    received_at: Instant | None
    opened_at: Instant | None
    detection_ms: int | None
    delivery_ms: int | None


class WhyOut(Out):
    """Why a person was told: built anew from what was recorded, never from stored text.

    `is_holder` and `is_follower` are as they were then. `evidence` is empty for unexplained
    moves: no cause is known.
    """

    notification_id: UUID
    alert_id: UUID
    tier: Tier
    reason: AlertReason
    title: str | None
    body: str | None
    retracted_at: Instant | None
    is_holder: bool
    is_follower: bool
    positions: list[MatchedPositionOut]
    follows: list[MatchedFollowOut]
    impact: ImpactOut
    detections: list[DetectionOut]
    markets: list[AlertMarketOut]
    evidence: list[EvidenceOut]
    suppressed_reason: str | None
    deliveries: list[DeliveryOut]
    timings: TimingsOut
