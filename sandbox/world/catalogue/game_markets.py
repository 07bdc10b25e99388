"""The markets on one game: winner, spread, total, halves and player statistics."""

from __future__ import annotations

from math import ceil
from statistics import NormalDist

from sandbox.world.catalogue.builder import MarketSpec
from sandbox.world.catalogue.fixtures import Fixture, target_id
from sandbox.world.catalogue.leagues import Prop
from sandbox.world.catalogue.teams import roster
from sandbox.world.model import Result, Strike
from sandbox.world.noise import rng_of, uuid_of
from sandbox.world.units import DOLLAR

TIE_ID = uuid_of("target", "tie")
_PLAYERS = 4


def _driver(game: Fixture, topic: str) -> str:
    return f"{game.league.code} {game.code} {topic}"


def winner_markets(game: Fixture) -> tuple[MarketSpec, ...]:
    """Return one market per team, and one for a tie where a tie is an outcome of its own."""
    league = game.league
    own_tie = league.ties and league.margin_sd > 0
    half = 0.5 if own_tie else 0.0
    chances = {
        game.away: 1.0 - game.chance_above(-half),
        game.home: game.chance_above(half),
    }
    specs = [
        _winner(game, team, chance, sign, own_tie)
        for (team, chance), sign in zip(chances.items(), (-1, 1), strict=True)
    ]
    if own_tie:
        specs.append(_tie(game, max(1.0 - sum(chances.values()), 0.01)))
    return tuple(specs)


def _winner(
    game: Fixture, team: tuple[str, str], chance: float, sign: int, own_tie: bool
) -> MarketSpec:
    if game.winner is None and not own_tie:
        result = Result("scalar", DOLLAR // 2, "Tie")
    else:
        result = Result.of(game.winner == team[0], game.winner_name)
    noun = game.league.noun
    return MarketSpec(
        code=team[0],
        name=team[1],
        title=f"{game.title} {noun}: will {team[1]} win?",
        rules=f"Resolves to Yes if {team[1]} wins the {game.title} {noun} of {game.day_text}.",
        strike=Strike("structured", custom={game.league.target: target_id(game.league, team[0])}),
        fair=chance,
        result=result,
        driver=_driver(game, "margin"),
        sign=sign,
    )


def _tie(game: Fixture, chance: float) -> MarketSpec:
    return MarketSpec(
        code="TIE",
        name="Tie",
        title=f"{game.title} {game.league.noun}: tie?",
        rules=f"Resolves to Yes if the {game.title} {game.league.noun} of {game.day_text} ends "
        "level.",
        strike=Strike("structured", custom={game.league.target: TIE_ID}),
        fair=chance,
        result=Result.of(game.winner is None, game.winner_name),
    )


def spread_markets(game: Fixture, share: float = 1.0) -> tuple[MarketSpec, ...]:
    """Return the ladder of margins for both teams; `share` below 1 is the part of a half."""
    specs = []
    margin = round(game.margin * share)
    for team, side in ((game.away, -1), (game.home, 1)):
        target = {game.league.target: target_id(game.league, team[0])}
        for line in game.league.spreads:
            chance = game.chance_above(side * line / share)
            name = f"{team[1]} wins by over {line} {game.league.unit}"
            specs.append(
                MarketSpec(
                    code=f"{team[0]}{ceil(line)}",
                    name=name,
                    title=f"{name}?",
                    rules=f"Resolves to Yes if {team[1]} wins the {game.title} {game.league.noun} "
                    f"of {game.day_text} by more than {line} {game.league.unit}.",
                    strike=Strike("greater", floor=line, custom=target),
                    fair=chance if side > 0 else 1.0 - chance,
                    result=Result.of(side * margin > line, str(side * margin)),
                    driver=_driver(game, "margin"),
                    sign=side,
                )
            )
    return tuple(specs)


def total_markets(game: Fixture, share: float = 1.0) -> tuple[MarketSpec, ...]:
    """Return the ladder of total points around the expected total."""
    league = game.league
    points = round(game.points * share)
    middle = round(game.total * share)
    specs = []
    for line in sorted({max(middle + step, 0) + 0.5 for step in league.total_steps}):
        name = f"Over {line} {league.unit} scored"
        specs.append(
            MarketSpec(
                code=str(ceil(line)),
                name=name,
                title=f"{game.title} {league.noun}: over {line} {league.unit}?",
                rules=f"Resolves to Yes if both sides together score more than {line} "
                f"{league.unit} in the {game.title} {league.noun} of {game.day_text}.",
                strike=Strike("greater", floor=line),
                fair=game.chance_total(line / share),
                result=Result.of(points > line, str(points)),
                driver=_driver(game, "total"),
                sign=1,
            )
        )
    return tuple(specs)


def prop_markets(seed: int, game: Fixture, prop: Prop) -> tuple[MarketSpec, ...]:
    """Return `at least N` markets for some players of both teams."""
    specs: list[MarketSpec] = []
    key = f"{game.league.sport.lower()}_player"
    rng = rng_of(seed, "prop", game.code, prop.suffix)
    for team in (game.away, game.home):
        for part, player in roster(game.league.code, team[0], _PLAYERS):
            mean = prop.mean * rng.uniform(0.7, 1.4)
            spread = max(mean * 0.45, 0.6)
            scored = max(round(rng.gauss(mean, spread)), 0)
            base = max(round(mean), 0)
            target = {key: uuid_of("target", key, game.league.code, part)}
            for line in sorted({max(base + step, 1) for step in prop.steps}):
                specs.append(
                    MarketSpec(
                        code=f"{part}-{line}",
                        name=f"{player}: {line}+",
                        title=f"{player}: {line}+ {prop.word}?",
                        rules=f"Resolves to Yes if {player} records at least {line} {prop.word} in "
                        f"the {game.title} {game.league.noun} of {game.day_text}.",
                        strike=Strike("structured", floor=line - 0.5, custom=target),
                        fair=1.0 - NormalDist(mean, spread).cdf(line - 0.5),
                        result=Result.of(scored >= line, str(scored)),
                        driver=f"{game.code} {part} {prop.suffix}",
                        sign=1,
                        participant=key,
                    )
                )
    return tuple(specs)
