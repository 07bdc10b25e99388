"""One market from its opening to a moment: arrivals, traders, the book and what comes of it."""

from __future__ import annotations

from collections import deque
from random import Random

from sandbox.world.model import Market
from sandbox.world.noise import derived
from sandbox.world.prices.arrivals import (
    TRADING,
    USUAL,
    Arrival,
    Kind,
    Pace,
    arrivals,
    burst,
    disturbed,
    is_in_play,
)
from sandbox.world.prices.disturbance import Disturbance, Form, blink, sweep_of
from sandbox.world.prices.grids import is_valid
from sandbox.world.prices.latent import Jump, Latent
from sandbox.world.prices.matching import Fill, Order, OrderBook
from sandbox.world.prices.record import Record
from sandbox.world.prices.traders import Informed, Maker, Noise
from sandbox.world.units import DOLLAR

NEVER_US = 1 << 62
Happening = Jump | Disturbance
_IN_PLAY_SIZE = 1.8
_AWAKE = 0.5  # of the arrivals somebody informed is among


class Simulation:
    """A function of (seed, market, time, news added), computed from the opening onwards.

    Attributes:
        record: every trade and every best offer until `last_us`.
        due_us: when the next thing happens.
        last_us: when the last thing happened.
        moved_us: when the book last changed at any price.
        steps: how many arrivals were played.
    """

    def __init__(
        self, market: Market, shocks: tuple[Happening, ...] = (), pace: Pace = USUAL
    ) -> None:
        """Stand before the opening.

        Args:
            market: The market; its flow holds the seed.
            shocks: What is to come besides what the seed brings: news and disturbances.
            pace: How busy it is compared to what is usual.
        """
        self.market, self.record, self.book = market, Record(), OrderBook()
        self._rng, self._pace = Random(derived(market.flow.key, 17)), pace
        self._latent = Latent(market)
        self._makers = (Maker(market, 0, 4), Maker(market, 1, 5 + market.flow.key % 6))
        self._noise, self._informed = Noise(market), Informed(market)
        self._usual = arrivals(market, self._rng, pace)
        self._next = next(self._usual, None)
        self._news: deque[Arrival] = deque()
        self._fair, self._fair_until = 0.0, 0
        self._is_quoted = self._is_trading = False
        self._away_us = 0  # until when nobody touches the book
        self.last_us = self.moved_us = self.steps = 0
        coming = [a for jump in self._latent.jumps for a in self._coming(jump)]
        for shock in shocks:
            coming += self._learn(shock)
        self._expect(coming)

    def _coming(self, happening: Happening) -> list[Arrival]:
        """Return who comes because of it."""
        drawn = Random(derived(self.market.flow.key, happening.at_us))
        if isinstance(happening, Disturbance):
            return disturbed(drawn, happening)
        return burst(self.market, drawn, happening.at_us, happening.over_us, self._pace)

    def _learn(self, happening: Happening) -> list[Arrival]:
        """Let it change the fair value if it is news; return who comes because of it."""
        if isinstance(happening, Jump):
            self._latent.add(happening)
            self._fair_until = 0
        return self._coming(happening)

    def _expect(self, coming: list[Arrival]) -> None:
        self._news = deque(sorted((*self._news, *coming), key=lambda arrival: arrival.at_us))
        self._look()

    def shock(self, at_us: int, size: int, over_us: int) -> Jump:
        """Add news that moves the fair value by `size` price units; it begins after `last_us`."""
        jump = self._latent.jump_of(max(at_us, self.last_us + 1), size, over_us)
        self._expect(self._learn(jump))
        return jump

    def disturb(self, disturbance: Disturbance) -> Disturbance:
        """Disturb the book, after `last_us`; the fair value stays."""
        disturbance = disturbance._replace(at_us=max(disturbance.at_us, self.last_us + 1))
        self._expect(self._learn(disturbance))
        return disturbance

    def _look(self) -> None:
        usual = self._next.at_us if self._next else NEVER_US
        self.due_us = min(usual, self._news[0].at_us) if self._news else usual

    def run(self, until_us: int, most: int = NEVER_US) -> bool:
        """Play what is due; False when there was more than `most` arrivals to play."""
        end = self.steps + most
        while self.due_us <= until_us:
            if self.steps >= end:
                return False
            self.steps += 1
            self._play(self._pop())
            self._look()
        return True

    def _pop(self) -> Arrival:
        arrival = self._next
        if arrival is None or arrival.at_us > self.due_us:
            return self._news.popleft()
        self._next = next(self._usual, None)
        return arrival

    def _play(self, arrival: Arrival) -> None:
        self.last_us, kind, disturbance = arrival
        if kind is Kind.CLOSE:
            self._is_quoted = False
            self.book.clear()
            self.moved_us = self.last_us
        elif kind is Kind.OPEN:
            self._is_trading = True
            self._open()
        elif kind is Kind.PAUSE:
            self._is_trading = False
        elif disturbance is not None:
            self._disturb(disturbance)
        elif self._is_trading and self.last_us >= self._away_us:
            self._arrive(kind)
        self.record.add_quote(self.last_us, self.book)

    def _open(self) -> None:
        """Let the makers quote for the first time; after a pause they still do."""
        if self._is_quoted:
            return
        self._is_quoted = True
        self.moved_us = self.last_us
        self._noise.open()
        fair = self._value(self.last_us)
        for maker in self._makers:
            maker.open(fair)
            maker.act(self.book, fair, self._rng)

    def _arrive(self, kind: Kind) -> None:
        """Let one maker think again, then one person trade."""
        rng, fair = self._rng, self._value(self.last_us)
        if self._makers[self.steps & 1].act(self.book, fair, rng):
            self.moved_us = self.last_us
        if not self.market.flow.interval_us:
            return
        order = self._order(kind, fair)
        if order is not None:
            self._match(order)

    def _disturb(self, disturbance: Disturbance) -> None:
        """Sweep the book or let it blink; nobody comes until it has stood for its time."""
        if not self._is_trading:
            return
        self.moved_us = self.last_us
        if disturbance.form is Form.BLINK:
            blink(self.book, self.market.event.grid, disturbance.size)
        else:
            order = sweep_of(self.book, disturbance.size)
            if order is not None:
                self._match(order)
        for maker in self._makers:
            maker.startle()
        self._away_us = self.last_us + disturbance.over_us

    def _order(self, kind: Kind, fair: float) -> Order | None:
        rng, book = self._rng, self.book
        size = _IN_PLAY_SIZE if is_in_play(self.market, self.last_us) else 1.0
        draw = rng.random()
        if self.market.flow.sides == "none":
            return self._noise.meet(book, fair, size, rng) if draw < TRADING else None
        if kind is Kind.NEWS or draw < _AWAKE:
            order = self._informed.order(book, fair, size, rng)
            if order is not None:
                return order
        if kind is Kind.NEWS or draw >= TRADING:
            return None
        self.moved_us = self.last_us
        return self._noise.order(book, size, rng)

    def _match(self, order: Order) -> list[Fill]:
        fills: list[Fill] = []
        self.book.take(order, fills)
        if fills:
            self.moved_us = self.last_us
            self.record.add_trades(self.last_us, fills)
            taken, is_worn = sum(fill.count for fill in fills), not fills[0].maker.count
            for maker in self._makers:
                maker.hear(order.leg, taken, is_worn=is_worn)
        return fills

    def submit(self, at_us: int, order: Order) -> list[Fill]:
        """Match an order from outside; what is left of it waits.

        Args:
            at_us: Now, not before `last_us`; what was due until then has been played.
            order: On the market's price grid.

        Raises:
            ValueError: the market does not trade now, or the price is not valid.
        """
        if not self._is_trading:
            raise ValueError("the market does not trade")
        if not 0 < order.price < DOLLAR or not is_valid(self.market.event.grid, order.price):
            raise ValueError("the price is not on the market's grid")
        self.last_us = max(at_us, self.last_us)
        fills = self._match(order)
        if order.count:
            self.moved_us = self.last_us
            self.book.rest(order)
        self.record.add_quote(self.last_us, self.book)
        return fills

    def cancel(self, at_us: int, order: Order) -> bool:
        """Take back an order from outside; False when it does not wait (any more)."""
        self.last_us = max(at_us, self.last_us)
        found = self.book.cancel(order)
        if found:
            self.moved_us = self.last_us
        self.record.add_quote(self.last_us, self.book)
        return found

    def _value(self, at_us: int) -> float:
        """Return the fair value in price units."""
        if at_us >= self._fair_until:
            chance, self._fair_until = self._latent.at(at_us)
            self._fair = chance * DOLLAR
        return self._fair
