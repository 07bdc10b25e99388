"""Prices of all markets out of their matching books."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sandbox.world.model import Market
from sandbox.world.prices.arrivals import USUAL, Pace
from sandbox.world.prices.bars import record_candles
from sandbox.world.prices.candles import Candle, open_interest_of
from sandbox.world.prices.disturbance import Disturbance
from sandbox.world.prices.following import Following
from sandbox.world.prices.latent import Jump, Latent
from sandbox.world.prices.live import Change
from sandbox.world.prices.matching import NO, YES, Fill, Order
from sandbox.world.prices.simulation import Happening, Simulation
from sandbox.world.prices.source import Book, Snapshot
from sandbox.world.prices.tape import Trade
from sandbox.world.units import DAY
from sandbox.world.world import World


class BookPrices:
    """A `PriceSource` and `LivePrices` in which every price comes from a match.

    A market is played from its opening when it is first asked for. Its path depends on the seed,
    the market and the time alone; orders from outside bend it until the sandbox restarts or the
    clock goes back, shocks until it restarts.
    """

    def __init__(self, world: World, pace: Pace = USUAL) -> None:
        """Make the prices of a world, as soon as somebody asks."""
        self._world, self._pace = world, pace
        self._running: dict[str, Simulation] = {}
        self._shocks: dict[str, tuple[Happening, ...]] = {}
        self._latents: dict[str, Latent] = {}  # of the markets somebody asked the truth of
        self._following = Following(world, self._simulation)

    def _simulation(self, market: Market) -> Simulation:
        """Return the simulation of a market wherever it stands."""
        found = self._running.get(market.ticker)
        if found is None:
            if len(self._running) > len(self._world.markets):
                self._prune()
            found = self._begin(market)
        return found

    def _begin(self, market: Market) -> Simulation:
        shocks = self._shocks.get(market.ticker, ())
        begun = self._running[market.ticker] = Simulation(market, shocks, self._pace)
        return begun

    def _prune(self) -> None:
        """Drop the markets that the world has forgotten."""
        markets = self._world.markets
        self._running = {t: found for t, found in self._running.items() if t in markets}
        self._latents = {
            t: found for t, found in self._latents.items() if t in markets or t in self._shocks
        }

    def _until(self, market: Market, at_us: int) -> Simulation:
        """Return the simulation of a market, played to a time or beyond."""
        found = self._simulation(market)
        if found.due_us <= at_us:
            found.run(at_us)
        return found

    def _exactly(self, market: Market, at_us: int) -> Simulation:
        """Return the simulation of a market at a time, anew when it is beyond that."""
        found = self._until(market, at_us)
        if found.last_us > at_us:
            found = self._begin(market)
            found.run(at_us)
        return found

    def snapshot(self, market: Market, now_us: int) -> Snapshot:
        """Return what a market row says about trading."""
        record = self._until(market, now_us).record
        trades = record.count(now_us)
        volume = record.volume(trades)
        day_us = now_us - DAY
        before = record.count(day_us)
        was_open = day_us > market.event.open_us
        return Snapshot(
            quote=record.quote(now_us),
            last=record.last(trades),
            volume=volume,
            volume_24h=volume - record.volume(before),
            open_interest=open_interest_of(market, volume),
            previous=record.quote(day_us) if was_open else None,
            previous_last=record.last(before) if was_open else None,
        )

    def book(self, market: Market, now_us: int, depth: int) -> Book:
        """Return the order book, all levels for depth 0."""
        book = self._exactly(market, now_us).book
        return Book(book.levels(YES, depth), book.levels(NO, depth))

    def count(self, market: Market, now_us: int) -> int:
        """Return how many trades there were until now."""
        return self._until(market, now_us).record.count(now_us)

    def trade_us(self, market: Market, number: int) -> int:
        """Return when one trade happened."""
        return self._simulation(market).record.times[number]

    def trade(self, market: Market, number: int) -> Trade:
        """Return one trade by its number, 0 is the first; `count` says which there are."""
        return self._simulation(market).record.trade(market, number)

    def candles(
        self, market: Market, start_us: int, end_us: int, period_us: int
    ) -> Iterator[Candle]:
        """Yield the candles that end between two times."""
        record = self._until(market, end_us).record
        return record_candles(market, record, start_us, end_us, period_us)

    def last_before(self, market: Market, at_us: int) -> int | None:
        """Return the last traded price before a time."""
        record = self._until(market, at_us).record
        return record.last(record.count(at_us))

    def follow(self, until_us: int) -> Sequence[Change]:
        """Go on to a time; see `LivePrices.follow`. A changed book is a changed best offer."""
        return self._following.follow(until_us)

    @property
    def is_warm(self) -> bool:
        """Whether `follow` has caught up with every market's history."""
        return self._following.is_warm

    def submit(self, market: Market, order: Order) -> list[Fill]:
        """Match an order from outside now; the remainder waits in the book.

        Raises:
            ValueError: the market does not trade, or the price is not on its grid.
        """
        now_us = self._world.now_us
        fills = self._exactly(market, now_us).submit(now_us, order)
        self._following.wake(market.ticker, now_us)
        return fills

    def cancel(self, market: Market, order: Order) -> bool:
        """Take back an order from outside; False when nothing of it waits any more."""
        now_us = self._world.now_us
        found = self._exactly(market, now_us).cancel(now_us, order)
        self._following.wake(market.ticker, now_us)
        return found

    def fair(self, market: Market, at_us: int) -> float:
        """Return the fair value of YES at any time, 0 to 1: the truth, never a price."""
        return self._latent(market).at(at_us)[0]

    def _latent(self, market: Market) -> Latent:
        """Return what the fair value is, and will be as far as is known."""
        latent = self._latents.get(market.ticker)
        if latent is None:
            latent = self._latents[market.ticker] = Latent(market)
        return latent

    def shock(self, market: Market, at_us: int, size: int, over_us: int) -> Jump:
        """Let news move the fair value; informed people trade on it, and prices follow.

        Args:
            market: Which market; siblings hear nothing.
            at_us: When the news begins to spread, not before now.
            size: By how much YES becomes worth more or less, price units.
            over_us: How long it spreads; 0: at once.
        """
        at_us = max(at_us, self._world.now_us)
        running = self._running.get(market.ticker)
        if running is None:
            jump = self._latent(market).jump_of(at_us, size, over_us)
        else:
            running.run(self._world.now_us)
            jump = running.shock(at_us, size, over_us)
        self._remember(market, jump)
        return jump

    def disturb(self, market: Market, disturbance: Disturbance) -> Disturbance:
        """Disturb the book of one market without news, not before now; return what will be."""
        disturbance = disturbance._replace(at_us=max(disturbance.at_us, self._world.now_us))
        running = self._running.get(market.ticker)
        if running is not None:
            running.run(self._world.now_us)
            disturbance = running.disturb(disturbance)
        self._remember(market, disturbance)
        return disturbance

    def _remember(self, market: Market, happening: Happening) -> None:
        if isinstance(happening, Jump):
            self._latent(market).add(happening)
        self._shocks[market.ticker] = (*self._shocks.get(market.ticker, ()), happening)
        self._following.wake(market.ticker, happening.at_us)
