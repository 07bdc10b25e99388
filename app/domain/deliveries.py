"""Deliveries: one notification on its way to one device."""

from enum import StrEnum


class DeliveryState(StrEnum):
    """How far a delivery has come."""

    PENDING = "pending"
    SENDING = "sending"  # somebody holds its lease
    ACCEPTED = "accepted"  # the gateway took it
    RETRY = "retry"  # it was not taken; again when due
    DEAD = "dead"  # it never will be
    EXPIRED = "expired"  # too late to be worth a push
    SUPPRESSED = "suppressed"  # on purpose; `reason` says why
    UNKNOWN = "unknown"  # sent twice, and twice there was no answer
