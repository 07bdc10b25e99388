"""A person and how they want to be told, in requests and answers."""

import re
from datetime import time
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    StrictBool,
    WithJsonSchema,
)

from app.api.schemas.base import Instant, Number, Out
from app.api.schemas.inputs import ChangesIn, Line, UsdText
from app.domain.detections import DetectionKind
from app.domain.people import is_timezone

_HOUR_MINUTE = re.compile("([01][0-9]|2[0-3]):[0-5][0-9]")


def _known_timezone(name: str) -> str:
    if not is_timezone(name):
        raise ValueError("must be an IANA time zone, for example America/New_York")
    return name


Zone = Annotated[
    Line,
    Field(max_length=64, examples=["America/New_York"]),
    AfterValidator(_known_timezone),
]


def _to_time(given: object) -> time | None:
    if given is None or isinstance(given, time):
        return given
    if not isinstance(given, str) or _HOUR_MINUTE.fullmatch(given) is None:
        raise ValueError("must be HH:MM, from 00:00 to 23:59")
    return time.fromisoformat(given)


HourMinute = Annotated[
    time,
    BeforeValidator(_to_time),
    PlainSerializer(lambda at: f"{at:%H:%M}"),
    WithJsonSchema(
        {"type": "string", "pattern": f"^{_HOUR_MINUTE.pattern}$", "examples": ["22:30"]}
    ),
]


class UserOut(Out):
    """The person who asks; `timezone` is where their quiet hours are."""

    id: UUID
    display_name: str | None
    timezone: str
    created_at: Instant


class UserIn(ChangesIn):
    """What a person can change about themselves."""

    clearable: ClassVar[frozenset[str]] = frozenset({"display_name"})

    display_name: Annotated[Line, Field(max_length=50)] | None = None
    timezone: Zone | None = None


class PreferencesOut(Out):
    """How a person wants to be told; pushes only, the inbox has everything.

    `quiet_from` and `quiet_to` are local times in the person's zone, null without quiet
    hours; `is_protect_quiet`: news of what they hold keeps quiet too; `is_held_when_quiet`:
    a push waits for the end, else it is dropped; `show_amounts`: dollars may stand on the
    lock screen; `min_impact_usd`: less than this at stake is not pushed to who holds.
    """

    is_push_on: bool
    quiet_from: HourMinute | None
    quiet_to: HourMinute | None
    is_protect_quiet: bool
    is_held_when_quiet: bool
    muted_kinds: list[DetectionKind]
    show_amounts: bool
    min_impact_usd: Number


class PreferencesIn(ChangesIn):
    """What to change of it; quiet hours are switched off by null for both ends."""

    clearable: ClassVar[frozenset[str]] = frozenset({"quiet_from", "quiet_to"})

    is_push_on: StrictBool | None = None
    quiet_from: HourMinute | None = None
    quiet_to: HourMinute | None = None
    is_protect_quiet: StrictBool | None = None
    is_held_when_quiet: StrictBool | None = None
    muted_kinds: Annotated[
        list[DetectionKind] | None,
        Field(max_length=len(DetectionKind)),
        AfterValidator(lambda kinds: None if kinds is None else sorted(set(kinds))),
    ] = None
    show_amounts: StrictBool | None = None
    min_impact_usd: UsdText | None = None
