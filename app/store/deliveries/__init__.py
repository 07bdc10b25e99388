"""Deliveries: claimed under a lease, settled in batches, returned when their holder is gone."""

from app.store.deliveries.due import (
    Decision,
    DueDelivery,
    apply_decisions,
    list_recent_pushes,
    lock_due,
)
from app.store.deliveries.lost import expire_late, return_lost
from app.store.deliveries.record import (
    Attempt,
    DeadAddress,
    Settlement,
    disable_devices,
    record,
)
from app.store.deliveries.rules import DeliveryRules, PriorityRule, read_delivery_rules

__all__ = [
    "Attempt",
    "DeadAddress",
    "Decision",
    "DeliveryRules",
    "DueDelivery",
    "PriorityRule",
    "Settlement",
    "apply_decisions",
    "disable_devices",
    "expire_late",
    "list_recent_pushes",
    "lock_due",
    "read_delivery_rules",
    "record",
    "return_lost",
]
