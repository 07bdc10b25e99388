"""Caps: how many pushes of a class one person gets in an hour, in a day, of one market."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Cap(StrEnum):
    """Which cap is reached; also the reason of the suppression."""

    MARKET = "cap_market"
    HOUR = "cap_hour"
    DAY = "cap_day"


@dataclass(frozen=True, slots=True)
class CapRule:
    """The caps of one class of pushes; None = there is none.

    Attributes:
        per_market: how long a market is silent after a push about it.
    """

    per_hour: int | None = None
    per_day: int | None = None
    per_market: timedelta | None = None

    @property
    def are_any(self) -> bool:
        """Whether there is a cap at all."""
        return any(cap is not None for cap in (self.per_hour, self.per_day, self.per_market))


@dataclass(frozen=True, slots=True)
class Push:
    """A notification that reached, or is on its way to, one of a person's devices.

    Attributes:
        market_id: the market that its alert is about.
        at: when the last of the devices got it.
    """

    notification_id: UUID
    priority: int
    market_id: UUID
    at: datetime


def reached_cap(
    rule: CapRule, push: Push, sent: Iterable[Push], *, is_worse: bool = False
) -> Cap | None:
    """Say which cap keeps a push from being sent at `push.at`; None when it may be.

    Args:
        sent: what the person got in the last day. A push to their second device is the same
            notification and counts once.
        is_worse: it tells that what was said before got worse, which a silent market allows.
    """
    others = [one for one in sent if one.notification_id != push.notification_id]
    same_class = [one for one in others if one.priority == push.priority]
    if rule.per_hour is not None and _count(same_class, push.at - HOUR) >= rule.per_hour:
        return Cap.HOUR
    if rule.per_day is not None and _count(same_class, push.at - DAY) >= rule.per_day:
        return Cap.DAY
    if rule.per_market is None or is_worse:
        return None
    since = push.at - rule.per_market
    told = [one for one in others if one.priority <= push.priority and one.at > since]
    return Cap.MARKET if any(one.market_id == push.market_id for one in told) else None


def _count(pushes: Iterable[Push], since: datetime) -> int:
    return len({one.notification_id for one in pushes if one.at > since})
