"""Devices in requests and answers; what addresses them is taken, and never given back."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StrictStr

from app.api.schemas.base import Instant, Out
from app.api.schemas.inputs import In, Line
from app.domain.push import DeviceKind

_ADDRESS = r"^[A-Za-z0-9_:%.~=/+-]+$"
_MAX_ADDRESS = 2_000  # characters; a key of PostgreSQL's index holds 2,704 bytes


class DeviceIn(In):
    """A device that wants pushes: its address at the gateway that `kind` names."""

    kind: DeviceKind
    address: Annotated[
        StrictStr,
        Field(min_length=16, max_length=_MAX_ADDRESS, pattern=_ADDRESS, description="secret"),
    ]
    app_version: Annotated[Line, Field(max_length=40, examples=["1.4.0"])] | None = None


class DeviceOut(Out):
    """A device of a person; `address_end` is the end of its address, to tell them apart.

    One that is not `is_enabled` gets no pushes (`disabled_reason`) until it registers again.
    """

    id: UUID
    kind: DeviceKind
    address_end: str
    app_version: str | None
    registered_at: Instant
    last_seen_at: Instant
    is_enabled: bool
    disabled_reason: str | None


class DevicesOut(Out):
    """A person's devices, latest registered first."""

    devices: list[DeviceOut]
