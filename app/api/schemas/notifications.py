"""What a person was told, in requests and answers."""

from uuid import UUID

from app.api.schemas.base import Instant, Number, Out
from app.api.schemas.inputs import In
from app.domain.alerts import AlertReason, Tier
from app.domain.detections import DetectionKind
from app.repositories.notifications import Receipt


class NotificationOut(Out):
    """One alert as one person was told it.

    `impact_usd` is what the move meant for what they held, at prices they could have sold
    for; `impact_mid_usd` at mid prices; null for who only follows. Notifications with the
    same `root_alert_id` are about the same thing. `suppressed_reason` says why none of
    their devices was pushed.
    """

    id: UUID
    alert_id: UUID
    root_alert_id: UUID
    event_id: UUID
    event_title: str | None
    kind: DetectionKind
    tier: Tier
    reason: AlertReason
    title: str | None
    body: str | None
    priority: int
    is_holder: bool
    impact_usd: Number | None
    impact_mid_usd: Number | None
    value_before_usd: Number | None
    created_at: Instant
    retracted_at: Instant | None
    suppressed_reason: str | None
    received_at: Instant | None
    opened_at: Instant | None
    muted_at: Instant | None


class NotificationPage(Out):
    """A person's inbox, newest first; `cursor` asks for older ones, null at the oldest."""

    notifications: list[NotificationOut]
    cursor: str | None


class ReceiptIn(In):
    """What the app reports; `muted` also stops pushes of everything that belongs to it."""

    kind: Receipt


class ReceiptsOut(Out):
    """When each was reported first."""

    received_at: Instant | None
    opened_at: Instant | None
    muted_at: Instant | None
