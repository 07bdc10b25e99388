"""The leader is killed, stopped, cut from Redis or PostgreSQL: nothing is lost or doubled."""

import signal
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import MakeStage
from tests.e2e.firehose.judge import read_recording
from tests.e2e.firehose.proxy import SocketProxy
from tests.e2e.firehose.stage import Running, Stage, wait_until
from tests.e2e.firehose.test_replay_truth import (
    BUSY,
    SETTLED_S,
    begin,
    check_candles,
    check_states,
    fetch_histories,
    is_settled,
    replay,
)

TAKE_OVER_S = 12
STOPPED_S = 30
NAMES = ("first", "second", "third")


@pytest.mark.timeout(900)
def test_whatever_happens_to_the_leader(shared_data: Path, make_stage: MakeStage) -> None:
    recording = read_recording(shared_data / "kalshi" / "ws" / BUSY)
    stage = begin(make_stage, recording, speed=7, count=1, streams=())
    ways = {name: start_with_own_way(stage, name) for name in NAMES}
    wait_until(lambda: stage.feed_state() == "live", 60, "the feed is live")
    for trouble in ("cut from Redis", "stopped", "cut from PostgreSQL", "killed"):
        leader = leader_of(stage)
        to_postgres, to_redis = ways[leader.spec.name]
        make_trouble(trouble, leader, to_postgres, to_redis)
        took_s = wait_for_another(stage, leader)
        print(f"{trouble}: another leads and is live after {took_s:.1f} s")  # noqa: T201
        assert took_s < TAKE_OVER_S
        if trouble == "stopped":
            time.sleep(STOPPED_S - took_s)
        end_trouble(trouble, leader, to_postgres, to_redis)
        time.sleep(3)
        assert leader_of(stage).pid != leader.pid, "the old leader is back"
    wait_until(lambda: replay(stage)["done"], 300, "the recording is played")
    fetch_histories(stage)
    check_states(stage, recording.ticks, after_gap=True)
    wait_until(lambda: is_settled(stage), SETTLED_S + 60, "every suspect minute is fetched")
    print(f"{replay(stage)['missed']} frames missed; {check_candles(stage, recording.ticks)}")  # noqa: T201
    check_fences(stage)


def start_with_own_way(stage: Stage, name: str) -> tuple[SocketProxy, SocketProxy]:
    environ, to_postgres, to_redis = stage.own_way(name)
    stage.alpha(name, "stream", **environ)
    return to_postgres, to_redis


def leader_of(stage: Stage) -> Running:
    pid, _ = wait_until(stage.holder_pid, 15, "somebody leads")
    return next(run for run in stage.running.values() if run.pid == pid)


def make_trouble(
    trouble: str, leader: Running, to_postgres: SocketProxy, to_redis: SocketProxy
) -> None:
    if trouble == "killed":
        leader.kill()
    elif trouble == "stopped":
        leader.signal(signal.SIGSTOP)
    elif trouble == "cut from Redis":
        to_redis.cut()
    else:
        to_postgres.cut()


def end_trouble(
    trouble: str, leader: Running, to_postgres: SocketProxy, to_redis: SocketProxy
) -> None:
    if trouble == "stopped":
        leader.signal(signal.SIGCONT)
    to_redis.join()
    to_postgres.join()


def wait_for_another(stage: Stage, old: Running) -> float:
    """Wait until somebody else leads and prices are live again; return the seconds."""

    def is_done() -> bool:
        rows = stage.sql(
            "SELECT holder, as_of FROM alpha.leases JOIN alpha.feed_states ON feed = 'kalshi.ticks'"
            " WHERE name = 'firehose:kalshi' AND expires_at > clock_timestamp() AND state = 'live'"
        )
        return bool(rows) and not rows[0]["holder"].endswith(f":{old.pid}")

    return wait_until(is_done, 40, "another leads")[1]


def check_fences(stage: Stage) -> None:
    """The last to write to Redis was the last to hold the lease."""
    (lease,) = stage.sql("SELECT fence FROM alpha.leases WHERE name = 'firehose:kalshi'")
    with stage.redis() as client:
        assert int(client.hget("firehose:kalshi", "fence") or 0) == lease["fence"]
