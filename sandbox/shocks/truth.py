"""`/_truth`: every lasting move and every burst of noise there has been, once."""

from __future__ import annotations

from typing import NamedTuple

from sandbox.shocks.shock import Kind, Shock
from sandbox.shocks.stage import Stage
from sandbox.world.model import Event, Market
from sandbox.world.noise import uuid_of
from sandbox.world.pregame import is_winner
from sandbox.world.prices.latent import Latent
from sandbox.world.world import World


class _Drawn(NamedTuple):
    """News that the world draws by itself, as one market feels it."""

    key: int  # what the market shares with those that move with it
    at_us: int
    market: Market
    size: float


class Truth:
    """Joins the shocks of a stage with the news that the world draws by itself."""

    def __init__(self, world: World, stage: Stage) -> None:
        """Know nothing yet."""
        self._world, self._stage = world, stage
        self._drawn: dict[str, list[_Drawn]] = {}

    def read(self, since_us: int, until_us: int) -> list[dict[str, object]]:
        """Return what began between two times, oldest first.

        Shocks that were asked for are told from the moment of asking.
        """
        shocks = [
            shock
            for shock in (*self._stage.shocks, *self._drawn_shocks(until_us))
            if since_us <= shock.at_us <= until_us
        ]
        shocks.sort(key=lambda shock: (shock.at_us, shock.id))
        return [shock.describe(self._stage.values(shock)) for shock in shocks]

    def _drawn_shocks(self, until_us: int) -> list[Shock]:
        """Return the news that the world drew until a time, one shock for all it moved."""
        groups: dict[tuple[int, int], list[_Drawn]] = {}
        events = self._world.events
        self._drawn = {t: found for t, found in self._drawn.items() if t in events}
        for event in events.values():
            for drawn in self._of(event):
                if drawn.at_us <= until_us:
                    groups.setdefault((drawn.at_us, drawn.key), []).append(drawn)
        return [_shock(key, at_us, group) for (at_us, key), group in groups.items()]

    def _of(self, event: Event) -> list[_Drawn]:
        found = self._drawn.get(event.ticker)
        if found is None:
            found = self._drawn[event.ticker] = [
                _Drawn(_key(market), jump.at_us, market, jump.size)
                for market in event.markets
                for jump in Latent(market).jumps
            ]
        return found


def _shock(key: int, at_us: int, group: list[_Drawn]) -> Shock:
    """Return one shock for everything that a piece of news moved, winners first."""
    placed = sorted(group, key=_place)
    return Shock(
        id=uuid_of("news", key, at_us),
        at_us=at_us,
        kind=Kind.PRIVATE,
        over_us=0,
        markets=tuple(drawn.market for drawn in placed),
        sizes=tuple(drawn.size for drawn in placed),
    )


def _key(market: Market) -> int:
    return market.flow.driver if market.flow.sign else market.flow.key


def _place(drawn: _Drawn) -> tuple[bool, str]:
    return not is_winner(drawn.market.event), drawn.market.ticker
