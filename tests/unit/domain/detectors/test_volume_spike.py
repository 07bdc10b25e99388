"""`volume_spike`: heavy trading around an unmoved price; what is one and what is not."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from app.domain.detections import DetectionKind
from app.domain.detectors import Baseline
from app.domain.detectors.volume_spike import threshold_of
from app.domain.market_kinds import PolicyName
from tests.unit.domain.detectors.market_tape import T0_MS, Tape, number, production_rules

RULES = production_rules()


def calm() -> Tape:
    return Tape(rules=RULES).rest(20)


def crowd(tape: Tape, *, contracts: float = 1_000, times: int = 15) -> Tape:
    return tape.trade(times, 50, contracts=contracts, every_s=5)


def test_a_crowd_at_an_unmoved_price_is_told_once() -> None:
    tape = crowd(calm())
    (found,) = tape.found
    assert found.kind is DetectionKind.VOLUME_SPIKE
    assert (found.direction, found.rule) == (0, "volume_spike")
    assert found.strength >= 1
    assert found.before.mark == found.now.mark == Decimal("0.5")
    rule = RULES.volume_spike[PolicyName.PRE_GAME]
    assert number(found, "volume") >= number(found, "threshold") == rule.min_usd
    assert found.numbers["prints"] >= rule.min_prints  # type: ignore[operator]
    assert found.started_ms <= T0_MS + 1_200_000 <= found.observed_ms


@pytest.mark.parametrize(
    "play",
    [
        pytest.param(lambda tape: crowd(tape, contracts=100), id="not-much-money"),
        pytest.param(lambda tape: crowd(tape, contracts=90_000, times=1), id="one-order"),
        pytest.param(
            lambda tape: (
                tape.watch.mute_until(tape.now_ms) or crowd(tape.wait(1), contracts=9_000, times=4)
            ),
            id="a-few-orders",
        ),
        pytest.param(
            lambda tape: [crowd(tape, contracts=150, times=1).wait(55) for _ in range(60)],
            id="busy-for-an-hour",
        ),
        pytest.param(
            lambda tape: [
                tape.trade(1, 48 + n % 2 * 4, contracts=1_000).wait(4) for n in range(15)
            ],
            id="the-price-goes-to-and-fro",
        ),
    ],
)
def test_no_spike(play: Callable[[Tape], object]) -> None:
    tape = calm()
    play(tape)
    assert [found for found in tape.found if found.kind is DetectionKind.VOLUME_SPIKE] == []


def test_the_trading_of_a_move_is_told_with_the_move_only() -> None:
    tape = calm().trade(60, 60, contracts=3_000)
    assert [found.kind for found in tape.found] == [DetectionKind.LINE_MOVE]


def test_again_only_when_three_times_as_heavy_or_half_an_hour_later() -> None:
    tape = crowd(calm(), times=25)
    assert len(tape.found) == 1
    crowd(tape.rest(8), contracts=5_000)
    assert len(tape.found) == 2
    later = crowd(crowd(calm()).rest(32))
    assert len(later.found) == 2


def test_not_in_play_and_not_right_before_a_start() -> None:
    tape = calm()
    tape.starts_ms = tape.now_ms + 800_000
    assert crowd(tape).found == []
    assert crowd(Tape(rules=RULES, policy=PolicyName.IN_PLAY).rest(20)).found == []


def test_a_market_that_is_not_known_yet_has_no_usual_volume() -> None:
    tape = Tape(rules=RULES, baseline=Baseline(RULES.baseline)).rest(20)
    assert crowd(tape).found == []


@pytest.mark.parametrize(
    ("usual", "threshold"),
    [(0, 10_000_00), (1_000_00, 10_000_00), (2_000_00, 10_000_00), (9_000_00, 45_000_00)],
)
def test_the_threshold_is_a_multiple_of_the_usual_and_some_money(
    usual: int, threshold: int
) -> None:
    assert threshold_of(RULES.volume_spike[PolicyName.PRE_GAME], usual) == threshold
