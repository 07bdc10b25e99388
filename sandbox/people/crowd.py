"""The seeded crowd: who holds and follows what at the time the sandbox starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from random import Random

from sandbox.people.identity import devices_of, name_of, preferences_of, zone_of
from sandbox.people.person import Follow, Person, Position
from sandbox.refusal import OptionError
from sandbox.world.model import Market
from sandbox.world.noise import rng_of, uuid_of
from sandbox.world.pregame import markets_by_game, pregame_winners, trades_now
from sandbox.world.units import CENT, CONTRACT, DOLLAR
from sandbox.world.world import World

BUSIEST = "busiest"
_STYLES = ("one", "both", "game", "one", "follows", "one", "two", "follows")
_LEAST, _SPAN = 10, 400  # contracts held, and how many times that at most
_WILD = 3  # markets on one game that somebody holds
_KNOWN = 200  # people looked at to say what is held

Fair = Callable[[Market], float]


@dataclass(frozen=True, slots=True)
class CrowdPlan:
    """How many people there are; all of them hold `holders_of`, a ticker or `busiest`."""

    people: int = 25
    holders_of: str | None = None


USUAL_CROWD = CrowdPlan()


class Crowd:
    """People as a function of seed, world and plan; they keep what they had at the start."""

    def __init__(self, world: World, plan: CrowdPlan, fair: Fair) -> None:
        """Look at what is open now.

        Args:
            world: Whose markets are held; looked at now and, for what is still open, later.
            plan: How many people.
            fair: The value of YES in a market at the start, 0 to 1.

        Raises:
            OptionError: `holders_of` is no market that trades now.
        """
        self._world, self._fair, self._plan = world, fair, plan
        self._values: dict[str, float] = {}
        self._markets = pregame_winners(world)
        self._games = markets_by_game(world)
        self._shared = self._find_shared(plan.holders_of)
        self._weights = [1.0 / (rank + 1.0) for rank in range(len(self._markets))]

    def _find_shared(self, ticker: str | None) -> Market | None:
        if ticker is None:
            return None
        if ticker == BUSIEST and self._markets:
            return self._markets[0]
        market = self._world.markets.get(ticker)
        if market is None or not trades_now(self._world, market):
            raise OptionError(f"--holders-of: no market {ticker} trades now")
        return market

    def __len__(self) -> int:
        """Return how many people there are."""
        return self._plan.people

    def id_of(self, number: int) -> str:
        """Return the id of person `number`."""
        return uuid_of("person", self._world.seed, number)

    @cached_property
    def held(self) -> list[Market]:
        """The markets on winners that somebody holds, busiest first."""
        known = (self.person(number) for number in range(min(len(self), _KNOWN)))
        held = {position.ticker for person in known for position in person.positions}
        chosen = [market for market in self._markets if market.ticker in held]
        if self._shared is not None and len(self):
            chosen = _unique([self._shared, *chosen])
        return chosen

    def person(self, number: int) -> Person:
        """Return person `number`, 0 is the first."""
        rng = rng_of(self._world.seed, "person", number)
        name, devices = name_of(rng), devices_of(rng, number)
        preferences = preferences_of(rng)
        style = _STYLES[number % len(_STYLES)]
        favourite = self._favourite(rng, number)
        positions = [self._position(rng, market) for market in self._choose(rng, style, favourite)]
        return Person(
            id=self.id_of(number),
            name=name,
            timezone=zone_of(number),
            devices=devices,
            positions=tuple(positions),
            follows=tuple(self._follows(rng, style, favourite)),
            preferences=preferences,
        )

    def today(self, person: Person) -> Person:
        """Return somebody without what does not trade at the time of the world."""
        return replace(
            person,
            positions=tuple(p for p in person.positions if self._trades(p.ticker)),
            follows=tuple(
                follow
                for follow in person.follows
                if follow.kind == "series" or self._trades(follow.ext_id)
            ),
        )

    def _trades(self, ext_id: str) -> bool:
        """Say whether a market, or any market of an event, trades now."""
        world, event = self._world, self._world.events.get(ext_id)
        if event is not None:
            return any(trades_now(world, market) for market in event.markets)
        market = world.markets.get(ext_id)
        return market is not None and trades_now(world, market)

    def _favourite(self, rng: Random, number: int) -> Market | None:
        """Return somebody's main market: the first few people share out the busiest."""
        if not self._markets:
            return None
        if number < len(self._markets):
            return self._markets[number]
        return rng.choices(self._markets, self._weights)[0]

    def _choose(self, rng: Random, style: str, favourite: Market | None) -> list[Market]:
        """Return what somebody holds."""
        chosen: list[Market] = [] if self._shared is None else [self._shared]
        if favourite is not None and style != "follows":
            chosen.append(favourite)
        if favourite is not None and style in ("both", "game"):
            game = self._game(favourite)
            if style == "both":
                chosen += [market for market in game if market.event is favourite.event]
            else:
                chosen += rng.sample(game, min(_WILD, len(game)))
        if style == "two":
            chosen += rng.choices(self._markets, self._weights) if self._markets else []
        return _unique(chosen)

    def _game(self, market: Market) -> list[Market]:
        """Return all markets on the game of a market."""
        milestone = market.event.milestone
        return self._games.get(milestone.id, []) if milestone else []

    def _position(self, rng: Random, market: Market) -> Position:
        side = "yes" if rng.random() < 0.75 else "no"
        value = self._value(market)
        paid = (value if side == "yes" else DOLLAR - value) + rng.uniform(-6, 6) * CENT
        price = min(max(round(paid), CENT), DOLLAR - CENT)
        contracts = int(_LEAST * _SPAN ** rng.random()) // 5 * 5
        part = rng.randrange(1, CONTRACT) if rng.random() < 0.1 else 0
        return Position(market.ticker, side, contracts * CONTRACT + part, price)

    def _value(self, market: Market) -> float:
        """Return what YES was worth at the start, price units."""
        value = self._values.get(market.ticker)
        if value is None:
            value = self._values[market.ticker] = self._fair(market) * DOLLAR
        return value

    def _follows(self, rng: Random, style: str, favourite: Market | None) -> Iterator[Follow]:
        """Yield follows: of markets with push, of events and series mostly without."""
        if favourite is None:
            return
        event = favourite.event
        if style == "follows":
            yield Follow("market", favourite.ticker, push=True)
        if rng.random() < 0.3:
            other = rng.choices(self._markets, self._weights)[0]
            if other is not favourite:
                yield Follow("market", other.ticker, push=True)
        if rng.random() < 0.25:
            yield Follow("event", event.ticker, push=rng.random() < 0.2)
        if rng.random() < 0.15:
            yield Follow("series", event.series.ticker, push=False)


def _unique(markets: list[Market]) -> list[Market]:
    """Return markets without repeats, in order."""
    return list({market.ticker: market for market in markets}.values())
