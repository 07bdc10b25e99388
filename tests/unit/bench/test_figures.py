"""Ratios are taken inside a round, their median counts, and a verdict follows from targets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bench.arena import Arena
from bench.contest import Contender, Contest, Path, Promise, Remarks, Role, Scale
from bench.figures import Outcome, compare, conclude


async def never() -> float:
    raise AssertionError("not run in these tests")


@asynccontextmanager
async def no_contest(arena: Arena, scale: Scale) -> AsyncIterator[Contest]:
    yield Contest([])


def make_path(over_peer: float | None = None, over_limit: float | None = None) -> Path:
    return Path("path", "rows/s", over_peer, over_limit, no_contest)


CONTENDERS = [
    Contender(Role.LIMIT, "limit", never),
    Contender(Role.PEER, "peer", never),
    Contender(Role.PEER, "other", never, is_extra=True),
    Contender(Role.OURS, "ours", never),
]
ROUNDS = [
    {"limit": 100.0, "peer": 2.0, "other": 10.0, "ours": 50.0},  # 25x, 0.50
    {"limit": 400.0, "peer": 10.0, "other": 40.0, "ours": 200.0},  # 20x, 0.50: a faster moment
    {"limit": 90.0, "peer": 5.0, "other": 9.0, "ours": 72.0},  # 14.4x, 0.80
]


def conclude_with(path: Path, *promises: Promise) -> Outcome:
    return conclude(path, CONTENDERS, ROUNDS, Remarks(promises=promises))


def test_a_ratio_is_the_median_of_the_rounds_and_keeps_their_spread() -> None:
    ratio = compare("ours", "peer", ROUNDS, 20)
    assert (ratio.low, ratio.middle, ratio.high) == (14.4, 20.0, 25.0)


def test_rates_are_medians_whatever_the_ratios_are() -> None:
    outcome = conclude_with(make_path())
    assert outcome.rates == {"limit": 100.0, "peer": 5.0, "other": 10.0, "ours": 72.0}
    assert outcome.rate(Role.OURS) == 72.0


def test_a_second_peer_is_reported_without_a_target() -> None:
    outcome = conclude_with(make_path(over_peer=20))
    assert outcome.over_peer is not None
    assert outcome.over_peer.target == 20
    assert outcome.over_others["other"].middle == 5.0
    assert outcome.over_others["other"].target is None


@pytest.mark.parametrize(
    ("path", "promises", "verdict", "is_gated_out"),
    [
        pytest.param(make_path(), [], "met", False, id="nothing-promised"),
        pytest.param(make_path(20, 0.5), [], "met", False, id="exactly-reached"),
        pytest.param(make_path(20.1, 0.5), [], "missed", False, id="peer-just-missed"),
        pytest.param(make_path(20, 0.51), [], "missed", False, id="limit-just-missed"),
        pytest.param(make_path(25, None), [], "missed", False, id="at-the-gate"),
        pytest.param(make_path(25.1, None), [], "missed", True, id="below-the-gate"),
        pytest.param(make_path(None, 0.7), [], "missed", True, id="limit-below-the-gate"),
        pytest.param(make_path(20), [Promise("mb", 1.0, 1)], "met", False, id="promise-kept"),
        pytest.param(make_path(20), [Promise("mb", 1.01, 1)], "missed", False, id="promise-broken"),
    ],
)
def test_verdict_and_gate(
    path: Path, promises: list[Promise], verdict: str, is_gated_out: bool
) -> None:
    outcome = conclude_with(path, *promises)
    assert (outcome.verdict, outcome.is_gated_out) == (verdict, is_gated_out)


def test_a_path_without_a_peer_has_no_ratio_to_one() -> None:
    contenders = [c for c in CONTENDERS if c.role is not Role.PEER]
    outcome = conclude(make_path(None, 0.5), contenders, ROUNDS, Remarks())
    assert outcome.over_peer is None
    assert outcome.rate(Role.PEER) is None
    assert outcome.verdict == "met"
