"""Counting what cannot be read."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import OperatorError
from app.models.kalshi.frames import UnreadFrame
from app.services.kalshi.stream import FrameReader, StreamCounters, open_source
from app.services.kalshi.stream.counters import OTHERS
from app.services.kalshi.stream.decode import Unreadable

UNHURRIED = settings(deadline=None)


@given(
    st.binary() | st.text().map(str.encode) | st.from_regex(rb'\{"type":"ticker".*', fullmatch=True)
)
@UNHURRIED
def test_no_bytes_are_fatal(raw: bytes) -> None:
    counters = StreamCounters()
    ticks, others = FrameReader(counters).read([raw])
    assert len(ticks) + len(others) + counters.broken == counters.frames == 1


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda part: st.lists(part) | st.dictionaries(st.text(), part),
    max_leaves=8,
)


@given(st.sampled_from(["ticker", "trade", "ok", "error", "subscribed", "x"]), _json, _json, _json)
@UNHURRIED
def test_no_shape_is_fatal(kind: str, sid: object, seq: object, msg: object) -> None:
    counters = StreamCounters()
    frame = {"type": kind, "sid": sid, "seq": seq, "msg": msg}
    ticks, others = FrameReader(counters).read([msgspec.json.encode(frame)])
    assert len(ticks) + len(others) + counters.broken == 1


def test_unreadable_keeps_its_number_and_text() -> None:
    counters = StreamCounters()
    raw = b'{"type":"trade","sid":3,"seq":9,"msg":{"trade_id":null}}'
    _, (other,) = FrameReader(counters).read([raw])
    assert isinstance(other, Unreadable)
    assert (other.sid, other.seq, other.reject.raw) == (3, 9, raw.decode())
    assert "trade_id" in other.reject.reason


def test_kinds_nobody_knows_are_bounded() -> None:
    counters = StreamCounters()
    frames = [msgspec.json.encode({"type": f"kind-{n}" + "x" * 100}) for n in range(1_000)]
    _, others = FrameReader(counters).read(frames)
    assert all(isinstance(other, UnreadFrame) for other in others)
    assert counters.unknown.total() == 1_000
    assert len(counters.unknown) == 51
    assert counters.unknown[OTHERS] == 950


@pytest.mark.parametrize("name", ["", "aiohttp", "../picows"])
def test_unknown_library(name: str) -> None:
    with pytest.raises(OperatorError, match="websockets or picows"):
        open_source(name)
