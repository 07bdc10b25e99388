"""Chooses the slots of a world of a wanted size."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.world.catalogue.choices import ChoiceSlot
from sandbox.world.catalogue.combos import ComboSlot, Legs
from sandbox.world.catalogue.games import game_slots
from sandbox.world.catalogue.numbers import NumberSlot
from sandbox.world.catalogue.questions import (
    champion_questions,
    company_questions,
    election_questions,
    fed_question,
    plain_questions,
)
from sandbox.world.catalogue.slots import Slot
from sandbox.world.catalogue.topics import (
    daily_coin_topics,
    hourly_coin_topics,
    quarter_coin_topics,
    statistic_topics,
    weather_topics,
)

Ranked = list[tuple[float, Slot]]


def _others(seed: int) -> Ranked:
    """Return everything that is not a game, each with its rank."""
    groups: tuple[tuple[float, float, Sequence[Slot]], ...] = (
        (0.2, 0.0, [ChoiceSlot(seed, fed_question())]),
        (0.3, 0.4, [NumberSlot(seed, topic) for topic in weather_topics()]),
        (0.5, 0.9, [ChoiceSlot(seed, question) for question in champion_questions()]),
        (0.6, 1.3, [NumberSlot(seed, topic) for topic in daily_coin_topics()]),
        (0.8, 0.7, [ChoiceSlot(seed, question) for question in plain_questions()]),
        (1.0, 0.8, [NumberSlot(seed, topic) for topic in statistic_topics()]),
        (2.2, 0.1, [ChoiceSlot(seed, question) for question in election_questions()]),
        (2.4, 0.2, [ChoiceSlot(seed, question) for question in company_questions()]),
        (2.6, 1.6, [NumberSlot(seed, topic) for topic in hourly_coin_topics()]),
        (4.0, 2.5, [NumberSlot(seed, topic) for topic in quarter_coin_topics()]),
    )
    return [
        (first + step * number, slot)
        for first, step, slots in groups
        for number, slot in enumerate(slots)
    ]


def _expected(ranked: Ranked) -> float:
    return sum(slot.rhythm.expected for _, slot in ranked)


def choose_slots(seed: int, events: int) -> list[Slot]:
    """Return slots that together show about `events` events at any time, combos extra.

    Worlds larger than the calendar list games earlier instead of inventing more of them.
    """
    others = _others(seed)
    depth = 1.0
    games: Ranked = [*game_slots(seed, depth)]
    missing = events - _expected(others)
    for _ in range(4):
        if _expected(games) >= missing:
            break
        depth *= max(missing / _expected(games), 1.02)
        games = [*game_slots(seed, depth)]
    chosen: list[Slot] = []
    shown = 0.0
    for _, slot in sorted(others + games, key=lambda entry: entry[0]):
        if shown + slot.rhythm.expected / 2 > events:
            continue
        chosen.append(slot)
        shown += slot.rhythm.expected
    legs = Legs([slot for slot in chosen if slot.series.category == "Sports" and slot.series.scope])
    combos = max(2, events // 100) if legs.slots else 0
    return [*chosen, *(ComboSlot(seed, number, legs) for number in range(combos))]
