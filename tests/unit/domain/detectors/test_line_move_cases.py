"""`line_move`: what is a move, what is not, and how long it has to last; by name."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from app.domain.detections import DetectionKind
from app.domain.detectors import Depth
from app.domain.market_kinds import PolicyName
from tests.unit.domain.detectors.market_tape import T0_MS, Tape, make_late, make_piece, number

Play = Callable[[Tape], object]


def calm() -> Tape:
    return Tape().rest(20)


def test_a_jump_at_twice_the_threshold_needs_two_prints_and_no_wait() -> None:
    tape = calm()
    began_s = tape.now_s
    tape.trade(3, 58)
    assert tape.found_at_s == [began_s + 1]
    (found,) = tape.found
    assert found.kind is DetectionKind.LINE_MOVE
    assert (found.started_ms, found.observed_ms) == (T0_MS + 1_200_000, T0_MS + 1_201_000)
    assert (found.direction, found.strength) == (1, Decimal("2.000"))
    assert (found.before.mark, found.before.bid) == (Decimal("0.5"), Decimal("0.49"))
    assert (found.now.mark, found.now.ask) == (Decimal("0.58"), Decimal("0.59"))
    assert (number(found, "volume"), found.numbers["prints"]) == (800, 2)
    assert (found.rule, found.policy) == ("line_move", "pre_game")


@pytest.mark.parametrize(
    ("price", "wait_s"),
    [
        pytest.param(54, 120, id="at-the-threshold-two-minutes"),
        pytest.param(55, 90, id="a-quarter-above"),
        pytest.param(56, 60, id="half-above-one-minute"),
        pytest.param(44, 60, id="downwards-the-same"),
        pytest.param(66, 1, id="four-times-at-the-second-print"),
    ],
)
def test_the_wait_shrinks_with_the_size(price: float, wait_s: int) -> None:
    tape = calm()
    began_s = tape.now_s
    tape.trade(3, price).wait(200)
    assert tape.found_at_s == [began_s + wait_s]


@pytest.mark.parametrize(
    "play",
    [
        pytest.param(lambda tape: tape.trade(99, 53, every_s=5), id="three-cents"),
        pytest.param(lambda tape: tape.say(50, 59, 61).wait(300), id="quotes-without-trades"),
        pytest.param(lambda tape: tape.say(60, 49, 51, 900).wait(300), id="one-print"),
        pytest.param(
            lambda tape: tape.say(60, 59, 61, 9_000).wait(300), id="one-print-and-the-quotes-follow"
        ),
        pytest.param(
            lambda tape: [tape.say(60, 49, 51, 900).wait(2) for _ in range(50)],
            id="prints-far-from-the-quotes",
        ),
        pytest.param(
            lambda tape: [tape.say(60, 61, 59, 900).wait(2) for _ in range(50)], id="crossed-quotes"
        ),
        pytest.param(lambda tape: tape.trade(20, 58, contracts=5).wait(300), id="few-contracts"),
        pytest.param(lambda tape: tape.trade(15, 55).trade(200, 50), id="back-after-15-seconds"),
        pytest.param(
            lambda tape: tape.say(50, 59, 61).wait(90).trade(200, 50, every_s=3),
            id="flicker-and-the-way-back-from-it",
        ),
        pytest.param(
            lambda tape: [tape.say(57 if n % 2 else 49, 49, 57, 300).wait(2) for n in range(300)],
            id="bounce-in-a-wide-spread",
        ),
        pytest.param(
            lambda tape: [tape.say(57, 54, 60, 300).wait(2) for _ in range(100)],
            id="less-than-twice-the-spread",
        ),
        pytest.param(
            lambda tape: [tape.say(68, 47, 53, 300).wait(2) for _ in range(100)],
            id="trades-far-above-wide-quotes",
        ),
        pytest.param(lambda tape: tape.say(50, 10, 90).wait(300), id="quotes-pulled"),
        pytest.param(lambda tape: tape.say(50, None, 51).wait(300), id="no-bids"),
        pytest.param(
            lambda tape: [tape.say(58, None, 99, 300).wait(2) for _ in range(100)],
            id="one-side-only",
        ),
    ],
)
def test_no_move(play: Play) -> None:
    tape = calm()
    play(tape)
    assert tape.found == []


def test_a_blink_with_trades_is_no_move_on_its_way_back_either() -> None:
    tape = calm().trade(40, 55)
    assert tape.found == []
    for _ in range(40):
        tape.trade(1, 50, contracts=400).wait(14)
    assert tape.found == []


def test_a_slow_drift_is_found_over_the_hour() -> None:
    tape = Tape().rest(70)
    for step in range(1, 13):
        tape.rest(4, 50 + step * 0.75, contracts=150)
    assert [found.direction for found in tape.found] == [1]
    assert tape.found[0].numbers["window_minutes"] == 60
    assert number(tape.found[0], "move_cents") >= 8


def test_a_thin_best_offer_behind_the_level_loses_the_shortcut() -> None:
    thin = Tape(depth=Depth(bid_size=40_00, ask_size=9_000_00)).rest(20)
    thin.trade(60, 60)
    assert thin.found == []
    thin.wait(65)
    assert len(thin.found) == 1
    thick = Tape(depth=Depth(bid_size=9_000_00, ask_size=40_00)).rest(20)
    assert len(thick.trade(2, 60).found) == 1


def test_what_is_seen_for_the_first_time_waits_until_its_depth_is_asked_for() -> None:
    tape = calm()
    for _ in range(3):
        piece = make_piece(tape.now_ms, 600_000, 590_000, 610_000, volume=90_000)
        tape.watch.add(piece)
        tape.now_ms += 1_000
    tape.look()
    assert (tape.found, tape.watch.has_candidate) == ([], True)
    tape.look()
    assert len(tape.found) == 1


def test_the_move_must_hold_while_it_waits() -> None:
    tape = calm().trade(30, 54)
    tape.trade(5, 52).trade(60, 54)  # half of it was gone: the two minutes begin again
    assert tape.found == []
    began_s = tape.now_s - 60
    tape.wait(100)
    assert tape.found_at_s == [began_s + 120]


def test_told_once_then_only_when_half_as_strong_again() -> None:
    tape = calm().trade(3, 60)
    assert len(tape.found) == 1
    tape.rest(12, 60, contracts=300).trade(200, 64)
    assert len(tape.found) == 1
    tape.trade(5, 66)
    assert len(tape.found) == 2
    assert tape.found[1].numbers["is_repeat"] is True
    assert tape.found[1].strength >= Decimal("1.5") * tape.found[0].strength


def test_the_same_move_is_not_told_again_when_the_half_hour_is_over() -> None:
    tape = calm().trade(3, 60).rest(90, 60, contracts=300)
    assert len(tape.found) == 1


def test_the_way_back_is_a_move_of_its_own() -> None:
    tape = calm().trade(3, 60).rest(5, 60, contracts=300).trade(5, 50)
    assert [found.direction for found in tape.found] == [1, -1]


@pytest.mark.parametrize("policy", [PolicyName.IN_PLAY, PolicyName.CONTINUOUS])
def test_what_moves_all_the_time_is_left_alone(policy: PolicyName) -> None:
    tape = Tape(policy=policy).rest(20)
    for step in range(40):
        tape.trade(30, 50 + (8 if step % 2 else -8), contracts=3_000)
    assert tape.found == []


@pytest.mark.parametrize("policy", [PolicyName.FUTURES, PolicyName.RELEASE])
def test_what_is_slow_is_watched(policy: PolicyName) -> None:
    assert len(Tape(policy=policy).rest(20).trade(3, 60).found) == 1


def test_silent_while_a_market_has_just_opened() -> None:
    tape = Tape(opened_ms=T0_MS).rest(5).trade(200, 60)
    assert tape.found == []
    tape.rest(20, 60)
    assert len(Tape(opened_ms=T0_MS).rest(21).trade(3, 60).found) == 1


def test_silent_in_the_last_hour_of_a_release() -> None:
    def play(closes_s: int) -> Tape:
        tape = Tape(policy=PolicyName.RELEASE)
        tape.watch.closes_ms = T0_MS + 1000 * closes_s
        return tape.rest(20).trade(3, 96)

    assert play(1_200 + 3_500).found == []
    assert len(play(1_200 + 3_700).found) == 1


def test_the_first_trades_of_a_market_are_no_move() -> None:
    tape = Tape()
    for _ in range(20):
        tape.say(None, 49, 51).wait(60)
    tape.say(58, 49, 51, 900).wait(1)
    tape.say(58, 49, 51, 900).wait(200)
    assert tape.found == []


def test_a_last_trade_of_long_ago_does_not_hide_a_move() -> None:
    tape = Tape()
    for _ in range(20):
        tape.say(57, 49, 51).wait(60)
    assert len(tape.trade(3, 60).found) == 1


def test_late_frames_bring_volume_and_no_price() -> None:
    tape = calm().say(60, 59, 61, 1).wait(1)
    late = tape.watch.current()
    for _ in range(5):
        piece = make_late(T0_MS // 60_000, price=10_000, volume=99_900)
        tape.send(piece)
        tape.wait(1)
    assert tape.watch.current() == late
    assert tape.found == []
