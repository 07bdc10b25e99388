"""Health and configuration in answers."""

from enum import StrEnum

from app.api.schemas.base import Instant, Out
from app.domain.types import Exchange


class CheckState(StrEnum):
    """How one part of the system is."""

    ON = "on"
    OFF = "off"  # by choice: no key
    UNVERIFIED = "unverified"  # no real payload was ever seen
    FAILING = "failing"


class CheckOut(Out):
    """One part of the system and how it is."""

    name: str
    state: CheckState
    detail: str


class HealthOut(Out):
    """Whether requests can be answered; the checks say why not."""

    ready: bool
    checks: list[CheckOut]


class LiveOut(Out):
    """The process answers."""

    live: bool


class FeedOut(Out):
    """How true what we show of an exchange is; `as_of`: all of it was true then."""

    state: str
    since: Instant
    as_of: Instant | None
    is_stale: bool


class ExchangeOut(Out):
    """An exchange whose markets we show.

    `feed` is how its catalogue reaches us, null until the first sync; `prices` how its
    prices do as they change (`live`, `polling`, `degraded`, `stale`), null until somebody
    follows them.
    """

    exchange: Exchange
    feed: FeedOut | None
    prices: FeedOut | None


class FeaturesOut(Out):
    """Areas of the API that this server has."""

    catalogue: bool
    sports: bool
    traders: bool
    users: bool
    orders: bool
    groups: bool
    notifications: bool
    stream: bool


class LimitsOut(Out):
    """What a client has to keep to."""

    page_default: int
    page_max: int
    search_min_characters: int
    requests_per_minute: int


class ConfigOut(Out):
    """What an app needs to know before it asks for anything."""

    api_version: str
    exchanges: list[ExchangeOut]
    features: FeaturesOut
    limits: LimitsOut
    stale_after_s: int
