"""Slots for games: one per league, place in the round and kind of market."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.world.catalogue.builder import EventSpec, MarketSpec, SpecSlot
from sandbox.world.catalogue.fixtures import Fixture, fixture
from sandbox.world.catalogue.game_markets import (
    prop_markets,
    spread_markets,
    total_markets,
    winner_markets,
)
from sandbox.world.catalogue.leagues import LEAGUES, League, Prop
from sandbox.world.catalogue.slots import Rhythm, rhythm_of
from sandbox.world.life import Plan
from sandbox.world.model import Series
from sandbox.world.noise import key_of, unit
from sandbox.world.units import DAY, HOUR, MINUTE, SECOND

_PROHIBITED = (
    "Players, coaches and staff of the league that governs the event",
    "Owners of teams in that league",
    "Household members of the above",
)
_RULES = (
    "A game that is delayed stays open until it is played, for up to two days; if it is not played "
    "by then, the market settles at a fair price.\n\nNot affiliated with or endorsed by the league."
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of market on a game and its scope word."""

    suffix: str
    scope: str
    label: str
    exclusive: bool = False
    prop: Prop | None = None


_WINNER = ("Game", "")
_KINDS = (
    Kind("SPREAD", "Spread", "Spread"),
    Kind("TOTAL", "Point Total", "Total"),
    Kind("1HSPREAD", "First Half Spread", "First half spread"),
    Kind("1HTOTAL", "First Half Total", "First half total"),
)


def kinds_of(league: League) -> tuple[Kind, ...]:
    """Return what is offered on a game of a league, the winner first."""
    kinds = [Kind(league.kind, *_WINNER, exclusive=True)]
    if league.margin_sd:
        kinds += _KINDS[: 4 if league.halves else 2]
    kinds += [
        Kind(prop.suffix, f"Player {prop.word}", prop.word, prop=prop) for prop in league.props
    ]
    return tuple(kinds)


def _series(league: League, kind: Kind) -> Series:
    maker = kind.suffix == league.kind
    return Series(
        ticker=f"KX{league.code}{kind.suffix}",
        title=f"{league.competition} {kind.label or 'Game'}",
        category="Sports",
        frequency="custom",
        tags=(league.sport, league.code),
        sources=league.sources,
        scope=kind.scope,
        fee_type="quadratic_with_maker_fees" if maker else "quadratic",
        fee_multiplier=0.5 if league.sport == "Baseball" else 1,
        prohibitions=_PROHIBITED if maker else None,
    )


class GameSlot(SpecSlot):
    """Lists the markets of one kind on the game at one place of every round."""

    def __init__(self, seed: int, league: League, place: int, kind: Kind, depth: float) -> None:
        """Choose a place; `depth` above 1 lists games that much earlier."""
        self.series: Series = _series(league, kind)
        self.seed, self._league, self._place, self._kind = seed, league, place, kind
        lead = int(league.lead_days * DAY * depth)
        name = f"{self.series.ticker} {place}"
        self.rhythm: Rhythm = rhythm_of(
            seed,
            name,
            period_us=league.every_days * DAY,
            lead_us=lead,
            life_us=lead + DAY,
            anchor_us=(place % league.every_days) * DAY,
        )

    def spec(self, index: int) -> EventSpec:
        """Describe the event of round `index`."""
        game = fixture(self.seed, self._league, self._place, index)
        kind, league = self._kind, self._league
        ticker = f"{self.series.ticker}-{game.code}"
        codes = f"{game.away[0]} vs {game.home[0]}"
        return EventSpec(
            series=self.series,
            ticker=ticker,
            title=f"{game.title}: {kind.label}" if kind.label else game.title,
            sub_title=f"{codes} ({game.day_text})",
            moved_sub_title=f"{codes} ({game.next_day_text})",
            plan=_plan(self.rhythm.listed_us(index), game, ticker),
            markets=lambda: self._markets(game),
            rules=_RULES,
            exclusive=kind.exclusive,
            metadata={"competition": league.competition, "competition_scope": kind.scope},
            early_close="The market closes and expires once the outcome is known.",
            has_occurrence=True,
            milestone=game.milestone(),
        )

    def _markets(self, game: Fixture) -> tuple[MarketSpec, ...]:
        kind = self._kind
        if kind.prop is not None:
            return prop_markets(self.seed, game, kind.prop)
        share = 0.5 if kind.suffix.startswith("1H") else 1.0
        if kind.suffix.endswith("SPREAD"):
            return spread_markets(game, share)
        return total_markets(game, share) if kind.suffix.endswith("TOTAL") else winner_markets(game)


def _plan(listed_us: int, game: Fixture, ticker: str) -> Plan:
    opens = (listed_us // (5 * MINUTE) + 2) * 5 * MINUTE
    return Plan(
        created_us=listed_us,
        open_us=opens,
        start_us=game.start_us,
        end_us=game.end_us,
        close_us=game.start_us + 2 * DAY + 12 * HOUR,
        expected_us=game.start_us + 3 * HOUR,
        timer_s=game.league.timer_s,
        determine_us=(60 + int(unit(key_of("settle", ticker), 0) * 120)) * SECOND,
        early=True,
    )


def game_slots(seed: int, depth: float) -> list[tuple[float, GameSlot]]:
    """Return every game slot with its rank: small worlds take the lowest ranks."""
    ranked = []
    for order, league in enumerate(LEAGUES):
        for place in range(len(league.teams) // 2):
            for number, kind in enumerate(kinds_of(league)):
                rank = order * 0.6 + place * 1.0 + number * 0.45
                ranked.append((rank, GameSlot(seed, league, place, kind, depth)))
    return ranked
