"""Alerts in answers: what we say of a move, how sure we are, and what it rests on."""

from enum import StrEnum
from uuid import UUID

from app.api.schemas.base import Instant, Number, Out, Probability
from app.domain.alerts import AlertReason, Tier
from app.domain.detections import DetectionKind
from app.domain.signals import SignalKind
from app.domain.types import Exchange


class EvidenceOut(Out):
    """A fact that explains a move: who said it, where, and when (`source_at`).

    `fact` is its content in short; `observed_at` is when we read it.
    """

    signal_id: UUID
    kind: SignalKind
    source: str
    source_url: str | None
    source_at: Instant
    observed_at: Instant
    fact: str


class AlertMarketOut(Out):
    """A market that an alert covers: its prices before the move, when it was said, and now.

    All are of the first outcome; `*_american` are odds. `is_subject`: the market that moved
    first. `as_of`, `is_wide` (few offers, so rough) and `is_stale` are of the prices then;
    `quoted_*` are the prices now.
    """

    market_id: UUID
    exchange: Exchange
    ext_id: str
    title: str
    is_subject: bool
    price_before: Probability | None
    price_before_american: int | None
    bid_before: Probability | None
    ask_before: Probability | None
    price_now: Probability | None
    price_now_american: int | None
    bid: Probability | None
    ask: Probability | None
    as_of: Instant
    is_wide: bool
    is_stale: bool
    quoted_last: Probability | None
    quoted_bid: Probability | None
    quoted_ask: Probability | None
    quoted_as_of: Instant | None
    is_quote_stale: bool


class AlertLinkOut(Out):
    """One alert in the chain of what was said of the same thing."""

    id: UUID
    reason: AlertReason
    tier: Tier
    title: str | None
    decided_at: Instant
    retracted_at: Instant | None


class AlertOut(Out):
    """What we say of a move at one moment.

    `confirmed` has evidence, `unexplained` never any. `reason` tells whether it is new or
    follows `replaces_id`. `strength` is the size of the move as a multiple of what would
    just have counted. Title and body are null until it is worded.
    """

    id: UUID
    root_alert_id: UUID
    replaces_id: UUID | None
    event_id: UUID
    event_title: str | None
    kind: DetectionKind
    tier: Tier
    reason: AlertReason
    title: str | None
    body: str | None
    strength: Number
    started_at: Instant
    decided_at: Instant
    expires_at: Instant
    retracted_at: Instant | None
    markets: list[AlertMarketOut]
    evidence: list[EvidenceOut]


class AlertDetail(AlertOut):
    """An alert with its chain, oldest first, itself included."""

    chain: list[AlertLinkOut]


class ActivityKind(StrEnum):
    """What an entry of a market's activity is."""

    DETECTION = "detection"  # something was noticed
    ALERT = "alert"  # something was said


class ActivityOut(Out):
    """Something noticed in a market, or said of it.

    `alert_id` is the alert itself, or the one that a detection led to. Tier, reason, title
    and body are null for detections, rule and policy for alerts. `retracted_at`: when an
    alert was taken back, null while it stands. `direction`: 1 when the first outcome became
    likelier, -1 less likely, 0 neither.
    """

    what: ActivityKind
    id: UUID
    decided_at: Instant
    started_at: Instant
    kind: DetectionKind
    alert_id: UUID | None
    retracted_at: Instant | None
    tier: Tier | None
    reason: AlertReason | None
    title: str | None
    body: str | None
    rule: str | None
    policy: str | None
    direction: int
    strength: Number
    price_before: Probability | None
    price_before_american: int | None
    price_now: Probability | None
    price_now_american: int | None


class ActivityPage(Out):
    """A market's activity, newest first; `cursor` asks for older entries, null at the oldest."""

    market_id: UUID
    activity: list[ActivityOut]
    cursor: str | None
