"""Alerts: what we say of an episode at one moment, in one of two tiers that cannot be mixed up."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.detections import Detection
from app.domain.signals import Signal, explains


class Tier(StrEnum):
    """How sure we are of the cause."""

    CONFIRMED = "confirmed"  # a verifiable source said so first
    UNEXPLAINED = "unexplained"  # none did, and we do not hint at one


class AlertReason(StrEnum):
    """Why an alert was made, in the chain of its episode."""

    NEW = "new"
    UPDATE = "update"  # worse, or more markets
    FOLLOW_UP = "follow_up"  # a cause was found
    CORRECTION = "correction"  # a cause was taken back


@dataclass(frozen=True, slots=True)
class Evidence:
    """A signal that can stand as the cause of a move."""

    signal: Signal

    def __post_init__(self) -> None:
        """Refuse what never explains.

        Raises:
            ValueError: signals of this kind are no evidence.
        """
        if not explains(self.signal.kind):
            raise ValueError(f"a {self.signal.kind} is no evidence")


@dataclass(frozen=True, slots=True)
class ConfirmedAlert:
    """A change whose cause a source told: `evidence` first, `also` what fits as well."""

    detection: Detection
    evidence: Evidence
    also: tuple[Evidence, ...] = ()

    tier = Tier.CONFIRMED


@dataclass(frozen=True, slots=True)
class UnexplainedAlert:
    """A change without a known cause; there is no field that could hold one."""

    detection: Detection

    tier = Tier.UNEXPLAINED


Alert = ConfirmedAlert | UnexplainedAlert
