"""People as the sandbox tells them (`/_people`): who `alpha seed-demo` creates."""

from datetime import time
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from app.domain.detections import DetectionKind
from app.domain.people import FollowKind, Side
from app.domain.push import DeviceKind
from app.domain.types import Exchange, Price, parse_decimal, to_price

Contracts = Annotated[Decimal, BeforeValidator(parse_decimal), Field(gt=0)]
Paid = Annotated[Price, BeforeValidator(to_price)]


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class DemoDevice(_Told):
    """A phone."""

    kind: DeviceKind
    address: str


class DemoPosition(_Told):
    """Contracts of one side of a market; the price is of that side."""

    exchange: Exchange
    market_ext_id: str
    side: Side
    contracts: Contracts
    average_price: Paid


class DemoFollow(_Told):
    """Interest in a market, an event or a series."""

    kind: FollowKind
    exchange: Exchange
    ext_id: str
    push: bool


class DemoPreferences(_Told):
    """What somebody chose; the rest is as by default."""

    is_push_on: bool = True
    quiet_from: time | None = None
    quiet_to: time | None = None
    is_protect_quiet: bool = False
    is_held_when_quiet: bool = True
    muted_kinds: tuple[DetectionKind, ...] = ()
    show_amounts: bool = False
    min_impact_usd: Annotated[Decimal, BeforeValidator(parse_decimal)] = Field(
        default=Decimal(0), ge=0
    )


class DemoPerson(_Told):
    """Somebody with the app."""

    id: UUID
    name: str
    timezone: str
    devices: tuple[DemoDevice, ...] = ()
    positions: tuple[DemoPosition, ...] = ()
    follows: tuple[DemoFollow, ...] = ()
    preferences: DemoPreferences = DemoPreferences()


class DemoPage(_Told):
    """A page of them; `after` is empty on the last one."""

    people: tuple[DemoPerson, ...]
    after: str = ""
