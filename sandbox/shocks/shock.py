"""One shock as the truth tells it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from sandbox.world.eastern import from_us
from sandbox.world.model import Market
from sandbox.world.prices.disturbance import Form
from sandbox.world.units import SECOND


class Kind(StrEnum):
    """Why a price moves."""

    PRIVATE = "private"  # some people know something; it lasts
    NOISE = "noise"  # nobody knows anything; it goes back


class Cause(NamedTuple):
    """A public fact behind a shock."""

    source: str
    source_event_id: str


class Value(NamedTuple):
    """What YES of a market is worth before and after, price units."""

    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Shock:
    """Something that moves prices.

    Attributes:
        id: stable for the same world and the same shocks.
        at_us: when it begins.
        over_us: how long news spreads, or how long noise stands.
        markets: the one it is about, then those it reaches as well.
        sizes: by how much the log-odds of each move; 0 for noise.
        delta: how far the price goes, signed dollars as text; empty: as far as the value does.
        form: how noise looks.
        cause: the facts that explain it; without one it is not public.
        trap: name of the misleading fact beside it.
    """

    id: str
    at_us: int
    kind: Kind
    over_us: int
    markets: tuple[Market, ...]
    sizes: tuple[float, ...]
    delta: str = ""
    form: Form | None = None
    cause: tuple[Cause, ...] = ()
    trap: str | None = None

    def describe(self, values: list[Value]) -> dict[str, object]:
        """Return it as JSON.

        Args:
            values: Of each market, in order.
        """
        first = values[0]
        return {
            "id": self.id,
            "at": from_us(self.at_us).isoformat(),
            "kind": self.kind,
            "form": self.form,
            "public": bool(self.cause),
            "ticker": self.markets[0].ticker,
            "delta": self.delta or dollars(first.after - first.before),
            "seconds": self.over_us // SECOND,
            "markets": [market.ticker for market in self.markets],
            "prices": {
                market.ticker: {"before": dollars(before, 4), "after": dollars(after, 4)}
                for market, (before, after) in zip(self.markets, values, strict=True)
            },
            "cause": [cause._asdict() for cause in self.cause],
            "trap": self.trap,
        }


def dollars(price: int, places: int = 2) -> str:
    """Return price units as dollar text, with more than `places` decimals only where needed."""
    exact = Decimal(price).scaleb(-4)
    short = exact.quantize(Decimal(1).scaleb(-places))
    return str(short if short == exact else exact)
