"""Reading the Redis stream `ticks`, for those who turn it into candles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

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
        is_new_stream: Redis forgot the whole stream, which its writer notices; otherwise the
            stream grew too long, or Redis went back to an earlier state of it.
        since, until: when they were written.
    """

    is_new_stream: bool
    since: datetime
    until: datetime


async def read_entries(redis: Redis, after: str, *, count: int) -> list[TickEntry]:
    """Return the next `count` entries after a position, oldest first."""
    rows = await redis.xrange(TICKS, min=f"({after}", count=count)
    return [_to_entry(entry_id.decode(), fields) for entry_id, fields in rows]


async def wait_for_entries(
    redis: Redis, after: str, *, count: int, block_ms: int
) -> list[TickEntry]:
    """Return the next entries after a position, oldest first; waits for one for so long."""
    found = await redis.xread({TICKS: after}, count=count, block=block_ms)
    return [_to_entry(entry_id.decode(), fields) for _, rows in found for entry_id, fields in rows]


async def find_loss(redis: Redis, position: str) -> TickLoss | None:
    """Tell whether entries after `position` are gone; None as long as the last one read is there.

    It stays until newer ones push it out, and a reader is hundreds of entries ahead of that.
    None too when there is nothing behind the position (yet).
    """
    if position == BEGINNING or await redis.xrange(TICKS, min=position, max=position):
        return None
    later = await redis.xrange(TICKS, min=f"({position}", count=1)
    if not later:
        return None
    oldest = later[0][0].decode()
    info = await redis.xinfo_stream(TICKS)
    is_new_stream = info.get("entries-added") == info["length"]
    return TickLoss(is_new_stream, entry_time(position), entry_time(oldest))


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
