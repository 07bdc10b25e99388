"""Redis and PostgreSQL die, leaders go, the sync worker is killed: candles are the plain fold.

The frames of a recording carry the present time here, as live ones do.
"""

import json
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.conftest import MakeStage
from tests.e2e.firehose.judge import Recording, expected_bars, read_recording, stored_bars
from tests.e2e.firehose.stage import Running, Stage, wait_until
from tests.e2e.firehose.test_replay_truth import BUSY, SETTLED_S, check_states, is_settled, replay

FRAMES = 16_000
PER_SECOND = 100
AHEAD_S = 45  # until everything runs
Trouble = Callable[[Stage], None]


@pytest.mark.timeout(900)
def test_candles_after_everything(
    shared_data: Path, make_stage: MakeStage, is_full: bool, tmp_path: Path
) -> None:
    if not is_full:
        pytest.skip("long: set ALPHA_PROOF=full")
    begins_s = time.time() + AHEAD_S
    recording = at_present(shared_data / "kalshi" / "ws" / BUSY, tmp_path, begins_s)
    stage = begin(make_stage(), recording)
    time.sleep(max(begins_s - time.time(), 0))
    stage.control("/_stream/replay", "PUT", {"paused": False})
    for name, trouble in TROUBLES:
        time.sleep(9)
        stage.revive("sync")
        trouble(stage)
        print(f"{replay(stage)['position']} frames played: {name}")  # noqa: T201
    wait_until(lambda: is_played(stage), 400, "the recording is played")
    check_states(stage, recording.ticks, after_gap=True)
    wait_until(lambda: is_settled(stage), SETTLED_S + 90, "every suspect minute is fetched")
    expected = expected_bars(recording.ticks)
    stored = stored_bars(stage, {tick.market_ext_id for tick in recording.ticks})
    wrong = [key for key in expected.keys() | stored.keys() if expected.get(key) != stored.get(key)]
    reasons = stage.sql("SELECT reason, count(*) AS n FROM alpha.candle_backfills GROUP BY 1")
    fetched = stage.sql("SELECT count(*) AS n FROM alpha.market_ticks WHERE source = 'exchange'")
    print(  # noqa: T201
        f"{len(recording.ticks)} frames, {replay(stage)['missed']} missed, {len(expected)} candles,"
        f" {fetched[0]['n']} of them fetched, {len(wrong)} wrong;"
        f" asked for: { {row['reason']: row['n'] for row in reasons} }"
    )
    assert not [(key, expected.get(key), stored.get(key)) for key in sorted(wrong)[:5]]


def at_present(path: Path, folder: Path, begins_s: float) -> Recording:
    """Write a recording anew: its first frames, evenly spaced, each with the time it is sent at."""
    found = read_recording(path)
    order = sorted(found.ticks, key=lambda tick: tick.ts_ms)[:FRAMES]
    first_ms = int(begins_s * 1_000)
    ticks = [
        replace(tick, ts_ms=first_ms + number * 1_000 // PER_SECOND)
        for number, tick in enumerate(order)
    ]
    file = folder / "present.jsonl"
    with file.open("w") as out:
        for tick in ticks:
            msg = {
                "market_ticker": tick.market_ext_id,
                "market_id": f"id-{tick.market_ext_id}",
                "price_dollars": tick.last,
                "yes_bid_dollars": tick.bid,
                "yes_ask_dollars": tick.ask,
                "yes_bid_size_fp": tick.bid_size,
                "yes_ask_size_fp": tick.ask_size,
                "volume_fp": tick.volume,
                "open_interest_fp": tick.open_interest,
                "ts_ms": tick.ts_ms,
                "ts": tick.ts_ms // 1_000,
            }
            frame = {"type": "ticker", "sid": 1, "msg": msg}
            out.write(json.dumps({"recv_ms": tick.ts_ms, "frame": frame}) + "\n")
    return Recording(file, ticks)


def begin(stage: Stage, recording: Recording) -> Stage:
    """Have two firehoses and the sync worker wait for the first frame."""
    stage.sandbox("--read-rate", "2000", "--read-capacity", "4000")
    plan = {"files": [str(recording.path)], "by": "recv_ms", "speed": 1}
    stage.control("/_stream/replay", "PUT", plan)
    stage.control("/_stream/replay", "PUT", {"paused": True})
    stage.environ["KALSHI_READ_TOKENS_PER_S"] = "2000"
    stage.run("sync", "kalshi")
    stage.alpha("sync", "worker", "sync")
    for name in ("first", "second"):
        stage.alpha(name, "stream")
    wait_until(lambda: stage.feed_state() == "live", 60, "the feed is live")
    return stage


def leader_of(stage: Stage) -> Running:
    pid, _ = wait_until(stage.holder_pid, 15, "somebody leads")
    return next(run for run in stage.running.values() if run.pid == pid)


def is_played(stage: Stage) -> bool:
    stage.revive("sync")
    return bool(replay(stage)["done"])


def restart(stage: Stage, name: str) -> None:
    stage.running[name].kill()
    time.sleep(1)
    stage.start(name)


def flush_redis(stage: Stage) -> None:
    with stage.redis() as client:
        client.flushall()


def flush_redis_often(stage: Stage) -> None:
    """Three times within a run of the aggregation, whatever it is doing then."""
    for _ in range(3):
        flush_redis(stage)
        time.sleep(5)


def stop_leader(stage: Stage) -> None:
    leader = leader_of(stage)
    leader.signal(signal.SIGTERM)
    leader.process.wait(15)
    wait_until(stage.holder_pid, 15, "another leads")
    stage.start(leader.spec.name)


def kill_leader(stage: Stage) -> None:
    leader = leader_of(stage)
    leader.kill()
    stage.start(leader.spec.name)


TROUBLES: tuple[tuple[str, Trouble], ...] = (
    ("Redis killed", lambda stage: restart(stage, "redis")),
    ("Redis flushed", flush_redis),
    ("sync worker killed", lambda stage: restart(stage, "sync")),
    ("PostgreSQL killed", lambda stage: restart(stage, "postgres")),
    ("leader stopped", stop_leader),
    ("Redis flushed three times", flush_redis_often),
    ("leader killed", kill_leader),
    ("Redis flushed after a take-over", flush_redis),
    ("PostgreSQL killed again", lambda stage: restart(stage, "postgres")),
    ("sync worker killed again", lambda stage: restart(stage, "sync")),
    ("Redis killed again", lambda stage: restart(stage, "redis")),
)
