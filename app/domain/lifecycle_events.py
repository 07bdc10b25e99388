"""Lifecycle events: what an exchange announces about a market or an event."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.types import Exchange, MarketStatus, Price


class Subject(StrEnum):
    """What an announcement is about."""

    MARKET = "market"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class LifecycleEvent:
    """One announcement, as it arrived; a repeat is equal in all but `sent_at` and `received_at`.

    Attributes:
        ext_id: of the market or event (`subject`).
        kind: the exchange's word (`determined`), an open set.
        happened_at: when the exchange says it happened; most kinds say nothing.
        sent_at: when the exchange sent this copy; None = it did not say.
        received_at: our clock.
        payload: all of it, as sent, clean enough to be stored.
        status: what the market is from now on; None = this kind does not say.
        open_at, close_at: planned times, when the kind carries them. Neither is when
            the announcement was made.
        result: of a determined market, in the exchange's word (`yes`).
        settlement_price: what one contract of the first outcome pays, 0..1.
        parent_ext_id: event of a market, series of an event, when the kind says so.
    """

    exchange: Exchange
    subject: Subject
    ext_id: str
    kind: str
    received_at: datetime
    payload: Mapping[str, object]
    happened_at: datetime | None = None
    sent_at: datetime | None = None
    status: MarketStatus | None = None
    open_at: datetime | None = None
    close_at: datetime | None = None
    result: str | None = None
    settlement_price: Price | None = None
    parent_ext_id: str | None = None
