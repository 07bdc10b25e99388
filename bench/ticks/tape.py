"""A seeded tape of ticker frames as Kalshi sends them, and what they must add up to."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

BEGIN_MS = 1_795_361_390_000  # 2026-11-22 15:29:50: a minute ends ten seconds into the tape
ZIPF = 1.1  # how much busier the first markets are
MARKETS = 5_000
FRAMES_PER_S = 10_000  # exchange time; a loud evening
_MINUTE_MS = 60_000
_TRADED = 0.93  # the share of frames that tell of a trade, in recordings of May 2026

# Source: Kalshi AsyncAPI 2.0.0, example `tickerUpdate`, read 2026-11-22.
_FRAME = (
    '{"type":"ticker","sid":3,"sending_ts_ms":%d,"msg":{"market_id":"%s","market_ticker":"%s",'
    '"price_dollars":"%s","yes_bid_dollars":"%s","yes_ask_dollars":"%s","volume_fp":"%s",'
    '"open_interest_fp":"%s","dollar_volume":%d,"dollar_open_interest":%d,'
    '"yes_bid_size_fp":"%s","yes_ask_size_fp":"%s","last_trade_size_fp":"%s",'
    '"ts":%d,"ts_ms":%d,"time":"%s"}}'
)


Fields = dict[str, str]


class Minute(NamedTuple):
    """What the frames of one market and minute add up to; prices in 1/100 cent, counts in 1/100."""

    open: int
    high: int
    low: int
    close: int
    volume: int
    frames: int


@dataclass(slots=True)
class Market:
    """One market as its frames go on."""

    ext_id: str
    exchange_id: str
    price: int
    volume: int
    interest: int
    bid_size: int = 30_000
    ask_size: int = 15_000
    traded: int = 2_500
    ts_ms: int = 0


@dataclass(frozen=True, slots=True)
class Tape:
    """Frames in their order, and the truth about them.

    Attributes:
        group: so many frames come between two flushes.
        changes: what each group changes: by market, the texts of its hash in Redis.
        minutes: by market and minute since 1970.
    """

    frames: list[bytes]
    group: int
    changes: list[dict[str, Fields]] = field(default_factory=list)
    minutes: dict[tuple[str, int], Minute] = field(default_factory=dict)

    @property
    def latest(self) -> dict[str, Fields]:
        """What every market looks like after the last frame."""
        return {ext_id: fields for change in self.changes for ext_id, fields in change.items()}

    @property
    def share_left(self) -> float:
        """The share of messages that remains when each group keeps one per market."""
        return sum(len(change) for change in self.changes) / len(self.frames)

    def groups(self) -> Iterator[list[bytes]]:
        """Yield the frames group by group."""
        for at in range(0, len(self.frames), self.group):
            yield self.frames[at : at + self.group]


@lru_cache(maxsize=4)
def make_tape(frames: int, *, group: int) -> Tape:
    """Make a tape; the same arguments make the same bytes, whatever the group."""
    dice = random.Random(20261122)
    every = [open_market(dice, f"KXNBAGAME-26NOV22T{at:05d}-LAL") for at in range(MARKETS)]
    weights = [rank**-ZIPF for rank in range(1, MARKETS + 1)]
    tape, changed = Tape([], group), {}
    for at, market in enumerate(dice.choices(every, weights, k=frames), start=1):
        before = market.volume if market.ts_ms else None
        market.ts_ms = BEGIN_MS + at * 1_000 // FRAMES_PER_S
        step(dice, market)
        tape.frames.append(to_frame(market))
        _count(tape, market, before)
        changed[market.ext_id] = market
        if at % group == 0 or at == frames:
            tape.changes.append({name: _fields(one, tape) for name, one in changed.items()})
            changed.clear()
    return tape


def open_market(dice: random.Random, ext_id: str) -> Market:
    """Begin a market somewhere."""
    return Market(
        ext_id=ext_id,
        exchange_id=str(UUID(int=dice.getrandbits(128), version=4)),
        price=dice.randrange(300, 9_700, 100),
        volume=dice.randrange(1_000_00, 900_000_00),
        interest=dice.randrange(1_000_00, 400_000_00),
    )


def step(dice: random.Random, market: Market) -> None:
    """Let something happen: nearly always a trade, and always other offers."""
    if dice.random() < _TRADED:
        market.price = min(max(market.price + dice.choice((-100, -100, 0, 100, 100)), 200), 9_800)
        market.traded = dice.randrange(1_00, 400_00)
        market.volume += market.traded
        market.interest += dice.choice((0, market.traded))
    market.bid_size = dice.randrange(10_00, 9_000_00)
    market.ask_size = dice.randrange(10_00, 9_000_00)


def to_frame(market: Market) -> bytes:
    """Return a market's present state as a frame."""
    whole = market.volume // 100
    frame = _FRAME % (
        *(market.ts_ms + 7, market.exchange_id, market.ext_id),
        *(_price(market.price), _price(market.price - 100), _price(market.price + 100)),
        *(_count_text(market.volume), _count_text(market.interest)),
        *(whole // 2, market.interest // 200),
        *(_count_text(market.bid_size), _count_text(market.ask_size), _count_text(market.traded)),
        *(market.ts_ms // 1_000, market.ts_ms, _time(market.ts_ms)),
    )
    return frame.encode()


def _count(tape: Tape, market: Market, before: int | None) -> None:
    """Add a frame to its minute; the first one of a market only sets the mark of its volume."""
    key = (market.ext_id, market.ts_ms // _MINUTE_MS)
    price, gained = market.price, 0 if before is None else market.volume - before
    known = tape.minutes.get(key)
    if known is None:
        tape.minutes[key] = Minute(price, price, price, price, gained, 1)
    else:
        tape.minutes[key] = Minute(
            known.open,
            max(known.high, price),
            min(known.low, price),
            price,
            known.volume + gained,
            known.frames + 1,
        )


def _fields(market: Market, tape: Tape) -> Fields:
    """Write a market as Redis must hold it: its newest values, and its open minute."""
    minute = market.ts_ms // _MINUTE_MS
    running = tape.minutes[market.ext_id, minute]
    return {
        "ts_ms": str(market.ts_ms),
        "last": _price(market.price) + "00",
        "bid": _price(market.price - 100) + "00",
        "ask": _price(market.price + 100) + "00",
        "bid_size": _count_text(market.bid_size),
        "ask_size": _count_text(market.ask_size),
        "volume": _count_text(market.volume),
        "open_interest": _count_text(market.interest),
        "minute": str(minute),
        "open": _price(running.open) + "00",
        "high": _price(running.high) + "00",
        "low": _price(running.low) + "00",
        "minute_volume": _count_text(running.volume),
    }


def _price(hundredths: int) -> str:
    return f"{hundredths // 10_000}.{hundredths % 10_000:04d}"


def _count_text(centis: int) -> str:
    return f"{centis // 100}.{centis % 100:02d}"


def _time(ts_ms: int) -> str:
    moment = datetime.fromtimestamp(ts_ms / 1_000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
