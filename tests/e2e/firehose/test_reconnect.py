"""Real processes over a living world: the line breaks in every way, and prices go on."""

import time
from collections.abc import Iterator

import pytest

from tests.e2e.firehose.stage import Stage, wait_until
from tests.e2e.firehose.world import (
    begin_world,
    break_line,
    connections,
    end_faults,
    find_fresh,
    sent_number,
    set_faults,
)

CLEAN_S = 2.0
BLACK_HOLE_S = 27.0
SLACK_S = 20.0  # a test machine may be busy; the full form holds the promise itself
HEALTHY_S = 61  # of data, after which the delays begin anew


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One world and one firehose, which every test leaves whole."""
    stage = Stage.build(tmp_path_factory.mktemp("reconnect"))
    try:
        begin_world(stage)
        yield stage
    finally:
        stage.stop()


@pytest.fixture(autouse=True)
def _clean(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "world" in request.fixturenames:
        end_faults(request.getfixturevalue("world"))


@pytest.mark.timeout(600)
def test_a_clean_drop(world: Stage, is_full: bool) -> None:
    """The first delay is random up to 0.5 s, and again after a minute of data."""
    took = []
    for fault in ("ws_disconnect", "ws_cut") * (3 if is_full else 1):
        if is_full:
            time.sleep(HEALTHY_S)
        took.append(break_line(world, fault, CLEAN_S + SLACK_S))
    print("clean drops, s to fresh data:", *(f"{s:.2f}" for s in took))  # noqa: T201
    assert not is_full or max(took) < CLEAN_S


@pytest.mark.timeout(120)
def test_a_black_hole(world: Stage, is_full: bool) -> None:
    """Nothing is heard for 25 s, then the line is cut; until then the feed says it is old."""
    if is_full:
        time.sleep(HEALTHY_S)
    took_s = break_line(world, "ws_black_hole", BLACK_HOLE_S + SLACK_S)
    print(f"black hole: {took_s:.2f} s to fresh data")  # noqa: T201
    assert not is_full or took_s < BLACK_HOLE_S
