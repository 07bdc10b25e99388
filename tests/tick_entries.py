"""Frames for tests of candles: random ones, cut into flushes, put into the stream."""

import random
from collections.abc import Iterable, Sequence
from typing import Any

from app.core.database import Pool
from app.core.redis import Redis
from app.domain.fold import FoldBook, MicroCandle
from app.domain.ids import market_id
from app.domain.types import Exchange
from app.models.tick_entry import encode_entry
from tests.naive_fold import Bar, PlainTick, naive_fold

LATEST_MS = 4_000_000_000_000
MARKETS = ("KXA-26-A", "KXB-26-B", "KXC-26-C")
TABLES = {"market_ticks": 1, "market_ticks_1h": 60, "market_ticks_1d": 1_440}


def random_frames(seed: int, start_ms: int, count: int) -> list[PlainTick]:
    """Make frames over some hours: late ones, never traded ones, one-sided books, repeats."""
    chance = random.Random(seed)
    at_ms = start_ms
    volume = dict.fromkeys(MARKETS, 0)
    frames = []
    for _ in range(count):
        ext_id = chance.choice(MARKETS)
        at_ms += chance.choice((0, 0, 900, 8_000, 30_000, 400_000))
        late_ms = chance.choice((0, 0, 0, 0, 15_000, 150_000)) if volume[ext_id] else 0
        volume[ext_id] += chance.choice((0, 0, 25, 1_000))
        traded = volume[ext_id] > 0
        frames.append(
            PlainTick(
                ext_id,
                at_ms - late_ms,
                last=f"0.{chance.randrange(100, 9_900):04d}" if traded else "0.0000",
                bid=chance.choice(("0.0000", "0.4100", "0.4200")),
                ask=chance.choice(("0.4300", "0.5000", "1.0000")),
                volume=f"{volume[ext_id] // 100}.{volume[ext_id] % 100:02d}",
                open_interest=f"{chance.randrange(1_000)}.00",
            )
        )
    return frames


def cut_flushes(frames: Sequence[PlainTick], seed: int) -> list[list[MicroCandle]]:
    """Fold frames and take the pieces away at random moments."""
    chance = random.Random(seed)
    book, flushes = FoldBook(), []
    for frame in frames:
        book.fold([frame], latest_ms=LATEST_MS)
        if chance.random() < 0.2:
            flushes.append(book.take().pieces)
    flushes.append(book.take().pieces)
    return [pieces for pieces in flushes if pieces]


def expected(frames: Iterable[PlainTick], width: int = 1) -> dict[tuple[str, int], Bar]:
    """Fold naively, then join the minutes in the order of time to bars of `width` minutes.

    Keys hold the start in minutes since 1970. The close of a bar of late frames only is
    its first price.
    """
    wide: dict[tuple[str, int], Bar] = {}
    minutes = naive_fold(frames)
    for ext_id, minute in sorted(minutes, key=lambda key: key[1]):
        bar = wide.setdefault((ext_id, minute - minute % width), Bar())
        _join(bar, minutes[ext_id, minute])
    for bar in wide.values():
        if bar.close is None:
            bar.close = bar.open
    return wide


def _join(bar: Bar, later: Bar) -> None:
    prices = [price for price in (bar.high, bar.low, later.high, later.low) if price is not None]
    bar.high, bar.low = max(prices, default=None), min(prices, default=None)
    bar.open = later.open if bar.open is None else bar.open
    bar.close = bar.close if later.close is None else later.close
    bar.volume += later.volume
    bar.frames += later.frames
    if later.open_interest is not None:  # it had a frame in time
        bar.bid, bar.ask, bar.open_interest = later.bid, later.ask, later.open_interest


async def stored(pool: Pool, table: str = "market_ticks") -> dict[tuple[str, int], Bar]:
    """Read candles back as bars."""
    names = {market_id(Exchange.KALSHI, ext_id): ext_id for ext_id in MARKETS}
    rows = await pool.fetch(f"SELECT * FROM alpha.{table}")
    return {
        (names[row["market_id"]], int(row["bucket_at"].timestamp()) // 60): Bar(
            row["open"], row["high"], row["low"], row["close"], row["bid"], row["ask"],
            row["open_interest"], row["volume"], row["frames"],
        )
        for row in rows
    }  # fmt: skip


async def add_entry(redis: Redis, pieces: Sequence[MicroCandle], field: str = "kalshi") -> str:
    """Write one flush as the firehose does."""
    entry = await redis.xadd("ticks", {field: encode_entry(pieces)})
    return str(entry.decode())


def piece(minute: int, ext_id: str = MARKETS[0], **fields: Any) -> MicroCandle:
    """Make a piece of one frame; any field can be given."""
    made = MicroCandle(
        ext_id, minute, 500_000, 500_000, 500_000, 500_000, 490_000, 510_000, 100, 4_000, 1,
        minute * 60_000,
    )  # fmt: skip
    return made._replace(**fields)
