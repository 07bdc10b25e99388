"""Who holds and follows what in a replay: `people.json`, else one follower for every market."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID, uuid5

from app.core.database import Pool
from app.domain.ids import NAMESPACE, event_id, market_id, series_id
from app.domain.people import FollowKind
from app.domain.push import DeviceKind
from app.domain.types import Exchange, parse_decimal, to_price
from evaluation.recording.folder import RecordingInvalid
from evaluation.recording.shapes import (
    Person,
    PersonDevice,
    PersonFollow,
    PersonPosition,
)

_ZONE = "America/New_York"


class _Rows(NamedTuple):
    users: list[tuple[object, ...]]
    devices: list[tuple[object, ...]]
    follows: list[tuple[object, ...]]
    positions: list[tuple[object, ...]]


async def write_people(pool: Pool, people: Sequence[Person], *, now: datetime) -> None:
    """Store people with what is theirs; a position in an unknown market is left out.

    Raises:
        RecordingInvalid: a kind, side, number or id that is none, or somebody twice.
    """
    try:
        rows = _Rows([], [], [], [])
        for person in people:
            _add_person(rows, person, now)
    except ValueError as error:
        raise RecordingInvalid(f"people.json: {error}.") from error
    async with pool.acquire() as conn, conn.transaction():
        await conn.executemany(_USERS, rows.users)
        await conn.executemany(_DEVICES, rows.devices)
        await conn.executemany(_FOLLOWS, rows.follows)
        await conn.executemany(_POSITIONS, rows.positions)


async def write_followers(
    pool: Pool, markets: Iterable[tuple[Exchange, str]], *, now: datetime
) -> None:
    """Store one follower with a phone for each market, so that every push can be seen."""
    await write_people(pool, list(_followers(markets)), now=now)


def _followers(markets: Iterable[tuple[Exchange, str]]) -> Iterator[Person]:
    for exchange, ext_id in markets:
        yield Person(
            id=str(uuid5(NAMESPACE, f"follower:{exchange}:{ext_id}")),
            name=f"follower of {ext_id}",
            timezone=_ZONE,
            devices=(PersonDevice(DeviceKind.FCM_TOKEN, f"phone:{exchange}:{ext_id}"),),
            follows=(PersonFollow(FollowKind.MARKET, exchange, ext_id),),
        )


def _add_person(rows: _Rows, person: Person, now: datetime) -> None:
    user_id = UUID(person.id)
    rows.users.append((user_id, person.name, person.timezone, now))
    for device in person.devices:
        kind = DeviceKind(device.kind)
        device_id = uuid5(NAMESPACE, f"device:{kind}:{device.address}")
        rows.devices.append((device_id, user_id, kind, device.address, now))
    for follow in person.follows:
        target = _target(follow)
        follow_id = uuid5(NAMESPACE, f"follow:{user_id}:{target}")
        rows.follows.append((follow_id, user_id, follow.kind, target, follow.push, now))
    for position in person.positions:
        rows.positions.append(_position(user_id, position, now))


def _target(follow: PersonFollow) -> UUID:
    to_id = {
        FollowKind.MARKET: market_id,
        FollowKind.EVENT: event_id,
        FollowKind.SERIES: series_id,
    }[FollowKind(follow.kind)]
    return to_id(follow.exchange, follow.ext_id)


def _position(user_id: UUID, position: PersonPosition, now: datetime) -> tuple[object, ...]:
    market = market_id(position.exchange, position.market_ext_id)
    if position.side not in ("yes", "no"):
        raise ValueError(f"not a side: {position.side[:20]!r}")
    paid: Decimal | None = None
    if position.average_price is not None:
        paid = to_price(position.average_price)
    contracts = parse_decimal(position.contracts)
    position_id = uuid5(NAMESPACE, f"position:{user_id}:{market}:{position.side}")
    return (position_id, user_id, market, position.side, contracts, paid, now)


_USERS = """
INSERT INTO alpha.users (id, display_name, timezone, created_at, last_seen_at)
VALUES ($1, $2, $3, $4, $4)
"""
_DEVICES = """
INSERT INTO alpha.devices (id, user_id, kind, address, registered_at, last_seen_at)
VALUES ($1, $2, $3, $4, $5, $5)
"""
_FOLLOWS = """
INSERT INTO alpha.follows (id, user_id, kind, target_id, is_push, created_at)
VALUES ($1, $2, $3, $4, $5, $6)
"""
_POSITIONS = """
INSERT INTO alpha.positions (id, user_id, market_id, side, contracts, average_price, source,
    opened_at, updated_at)
SELECT $1, $2, $3, $4, $5, $6, 'replay', $7, $7
WHERE EXISTS (SELECT FROM alpha.markets WHERE id = $3)
"""
