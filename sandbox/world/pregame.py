"""What may be held, followed and shocked: markets on games that have not begun."""

from __future__ import annotations

from sandbox.world.model import Event, Market, Status
from sandbox.world.units import MINUTE
from sandbox.world.world import World

_SOON_US = 30 * MINUTE  # before a start in which nobody begins to hold


def is_open(market: Market, from_us: int, until_us: int) -> bool:
    """Say whether a market trades without a break between two times."""
    if market.removed_us is not None and market.removed_us <= until_us:
        return False
    return any(begin <= from_us and until_us < end for begin, end in market.life.sessions)


def trades_now(world: World, market: Market) -> bool:
    """Say whether a market trades at the time of the world."""
    state = world.state(market)
    return state is not None and state.status is Status.ACTIVE


def has_both_sides(market: Market) -> bool:
    """Say whether a market is quoted on both sides and dealt in."""
    return market.flow.sides == "both" and market.flow.interval_us > 0


def is_winner(event: Event) -> bool:
    """Say whether the markets of an event ask who wins a game."""
    return event.milestone is not None and event.exclusive


def pregame_winners(world: World) -> list[Market]:
    """Return the markets on winners that trade now with books on both sides, busiest first."""
    found = [
        market
        for event in world.events.values()
        if is_winner(event) and event.start_us > world.now_us + _SOON_US
        for market in event.markets
        if has_both_sides(market) and trades_now(world, market)
    ]
    return sorted(found, key=lambda market: (market.flow.interval_us, market.ticker))


def markets_by_game(world: World) -> dict[str, list[Market]]:
    """Return the two-sided markets that trade now, by the id of the game they are on."""
    found: dict[str, list[Market]] = {}
    for event in world.events.values():
        if event.milestone is None or event.end_us <= world.now_us:
            continue
        for market in event.markets:
            if has_both_sides(market) and trades_now(world, market):
                found.setdefault(event.milestone.id, []).append(market)
    return found
