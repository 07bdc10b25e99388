"""One person as `/_people` tells them."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.world.units import CONTRACT, DOLLAR


@dataclass(frozen=True, slots=True)
class Device:
    """A phone; `kind` is `fcm_token`, `fcm_fid` or `apns`, the address a gateway's."""

    kind: str
    address: str


@dataclass(frozen=True, slots=True)
class Position:
    """Contracts of one side of a market.

    Attributes:
        ticker: the market.
        side: `yes` or `no`.
        count: count units.
        price: what one of them cost on average, in its own side, price units.
    """

    ticker: str
    side: str
    count: int
    price: int

    def describe(self) -> dict[str, object]:
        """Return it as JSON."""
        return {
            "exchange": "kalshi",
            "market_ext_id": self.ticker,
            "side": self.side,
            "contracts": f"{self.count // CONTRACT}.{self.count % CONTRACT:02d}",
            "average_price": f"{self.price // DOLLAR}.{self.price % DOLLAR:04d}",
        }


@dataclass(frozen=True, slots=True)
class Follow:
    """Interest in a `market`, `event` or `series`."""

    kind: str
    ext_id: str
    push: bool

    def describe(self) -> dict[str, object]:
        """Return it as JSON."""
        return {
            "kind": self.kind,
            "exchange": "kalshi",
            "ext_id": self.ext_id,
            "push": self.push,
        }


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with the app."""

    id: str
    name: str
    timezone: str
    devices: tuple[Device, ...]
    positions: tuple[Position, ...]
    follows: tuple[Follow, ...]
    preferences: dict[str, str]

    def describe(self) -> dict[str, object]:
        """Return them as JSON."""
        return {
            "id": self.id,
            "name": self.name,
            "timezone": self.timezone,
            "devices": [
                {"kind": device.kind, "address": device.address} for device in self.devices
            ],
            "positions": [position.describe() for position in self.positions],
            "follows": [follow.describe() for follow in self.follows],
            "preferences": self.preferences,
        }
