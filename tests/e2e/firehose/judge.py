"""What a recording must have become: a plain fold of its frames, held against Redis and SQL."""

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.domain.ids import market_id
from app.domain.types import Exchange
from tests.e2e.firehose.stage import Stage
from tests.naive_fold import Bar, PlainTick, naive_fold

_HASH = ("ts_ms", "last", "bid", "ask", "bid_size", "ask_size", "volume", "open_interest")


@dataclass(frozen=True, slots=True)
class Recording:
    """Ticker frames of a file, in their own order, for one copy."""

    path: Path
    ticks: list[PlainTick]

    @property
    def last_ms(self) -> int:
        return max(tick.ts_ms for tick in self.ticks)


def read_recording(path: Path) -> Recording:
    """Read the ticker frames of a recorded socket."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        frames = [json.loads(line)["frame"] for line in lines]
    ticks = [_tick(frame["msg"]) for frame in frames if frame["type"] == "ticker"]
    return Recording(path, ticks)


def _tick(msg: dict[str, Any]) -> PlainTick:
    return PlainTick(
        msg["market_ticker"],
        msg["ts_ms"],
        last=msg["price_dollars"],
        bid=msg["yes_bid_dollars"],
        ask=msg["yes_ask_dollars"],
        bid_size=msg["yes_bid_size_fp"],
        ask_size=msg["yes_ask_size_fp"],
        volume=msg["volume_fp"],
        open_interest=msg["open_interest_fp"],
    )


def expected_bars(ticks: Iterable[PlainTick]) -> dict[tuple[str, int], Bar]:
    """Fold plainly; frames are not counted, for a minute fetched again has none."""
    bars = naive_fold(ticks)
    return {key: replace(bar, frames=0) for key, bar in bars.items()}


def stored_bars(stage: Stage, ext_ids: Iterable[str]) -> dict[tuple[str, int], Bar]:
    """Read every minute of these markets from SQL."""
    names = {market_id(Exchange.KALSHI, ext_id): ext_id for ext_id in ext_ids}
    rows = stage.sql("SELECT * FROM alpha.market_ticks WHERE market_id = ANY($1)", list(names))
    return {
        (names[row["market_id"]], int(row["bucket_at"].timestamp()) // 60): Bar(
            open=row["open"],
            high=row["high"],
            low=row["low"],
            close=row["close"],
            bid=row["bid"],
            ask=row["ask"],
            open_interest=row["open_interest"],
            volume=row["volume"],
        )
        for row in rows
    }


def newest(ticks: Iterable[PlainTick]) -> dict[str, PlainTick]:
    """Return the newest frame of each market: the last to arrive of the latest time."""
    found: dict[str, PlainTick] = {}
    for tick in ticks:
        known = found.get(tick.market_ext_id)
        if known is None or tick.ts_ms >= known.ts_ms:
            found[tick.market_ext_id] = tick
    return found


def expected_states(ticks: Iterable[PlainTick]) -> dict[str, dict[str, Decimal | None]]:
    """Return what `market:{ext_id}` must hold in the end."""
    return {ext_id: _state(tick) for ext_id, tick in newest(ticks).items()}


def stored_states(stage: Stage, ext_ids: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Read `market:{ext_id}` of these markets."""
    with stage.redis() as client:
        for ext_id in ext_ids:
            texts = client.hmget(f"market:{ext_id}", _HASH)
            numbers = [Decimal(text.decode()) if text else None for text in texts]
            yield ext_id, dict(zip(_HASH, numbers, strict=True))


def _state(tick: PlainTick) -> dict[str, Decimal | None]:
    bid = _offer(tick.bid, tick.bid_size)
    ask = _offer(tick.ask, tick.ask_size)
    has_traded = bool(tick.last) and (Decimal(tick.last) or Decimal(tick.volume))
    return {
        "ts_ms": Decimal(tick.ts_ms),
        "last": Decimal(tick.last) if has_traded else None,
        "bid": bid and Decimal(tick.bid),
        "ask": ask and Decimal(tick.ask),
        "bid_size": bid,
        "ask_size": ask,
        "volume": Decimal(tick.volume),
        "open_interest": Decimal(tick.open_interest),
    }


def _offer(price: str, size: str) -> Decimal | None:
    """Return the size of an offer, None when nobody makes one."""
    return Decimal(size) if 0 < Decimal(price) < 1 and Decimal(size) else None


def copies(ticks: list[PlainTick], count: int, suffixed: Iterable[str]) -> list[PlainTick]:
    """Return the frames of every copy, under the names that the sandbox gives them.

    Args:
        suffixed: what is appended to a market's name, one text per copy.
    """
    suffixes = list(suffixed)[:count]
    return [
        replace(tick, market_ext_id=tick.market_ext_id + suffix)
        for suffix in suffixes
        for tick in ticks
    ]
