"""Lets shocks happen in the books and remembers them."""

from __future__ import annotations

from bisect import bisect_left, insort

from sandbox.shocks.shock import Kind, Shock, Value, dollars
from sandbox.world.model import Market
from sandbox.world.noise import uuid_of
from sandbox.world.prices import BookPrices
from sandbox.world.prices.disturbance import Disturbance
from sandbox.world.prices.latent import chance_of, log_odds
from sandbox.world.ripples import ripples
from sandbox.world.units import DOLLAR


class Stage:
    """Every shock asked for or planned, in the order it was asked for.

    Attributes:
        shocks: those that happened and those that will.
    """

    def __init__(self, prices: BookPrices) -> None:
        """Play in these books."""
        self._prices = prices
        self.shocks: list[Shock] = []
        self._times: dict[str, list[int]] = {}

    def play_private(
        self, market: Market, at_us: int, size: int, over_us: int, delta: str = ""
    ) -> Shock | None:
        """Let some people know that a market is worth more or less, not before now.

        Args:
            market: Which market; the others of its event follow.
            at_us: When it begins to spread.
            size: Signed price units.
            over_us: How long it spreads.
            delta: The size as it was asked for.

        Returns:
            None when the value cannot move that way any more.
        """
        found = ripples(market, at_us, size, lambda other: self.fair(other, at_us))
        if not found:
            return None
        jumps = [self._prices.shock(ripple.market, at_us, ripple.size, over_us) for ripple in found]
        return self._note(
            Shock(
                id=self._id(Kind.PRIVATE, market, jumps[0].at_us),
                at_us=jumps[0].at_us,
                kind=Kind.PRIVATE,
                over_us=over_us,
                markets=tuple(ripple.market for ripple in found),
                sizes=tuple(jump.size for jump in jumps),
                delta=delta if found[0].size == size else "",
            )
        )

    def play_noise(self, market: Market, disturbance: Disturbance, delta: str = "") -> Shock:
        """Disturb the book of one market, not before now.

        Args:
            market: Which market.
            disturbance: What happens to its book.
            delta: The size as it was asked for.
        """
        disturbance = self._prices.disturb(market, disturbance)
        return self._note(
            Shock(
                id=self._id(Kind.NOISE, market, disturbance.at_us),
                at_us=disturbance.at_us,
                kind=Kind.NOISE,
                over_us=disturbance.over_us,
                markets=(market,),
                sizes=(0.0,),
                delta=delta or dollars(disturbance.size),
                form=disturbance.form,
            )
        )

    def fair(self, market: Market, at_us: int) -> float:
        """Return what YES is worth at a time, 0 to 1, with all shocks known by now."""
        return self._prices.fair(market, at_us)

    def values(self, shock: Shock) -> list[Value]:
        """Return what each market of a shock is worth right before and because of it."""
        found = []
        for market, size in zip(shock.markets, shock.sizes, strict=True):
            before = self.fair(market, shock.at_us - 1)
            after = chance_of(log_odds(before) + size) if size else before
            found.append(Value(round(before * DOLLAR), round(after * DOLLAR)))
        return found

    def count(self, event_ticker: str) -> int:
        """Return how many shocks an event has had or will have."""
        return len(self._times.get(event_ticker, ()))

    def gap_us(self, event_ticker: str, at_us: int) -> int | None:
        """Return how far the nearest shock of an event is from a time, None without any."""
        times = self._times.get(event_ticker)
        if not times:
            return None
        place = bisect_left(times, at_us)
        return min(abs(time - at_us) for time in times[max(place - 1, 0) : place + 1])

    def _id(self, kind: Kind, market: Market, at_us: int) -> str:
        return uuid_of("shock", kind, market.ticker, at_us, len(self.shocks))

    def _note(self, shock: Shock) -> Shock:
        self.shocks.append(shock)
        insort(self._times.setdefault(shock.markets[0].event.ticker, []), shock.at_us)
        return shock
