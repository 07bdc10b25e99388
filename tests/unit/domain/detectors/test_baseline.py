"""Baselines: volatility, spread and volumes of one market, and what they are taken for before."""

import json
from decimal import Decimal
from math import log, sqrt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.detectors import Baseline, Minute
from app.domain.detectors.minutes import bucket_of
from app.domain.detectors.volumes import VolumeSketch, bin_of, edge_of
from app.domain.market_kinds import PolicyName
from tests.unit.domain.detectors.market_tape import CENT, MINUTE, calm_baseline, production_rules

RULE = production_rules().baseline
PRE_GAME, IN_PLAY = PolicyName.PRE_GAME, PolicyName.IN_PLAY
STARTS_MS = (MINUTE + 100) * 60_000


def minute(at: int, mid: float = 50, *, spread: int = 2, contracts: float = 0) -> Minute:
    """Return a minute `at` minutes after the beginning; prices in cents."""
    bid, ask = (round((mid + side * spread / 2) * CENT) for side in (-1, 1))
    return Minute(MINUTE + at, round(mid * CENT), bid, ask, round(contracts * 100))


def test_nothing_known_is_the_prior() -> None:
    baseline = Baseline(RULE)
    assert baseline.sigma(PRE_GAME) == pytest.approx(RULE.priors[PRE_GAME].sigma)
    assert baseline.usual_spread(PRE_GAME) == RULE.priors[PRE_GAME].spread_cents * CENT
    usual = baseline.volume_quantile(0.95, PRE_GAME, MINUTE, None)
    assert usual == RULE.priors[PRE_GAME].contracts * 100
    assert baseline.minutes_known(PRE_GAME) == 0


def test_the_variance_is_that_of_one_minute_log_odds_returns() -> None:
    baseline = Baseline(RULE)
    for at in range(3_000):
        baseline.fold_minute(minute(at, 50 if at % 2 else 51), starts_ms=None)
    step = log(0.51 / 0.49)
    assert baseline.sigma(PRE_GAME) == pytest.approx(step, rel=1e-6)
    assert baseline.usual_spread(PRE_GAME) == 2 * CENT


def test_half_of_the_past_is_forgotten_after_a_half_life() -> None:
    baseline = Baseline(RULE)
    for at in range(20_000):
        baseline.fold_minute(minute(at, 50 if at % 2 else 51), starts_ms=None)
    before = baseline.sigma(PRE_GAME)
    for at in range(RULE.half_life_minutes):
        baseline.fold_minute(minute(20_000 + at, 51), starts_ms=None)
    assert baseline.sigma(PRE_GAME) == pytest.approx(before / sqrt(2), rel=1e-3)


def test_minutes_without_a_frame_count_as_calm_ones() -> None:
    told, silent = Baseline(RULE), Baseline(RULE)
    for at in range(200):
        told.fold_minute(minute(at, contracts=7), starts_ms=None)
        silent.fold_minute(minute(at, contracts=7), starts_ms=None)
    for at in range(200, 230):
        told.fold_minute(minute(at), starts_ms=None)
    for one in (told, silent):
        one.fold_minute(minute(230, 52, contracts=7), starts_ms=None)
    assert silent.sigma(PRE_GAME) == pytest.approx(told.sigma(PRE_GAME))
    assert silent.to_state()["volumes"] == told.to_state()["volumes"]
    assert silent.minutes_known(PRE_GAME) == told.minutes_known(PRE_GAME)


def test_one_jump_changes_the_habit_by_little() -> None:
    baseline = calm_baseline(production_rules())
    before = baseline.sigma(PRE_GAME)
    baseline.fold_minute(minute(0, 80), starts_ms=None)
    assert before < baseline.sigma(PRE_GAME) < 1.05 * before


def test_play_and_the_time_before_are_kept_apart() -> None:
    baseline = Baseline(RULE)
    for at in range(400):
        wide = 10 if at >= 100 and at % 2 else 0
        baseline.fold_minute(minute(at, 50 + wide), starts_ms=STARTS_MS)
    assert baseline.sigma(PRE_GAME) < 0.02 < 0.2 < baseline.sigma(IN_PLAY)
    assert (baseline.minutes_known(PRE_GAME), baseline.minutes_known(IN_PLAY)) == (99, 300)


def test_after_a_gap_the_next_minute_is_no_return() -> None:
    baseline = calm_baseline(production_rules())
    before = baseline.sigma(PRE_GAME)
    baseline.break_off()
    baseline.fold_minute(minute(500, 90, contracts=9_999), starts_ms=None)
    assert baseline.sigma(PRE_GAME) == before
    assert baseline.volume_quantile(1, PRE_GAME, MINUTE, None) < 9_999_00


def test_a_minute_that_is_known_is_not_counted_again() -> None:
    baseline = calm_baseline(production_rules())
    before = baseline.to_state()
    baseline.fold_minute(minute(-1, 90, contracts=9_999), starts_ms=None)
    baseline.fold_minute(minute(-700, 90), starts_ms=None)
    assert baseline.to_state() == before


def test_volumes_are_kept_by_time_to_start() -> None:
    baseline = Baseline(RULE)
    starts_ms = (MINUTE + 600) * 60_000
    for at in range(600):
        contracts = 1 if at < 240 else 100
        baseline.fold_minute(minute(at, contracts=contracts), starts_ms=starts_ms)
    early = baseline.volume_quantile(0.9, PRE_GAME, MINUTE + 100, starts_ms)
    late = baseline.volume_quantile(0.9, PRE_GAME, MINUTE + 500, starts_ms)
    assert 5_00 <= early < 7_00
    assert 500_00 <= late < 650_00


def test_a_stretch_with_few_minutes_asks_the_one_before() -> None:
    baseline = Baseline(RULE)
    starts_ms = (MINUTE + 1_000) * 60_000
    for at in range(645):  # the sixth hour before the start has only begun
        baseline.fold_minute(minute(at, contracts=10), starts_ms=starts_ms)
    usual = baseline.volume_quantile(0.95, PRE_GAME, MINUTE + 645, starts_ms)
    assert 50_00 <= usual < 65_00


@pytest.mark.parametrize(
    ("lead", "bucket"),
    [
        (3_000, 0),
        (1_441, 0),
        (1_440, 1),
        (721, 1),
        (360, 3),
        (181, 3),
        (60, 5),
        (1, 6),
        (0, 7),
        (-9, 7),
    ],
)
def test_stretches_before_the_start(lead: int, bucket: int) -> None:
    assert bucket_of(MINUTE, (MINUTE + lead) * 60_000) == bucket


def test_a_state_goes_through_json_and_goes_on_exactly() -> None:
    baseline = calm_baseline(production_rules())
    text = json.dumps(baseline.to_state())
    again = Baseline.from_state(json.loads(text), RULE)
    decimals = Baseline.from_state(json.loads(text, parse_float=Decimal), RULE)
    for one in (baseline, again, decimals):
        for at in range(0, 50, 3):
            one.fold_minute(minute(at, 50 + at % 5, contracts=at), starts_ms=None)
    assert again.to_state() == decimals.to_state() == baseline.to_state()


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"calm": [1, 2]},
        {"calm": [-1.0, 1.0, 1]},
        {"calm": ["1", 1.0, 1]},
        {"spread": None},
        {"through": "x"},
        {"recent": None},
        {"volumes": {"99": {}}},
        {"volumes": {"8": {"x": 1}}},
        {"volumes": {"8": {"3": -1}}},
        {"volumes": []},
    ],
    ids=str,
)
def test_a_state_that_is_none_is_refused(change: dict[str, Any]) -> None:
    state = calm_baseline(production_rules()).to_state() | change
    with pytest.raises(ValueError, match=r"^(baseline|volumes) "):
        Baseline.from_state(state, RULE)


@given(st.integers(0, 10**15))
def test_a_bin_holds_its_volumes_within_a_quarter(centis: int) -> None:
    edge = edge_of(bin_of(centis))
    assert centis <= edge <= max(centis * 1.25, centis + 1)
    assert bin_of(edge) == bin_of(centis)
    assert bin_of(edge + 1) > bin_of(centis)


@given(st.lists(st.integers(0, 10**9), min_size=1), st.floats(0, 1))
def test_a_quantile_is_at_most_a_bin_too_high(volumes: list[int], share: float) -> None:
    sketch = VolumeSketch()
    for centis in volumes:
        sketch.add(centis)
    rank = next(n for n in range(1, len(volumes) + 1) if n >= share * len(volumes))
    exact = sorted(volumes)[rank - 1]
    assert exact <= sketch.quantile(share) <= max(exact * 1.25, exact + 1)


@given(st.lists(st.integers(0, 10**6)), st.lists(st.integers(0, 10**6)))
def test_merged_sketches_are_the_sketch_of_all(one: list[int], other: list[int]) -> None:
    merged, both, all_of_them = VolumeSketch(), VolumeSketch(), VolumeSketch()
    for centis in one:
        merged.add(centis)
    for centis in other:
        both.add(centis)
    merged.merge(both)
    for centis in one + other:
        all_of_them.add(centis)
    assert merged.to_state() == all_of_them.to_state()
    assert VolumeSketch.from_state(merged.to_state()).total == len(one + other)
