"""People: what they hold and watch, where they live, and the ids of all that."""

from enum import StrEnum
from functools import cache
from uuid import UUID, uuid5
from zoneinfo import available_timezones

from app.domain.ids import NAMESPACE
from app.domain.push import DeviceKind

_NO_PLACES = frozenset({"Factory", "localtime"})  # what they mean, each machine says anew


class Side(StrEnum):
    """Which outcome of a market a position is in."""

    YES = "yes"  # the first one
    NO = "no"  # against it


class FollowKind(StrEnum):
    """What a follow is of; one of an event or series is one of its markets."""

    MARKET = "market"
    EVENT = "event"
    SERIES = "series"


def pushes_by_default(kind: FollowKind) -> bool:
    """Tell whether a follow pushes unless the person says otherwise; the inbox has it anyway."""
    return kind is FollowKind.MARKET


def position_id(user_id: UUID, market_id: UUID, side: Side) -> UUID:
    """Return the id of what a person holds of one side of a market."""
    return uuid5(NAMESPACE, f"position:{user_id}:{market_id}:{side}")


def follow_id(user_id: UUID, kind: FollowKind, target_id: UUID) -> UUID:
    """Return the id of a person's follow."""
    return uuid5(NAMESPACE, f"follow:{user_id}:{kind}:{target_id}")


def device_id(user_id: UUID, kind: DeviceKind, address: str) -> UUID:
    """Return the id of a device; in another person's hands the same phone has another one.

    So nothing that is on its way to who had it before can reach who has it now.
    """
    return uuid5(NAMESPACE, f"device:{user_id}:{kind}:{address}")


def is_timezone(name: str) -> bool:
    """Tell whether a name is one of the IANA time zones, as they spell it."""
    return name in _timezones()


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones()) - _NO_PLACES
