"""Reading the Redis stream `ticks`, for those who turn it into candles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from redis.exceptions import ResponseError

from app.core.redis import Redis
from app.domain.catalogue import Reject
from app.domain.fold import MicroCandle
from app.domain.types import Exchange
from app.models.tick_entry import decode_entry
from app.store.cursors import BEGINNING, entry_time
from app.store.tick_feed import TICKS

_MAX_RAW = 400


@dataclass(frozen=True, slots=True)
class TickEntry:
    """One flush of a firehose.

    Attributes:
        pieces: by exchange, in the order in which they are to be folded.
        rejects: fields that could not be read.
    """

    id: str
    pieces: Mapping[Exchange, Sequence[MicroCandle]]
    rejects: Sequence[Reject] = ()


@dataclass(frozen=True, slots=True)
class TickLoss:
    """Entries after a position are gone without having been read.

    Attributes:
        is_trimmed: the stream grew too long; otherwise Redis lost all of it.
        since, until: when they were written.
    """

    is_trimmed: bool
    since: datetime
    until: datetime


async def read_entries(redis: Redis, after: str, *, count: int) -> list[TickEntry]:
    """Return the next `count` entries after a position, oldest first."""
    rows = await redis.xrange(TICKS, min=f"({after}", count=count)
    return [_to_entry(entry_id.decode(), fields) for entry_id, fields in rows]


async def find_loss(redis: Redis, position: str) -> TickLoss | None:
    """Tell whether entries after `position` are gone; None as long as the next one is there.

    The entry at the position is the sign: it stays until newer ones push it out, and a
    reader is hundreds of entries ahead of that.
    """
    if position == BEGINNING or await redis.xrange(TICKS, min=position, max=position):
        return None
    info = await _read_info(redis)
    oldest = info.get("first-entry")
    if not oldest or _order(oldest[0].decode()) <= _order(position):
        return None
    was_made_anew = info.get("entries-added") == info["length"]
    first = oldest[0].decode()
    return TickLoss(not was_made_anew, entry_time(position), entry_time(first))


async def _read_info(redis: Redis) -> Mapping[str, Any]:
    try:
        info: Mapping[str, Any] = await redis.xinfo_stream(TICKS)
    except ResponseError:  # there is no such stream
        return {}
    return info


def _order(position: str) -> tuple[int, int]:
    milliseconds, _, number = position.partition("-")
    return int(milliseconds), int(number)


def _to_entry(entry_id: str, fields: Mapping[bytes, bytes] | None) -> TickEntry:
    """Unpack an entry; a field that cannot be read costs itself."""
    pieces: dict[Exchange, Sequence[MicroCandle]] = {}
    rejects = []
    for name, packed in (fields or {}).items():
        try:
            pieces[Exchange(name.decode())] = decode_entry(packed)
        except ValueError as error:
            source = name.decode("utf-8", "replace")[:40]
            raw = packed[:_MAX_RAW].hex()
            rejects.append(Reject(source, "tick_entry", entry_id, str(error), raw))
    return TickEntry(entry_id, pieces, rejects)
