"""Detections: one market changed materially, with the numbers that made it so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID, uuid5

from app.domain.ids import NAMESPACE
from app.domain.types import EventId, MarketId, Price

Numbers = Mapping[str, str | int | bool | None]  # decimals as text


class DetectionKind(StrEnum):
    """What sort of change it is."""

    LINE_MOVE = "line_move"
    VOLUME_SPIKE = "volume_spike"
    WHALE = "whale"
    SIGNAL = "signal"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a detector found in one market, before anybody knows whose business it is.

    Attributes:
        started_ms, observed_ms: when the change began, and the newest frame it rests on
            (the exchange's time, Unix milliseconds).
        direction: 1 when the first outcome became likelier, -1 when less likely, 0 when the
            price says neither.
        strength: size as a multiple of the rule's threshold, at least 1.
        before, now: the market's prices where it came from, and where it is.
        before_ms: when `before` held last; a gradual move begins a little later.
        numbers: everything that made it a finding, for the record.
    """

    kind: DetectionKind
    rule: str
    rule_version: int
    policy: str
    started_ms: int
    observed_ms: int
    direction: int
    strength: Decimal
    before: "Prices"
    before_ms: int
    now: "Prices"
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class Prices:
    """A market's prices at one moment, of its first outcome; None = nobody offers.

    Attributes:
        mark: what the outcome is worth: the mid of a narrow spread, else the last trade.
    """

    mark: Price | None
    bid: Price | None = None
    ask: Price | None = None


@dataclass(frozen=True, slots=True)
class MarketChange:
    """One market that a detection covers, at the two moments of the finding.

    Attributes:
        as_of: when the newest of its prices was true.
        is_wide: the spread is too wide for the mid to mean much.
        is_stale: the prices may be old.
    """

    market_id: MarketId
    before: Prices
    now: Prices
    as_of: datetime
    is_wide: bool = False
    is_stale: bool = False


@dataclass(frozen=True, slots=True)
class Detection:
    """A finding with its place: market, event, and what moved along with it.

    Attributes:
        decided_at: our clock when it was decided.
        markets: the subject first, then other markets of the event that moved with it.
    """

    finding: Finding
    market_id: MarketId
    event_id: EventId
    decided_at: datetime
    started_at: datetime
    observed_at: datetime
    markets: tuple[MarketChange, ...]
    dedupe_key: str

    @property
    def id(self) -> UUID:
        """Our id, the same at every replay."""
        return uuid5(NAMESPACE, f"detection:{self.dedupe_key}")
