"""A crowd that holds and follows the markets of some events, and moves of these markets."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.core.database import Conn
from app.domain import ids
from app.domain.detections import Detection, DetectionKind, MarketChange
from app.domain.types import Exchange, MarketId
from tests.pipeline_factories import (
    add_follow,
    add_market,
    add_person,
    add_position,
    change,
    make_detection,
    prices,
)

SERIES = ids.series_id(Exchange.KALSHI, "KXGAME")
KINDS = (DetectionKind.LINE_MOVE,) * 3 + (DetectionKind.VOLUME_SPIKE,)
PREFERENCES: Sequence[dict[str, Any]] = (
    *[{}] * 7,
    {"is_push_on": False},
    {"muted_kinds": ["volume_spike"]},
    {"min_impact_usd": Decimal(20)},
)
Position = tuple[UUID, str, Decimal]  # market, side, contracts


@dataclass(frozen=True)
class Person:
    """Somebody with phones: what they hold, and follow (target, whether with push)."""

    id: UUID
    devices: int
    preferences: Mapping[str, Any]
    positions: Sequence[Position]
    follows: Sequence[tuple[UUID, bool]]


@dataclass(frozen=True)
class Crowd:
    """Events by the exchange's id, each with its markets, and the people around them."""

    events: dict[str, list[MarketId]]
    people: Sequence[Person]


async def add_crowd(conn: Conn, chance: random.Random, *, events: int, people: int) -> Crowd:
    """Add events of two markets each, `KXGAME-n-A` and `KXGAME-n-B`, and a crowd."""
    found: dict[str, list[MarketId]] = {}
    for name in (f"KXGAME-{number}" for number in range(events)):
        found[name] = [await add_market(conn, f"{name}-{side}", event=name) for side in "AB"]
    crowd = [await _add_one(conn, chance, found, f"person-{number}") for number in range(people)]
    await conn.execute("UPDATE alpha.devices SET last_seen_at = now()")
    opened_at = datetime.now(UTC) - timedelta(days=2)
    await conn.execute("UPDATE alpha.markets SET open_at = $1", opened_at)
    return Crowd(found, crowd)


async def _add_one(
    conn: Conn, chance: random.Random, events: dict[str, list[MarketId]], name: str
) -> Person:
    """Add somebody who holds, follows, or both; one in ten has no phone."""
    markets = [market for each in events.values() for market in each]
    devices = chance.choice((0, 1, 1, 1, 1, 1, 1, 1, 2, 2))
    preferences = chance.choice(PREFERENCES)
    user_id = await add_person(conn, name, devices=devices, **preferences)
    positions, follows = [], []
    for market in chance.sample(markets, chance.choice((0, 2, 3, 4))):
        side, contracts = chance.choice(("yes", "no")), Decimal(chance.randrange(5, 400))
        await add_position(conn, user_id, market, str(contracts), side=side)
        positions.append((market, side, contracts))
    for market in chance.sample(markets, 2):
        await add_follow(conn, user_id, market)
        follows.append((UUID(str(market)), True))
    if chance.random() < 0.3:
        event = ids.event_id(Exchange.KALSHI, chance.choice(list(events)))
        await add_follow(conn, user_id, event, kind="event", push=False)
        follows.append((event, False))
    if chance.random() < 0.05:
        await add_follow(conn, user_id, SERIES, kind="series", push=False)
        follows.append((SERIES, False))
    return Person(user_id, devices, preferences, positions, follows)


class Moves:
    """Moves of a crowd's markets, one after the other, as a monitor would find them."""

    def __init__(self, crowd: Crowd, chance: random.Random) -> None:
        """Begin without any; `made` are those so far, with the number of their episode."""
        self.made: list[tuple[int, Detection]] = []
        self.turn = asyncio.Lock()  # held until what was made is written
        self._crowd = crowd
        self._chance = chance
        self._episodes = 0
        self._open: dict[str, int] = {}

    def make(self) -> tuple[Detection, bool]:
        """Make the next move; tell whether the event's episode is over before it."""
        chance = self._chance
        event = chance.choice(list(self._crowd.events))
        is_over = event in self._open and chance.random() < 0.2
        if is_over or event not in self._open:
            self._episodes += 1
            self._open[event] = self._episodes
        now = datetime.now(UTC)
        markets = self._crowd.events[event]
        detection = make_detection(
            [self._change(market, now) for market in chance.sample(markets, chance.choice((1, 2)))],
            event=event,
            strength=f"{chance.uniform(1, 9):.2f}",
            now=now,
            kind=chance.choice(KINDS),
            key=f"move-{len(self.made)}",
        )
        self.made.append((self._open[event], detection))
        return detection, is_over

    def _change(self, market: MarketId, now: datetime) -> MarketChange:
        before, after = self._chance.randrange(5, 95), self._chance.randrange(5, 95)
        bid = None if self._chance.random() < 0.05 else f"{(after - 1) / 100:.2f}"
        return change(
            market,
            prices(f"{before / 100:.2f}", f"{(before - 1) / 100:.2f}", f"{(before + 1) / 100:.2f}"),
            prices(f"{after / 100:.2f}", bid, f"{(after + 1) / 100:.2f}"),
            as_of=now,
        )
