"""The tape of ticker frames: the same bytes every time, and the truth about them."""

import json
from decimal import Decimal

import msgspec

from app.models.kalshi.frames import TickerFrame
from bench.ticks.flood import to_wire
from bench.ticks.tape import make_tape

TAPE = make_tape(3_000, group=1_000)


def test_frames_are_what_our_reader_reads_and_as_long_as_the_real_ones() -> None:
    frames = [msgspec.json.decode(frame, type=TickerFrame) for frame in TAPE.frames]
    assert len(frames) == 3_000
    assert 470 <= sum(map(len, TAPE.frames)) / 3_000 <= 530
    times = [frame.msg.ts_ms for frame in frames]
    assert times == sorted(times)


def test_the_same_arguments_make_the_same_bytes_whatever_the_group() -> None:
    assert make_tape(3_000, group=7).frames == TAPE.frames


def test_the_truth_is_what_the_frames_say() -> None:
    last = {json.loads(frame)["msg"]["market_ticker"]: frame for frame in TAPE.frames}
    assert set(last) == set(TAPE.latest)
    for ext_id, frame in last.items():
        msg, expected = json.loads(frame)["msg"], TAPE.latest[ext_id]
        assert expected["ts_ms"] == str(msg["ts_ms"])
        assert expected["volume"] == msg["volume_fp"]
        assert Decimal(expected["last"]) == Decimal(msg["price_dollars"])
    assert sum(minute.frames for minute in TAPE.minutes.values()) == 3_000


def test_each_group_keeps_one_change_per_market() -> None:
    assert len(TAPE.changes) == 3
    group = [json.loads(frame)["msg"]["market_ticker"] for frame in TAPE.frames[1_000:2_000]]
    assert set(TAPE.changes[1]) == set(group)
    assert 0.1 < TAPE.share_left < 0.5


def test_a_flood_is_whole_messages_cut_into_writes() -> None:
    chunks = to_wire([b"x" * 100, b"y" * 40_000])
    assert [len(chunk) for chunk in chunks] == [16_384, 16_384, 40_106 - 2 * 16_384]
    stream = b"".join(chunks)
    assert stream[:2] == bytes((0x81, 100))
    assert stream[102:106] == bytes((0x81, 126)) + (40_000).to_bytes(2, "big")
