"""Recorded sockets: every frame decoded or counted, and folded as a plain fold would."""

import gzip
import json
import math
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.domain.fold import FoldBook, MarketState, MicroCandle, fold_minutes
from app.models.kalshi.frames import (
    READ_TYPES,
    EventFeeFrame,
    EventLifecycleFrame,
    KalshiTicker,
    MarketLifecycleFrame,
    TradeFrame,
    UnreadFrame,
)
from app.models.tick_entry import decode_entry, encode_entry
from app.services.kalshi.stream import FrameReader, StreamCounters
from app.services.kalshi.stream.decode import Other, Unreadable
from app.services.kalshi.stream.translate import to_lifecycle_event, to_stream_trade
from tests.naive_fold import naive_fold, to_bar

FAR_MS = 4_000_000_000_000
NOW = datetime(2026, 11, 22, tzinfo=UTC)
TICKER_FILES = [
    "ticker_kxbtc15m_2026-05-11_12.jsonl.gz",
    "mixed_ticker_orderbook_kxbtc15m_2026-05-11T1851.jsonl.gz",
]
Frames = list[dict[str, Any]]
Record = Callable[[str, object], None]


def frames_of(path: Path) -> Frames:
    """Return the frames of a recording, whatever wraps them."""
    if path.name.endswith(".jsonl.gz"):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            return [json.loads(line)["frame"] for line in lines]
    if path.suffix == ".gz":
        recording = json.loads(gzip.decompress(path.read_bytes()))
        return [row["frame"] for row in recording["frames"]]
    if path.suffix == ".jsonl":
        return [json.loads(line)["frame"] for line in path.read_text().splitlines()]
    messages = json.loads(path.read_text())
    return [example["payload"] for examples in messages.values() for example in examples]


@pytest.fixture(scope="session")
def read_frames(shared_data: Path) -> Callable[[str], Frames]:
    def read(name: str) -> Frames:
        return frames_of(shared_data / "kalshi" / "ws" / name)

    return read


def decoded(frames: Frames) -> tuple[list[KalshiTicker], list[Other], StreamCounters]:
    reader = FrameReader(StreamCounters())
    ticks, others = reader.read([json.dumps(frame).encode() for frame in frames])
    return ticks, others, reader.counters


def test_every_recorded_frame_is_decoded_or_counted(
    shared_data: Path, record_property: Record
) -> None:
    files = sorted((shared_data / "kalshi" / "ws").glob("*.json*"))
    assert len(files) >= 5
    for path in files:
        frames = [frame for frame in frames_of(path) if isinstance(frame, dict)]
        ticks, others, counters = decoded(frames)
        lost = counters.broken
        record_property(path.name, f"{len(frames)} frames, {len(ticks)} tickers")
        assert len(ticks) + len(others) + lost == len(frames)
        kinds = Counter(str(frame.get("type")) for frame in frames)
        read = sum(count for kind, count in kinds.items() if kind in READ_TYPES)
        unread = sum(isinstance(other, Unreadable) for other in others)
        assert counters.unreadable.total() == unread
        assert counters.unknown.total() == len(frames) - read - lost


def test_only_the_legacy_ticker_is_unreadable(read_frames: Callable[[str], Frames]) -> None:
    _, others, counters = decoded(read_frames("lifecycle_and_misc_real_frames.jsonl"))
    assert dict(counters.unreadable) == {"ticker": 1}
    trades = [other for other in others if isinstance(other, TradeFrame)]
    (trade,) = [to_stream_trade(frame.msg) for frame in trades]
    assert (str(trade.price), str(trade.contracts)) == ("0.2700", "7")
    assert trade.traded_at == datetime.fromtimestamp(1759350609, UTC)


def test_real_announcements_in_our_words(read_frames: Callable[[str], Frames]) -> None:
    _, others, _ = decoded(read_frames("lifecycle_and_misc_real_frames.jsonl"))
    kinds = MarketLifecycleFrame | EventLifecycleFrame
    events = [to_lifecycle_event(o, received_at=NOW) for o in others if isinstance(o, kinds)]
    assert Counter(event.kind for event in events) == {
        "determined": 2,
        "settled": 2,
        "event_created": 1,
        "close_date_updated": 1,
        "created": 1,
    }
    determined = events[0]
    assert (determined.result, determined.settlement_price) == ("no", Decimal(0))
    assert determined.happened_at == datetime.fromtimestamp(1784501722, UTC)
    created = next(event for event in events if event.kind == "created")
    assert created.parent_ext_id == "KXWTAMATCH-25OCT02LYSGAU"
    assert created.close_at == datetime.fromtimestamp(1760598000, UTC)


def test_every_documented_example_of_a_kind_we_read(read_frames: Callable[[str], Frames]) -> None:
    frames = [
        frame
        for frame in read_frames("asyncapi_examples_2026-10.json")
        if isinstance(frame, dict) and "type" in frame
    ]
    ticks, others, counters = decoded(frames)
    assert counters.unreadable.total() == counters.broken == 0
    seen = {frame["type"] for frame in frames}
    assert seen >= READ_TYPES, "the document has an example of each"
    assert len(ticks) == sum(frame["type"] == "ticker" for frame in frames)
    for other in others:
        if isinstance(other, TradeFrame):
            assert to_stream_trade(other.msg).taker is not None
        elif isinstance(other, MarketLifecycleFrame | EventLifecycleFrame | EventFeeFrame):
            event = to_lifecycle_event(other, received_at=NOW)
            assert event.ext_id
            assert event.sent_at is not None
            assert event.payload
        elif isinstance(other, UnreadFrame):
            assert other.type not in READ_TYPES


def copies(ticks: list[KalshiTicker], times: int) -> Iterator[KalshiTicker]:
    """Repeat a recording as so many markets side by side, each in its own order."""
    for tick in ticks:
        for copy in range(times):
            yield KalshiTicker(
                market_ext_id=f"{tick.market_ext_id}-{copy}",
                ts_ms=tick.ts_ms,
                last=tick.last,
                bid=tick.bid,
                ask=tick.ask,
                bid_size=tick.bid_size,
                ask_size=tick.ask_size,
                volume=tick.volume,
                open_interest=tick.open_interest,
            )


@pytest.mark.parametrize("name", TICKER_FILES)
@pytest.mark.parametrize("times", [1, 4])
def test_recorded_tickers_fold_as_the_plain_fold(
    read_frames: Callable[[str], Frames], record_property: Record, name: str, times: int
) -> None:
    ticks, _, _ = decoded(read_frames(name))
    frames = list(copies(ticks, times))
    book, entries = FoldBook(), list[bytes]()
    size = math.ceil(len(frames) / 400)
    states: dict[str, MarketState] = {}
    for at in range(0, len(frames), size):
        book.fold(frames[at : at + size], latest_ms=FAR_MS)
        flush = book.take()
        assert flush.refused == 0
        entries.append(encode_entry(flush.pieces))
        states |= {state.market_ext_id: state for state in flush.states}
    pieces: list[MicroCandle] = [piece for entry in entries for piece in decode_entry(entry)]
    minutes = fold_minutes(pieces)
    record_property("compared", f"{len(minutes)} minutes of {len(frames)} frames")
    assert {key: to_bar(candle) for key, candle in minutes.items()} == naive_fold(frames)
    newest = {tick.market_ext_id: tick for tick in frames}
    assert {key: state.ts_ms for key, state in states.items()} == {
        key: tick.ts_ms for key, tick in newest.items()
    }
