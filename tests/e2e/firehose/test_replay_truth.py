"""Recorded frames through everything: Redis and candles are what a plain fold of the file says.

A minute in which frames were missed is fetched from the exchange, so a killed leader in the
middle changes nothing. The sandbox folds the file by code of its own for its candles.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import MakeStage
from tests.e2e.firehose.judge import (
    Recording,
    copies,
    expected_bars,
    expected_states,
    read_recording,
    stored_bars,
    stored_states,
)
from tests.e2e.firehose.stage import Stage, wait_until
from tests.naive_fold import PlainTick

BUSY = "ticker_kxbtc15m_2026-05-11_12.jsonl.gz"
MIXED = "mixed_ticker_orderbook_kxbtc15m_2026-05-11T1851.jsonl.gz"
OTHERS = (
    "orderbook_stream_mlb_2026-08-07.json.gz",
    "lifecycle_and_misc_real_frames.jsonl",
    "asyncapi_examples_2026-10.json",
)
State = dict[str, Decimal | None]
SETTLED_S = 160  # a suspect minute is fetched some 75 s after it, once its frames are candles


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("name", "speed", "count", "kills", "is_long"),
    [
        (BUSY, 40, 1, True, True),
        (MIXED, 100, 1, False, False),
        (BUSY, 5, 25, False, True),
        (BUSY, 5, 25, True, True),
    ],
    ids=["busy-killed", "mixed", "busy-x25", "busy-x25-killed"],
)
def test_a_recording_becomes_its_plain_fold(
    shared_data: Path,
    make_stage: MakeStage,
    is_full: bool,
    name: str,
    speed: int,
    count: int,
    kills: bool,
    is_long: bool,
) -> None:
    if is_long and not is_full:
        pytest.skip("long: set ALPHA_PROOF=full")
    recording = read_recording(shared_data / "kalshi" / "ws" / name)
    stage = begin(make_stage, recording, speed=speed, count=count)
    if kills:
        wait_until(lambda: replay(stage)["position"] > replay(stage)["total"] * 0.4, 300, "40 %")
        victim = stage.holder_pid()
        next(run for run in stage.running.values() if run.pid == victim).kill()
    wait_until(lambda: replay(stage)["done"], 600, "the recording is played")
    fetch_histories(stage)
    ticks = copies(recording.ticks, count, ["", *(f"X{n}" for n in range(1, count))])
    check_states(stage, ticks, after_gap=kills)
    wait_until(lambda: is_settled(stage), SETTLED_S + 60, "every suspect minute is fetched")
    missed = replay(stage)["missed"]
    print(f"{name} x{count}: {len(ticks)} frames, {missed} missed; {check_candles(stage, ticks)}")  # noqa: T201
    assert not kills or missed


def begin(
    make_stage: MakeStage,
    recording: Recording,
    *,
    speed: int,
    count: int,
    streams: Sequence[str] = ("first", "second"),
) -> Stage:
    """Play a recording to some firehoses, one of which leads."""
    after = datetime.fromtimestamp(recording.last_ms / 1_000, UTC) + timedelta(minutes=2)
    stage = make_stage(clock_at=after.isoformat())
    stage.sandbox(
        *("--now", after.isoformat(), "--frames", str(recording.path)),
        *("--frames-by", "replay_ms" if recording.path.name == BUSY else "recv_ms"),
        *("--frames-speed", str(speed), "--frames-copies", str(count)),
        *("--read-rate", "2000", "--read-capacity", "4000"),
    )
    stage.environ["KALSHI_READ_TOKENS_PER_S"] = "2000"
    stage.run("sync", "kalshi")
    # A replay's minutes are long over by the clock: histories would be fetched half played.
    stage.alpha("sync", "worker", "sync", TOP_MARKETS="0")
    for name in streams:
        stage.alpha(name, "stream")
    if streams:
        wait_until(lambda: stage.feed_state() == "live", 60, "the feed is live")
    return stage


def fetch_histories(stage: Stage) -> None:
    """Let the sync worker ask for what only histories tell: markets that lived within a gap."""
    stage.running["sync"].stop()
    stage.alpha("sync", "worker", "sync", **stage.clock_now())


def replay(stage: Stage) -> dict[str, Any]:
    found: dict[str, Any] = stage.control("/_stream/replay")
    return found


def check_states(stage: Stage, ticks: list[PlainTick], *, after_gap: bool) -> None:
    """Redis holds what every market's newest frame said.

    Within moments; after a gap within a sync, for a market whose last frame was missed is
    asked for, and then the time of that frame is not known.
    """
    expected = {name: relevant(state, after_gap) for name, state in expected_states(ticks).items()}

    def stored() -> dict[str, State]:
        return {name: relevant(state, after_gap) for name, state in stored_states(stage, expected)}

    try:
        wait_until(lambda: stored() == expected, 60 if after_gap else 10, "Redis is up to date")
    except AssertionError:
        found = stored()
        wrong = [name for name in expected if found[name] != expected[name]]
        first = [(name, expected[name], found[name]) for name in wrong[:3]]
        pytest.fail(f"{len(wrong)} markets differ in Redis: {first}")


def check_candles(stage: Stage, ticks: list[PlainTick]) -> str:
    """Every minute in SQL is the plain fold's, and none is missing."""
    expected = expected_bars(ticks)
    stored = stored_bars(stage, {tick.market_ext_id for tick in ticks})
    wrong = sorted(
        key for key in expected.keys() | stored.keys() if expected.get(key) != stored.get(key)
    )
    for key in wrong[:5]:
        print(key, "expected", expected.get(key), "stored", stored.get(key))  # noqa: T201
    assert not wrong, f"{len(wrong)} of {len(expected)} candles are wrong"
    (row,) = stage.sql("SELECT count(*) AS n FROM alpha.market_ticks WHERE source = 'exchange'")
    return f"{len(expected)} candles, {row['n']} of them fetched, none wrong"


def relevant(state: State, after_gap: bool) -> State:
    return {name: fact for name, fact in state.items() if not (after_gap and name == "ts_ms")}


def is_settled(stage: Stage) -> bool:
    """Every entry became candles, and nothing waits to be fetched again."""
    (row,) = stage.sql(
        "SELECT (SELECT position FROM alpha.stream_cursors WHERE name = 'aggregate_ohlcv') AS at,"
        " (SELECT count(*) FROM alpha.candle_backfills WHERE done_at IS NULL) AS waiting,"
        " (SELECT count(*) FROM alpha.candle_backfills WHERE reason = 'first_sight') AS asked"
    )
    with stage.redis() as client:
        newest = client.xinfo_stream("ticks")["last-generated-id"].decode()
    return bool(row["asked"] and row["waiting"] == 0 and row["at"] == newest)
