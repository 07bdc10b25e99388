"""`line_move` under any tape: thresholds hold, mirrors agree, cuts do not matter."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.detections import Finding
from app.domain.detectors import MarketWatch
from app.domain.fold import MicroCandle, merge_micro
from app.domain.market_kinds import PolicyName
from tests.unit.domain.detectors.market_tape import (
    CENT,
    T0_MS,
    Tape,
    make_piece,
    mirrored,
    moves_only,
    number,
)

RULES = moves_only()
UNHURRIED = settings(deadline=None, max_examples=40)

_passed_ms = st.integers(0, 40_000)
_cents = st.sampled_from([-900, -6, -1, 0, 0, 0, 1, 6, 12])  # how far the price goes
_spreads = st.sampled_from([1, 2, 2, 2, 8])
_contracts = st.sampled_from([0, 0, 40, 400, 4_000])
_sides = st.sampled_from(["both", "both", "both", "bid", "ask", "none"])
_orderly = st.lists(
    st.tuples(_passed_ms, _cents, _spreads, _contracts, _sides), min_size=20, max_size=80
)
_tapes = st.lists(
    st.tuples(_passed_ms, _cents, st.one_of(_spreads, st.just(-1)), _contracts, _sides),
    min_size=20,
    max_size=80,
)  # a spread of -1 is crossed quotes


def pieces_of(tape: Sequence[tuple[int, int, int, int, str]]) -> list[MicroCandle]:
    """Return pieces in their order; -900 cents stands for a jump to the low end."""
    ms, mid2, pieces = T0_MS, 100, []
    for passed_ms, cents, spread, contracts, sides in tape:
        ms += max(passed_ms, 100)
        mid2 = min(max(mid2 + 2 * cents, 4), 196)
        bid = (mid2 - spread) * CENT // 2 if sides in ("both", "bid") else None
        ask = (mid2 + spread) * CENT // 2 if sides in ("both", "ask") else None
        bid, ask = (None if p is None or not 0 < p < 100 * CENT else p for p in (bid, ask))
        pieces.append(make_piece(ms, mid2 * CENT // 2, bid, ask, volume=contracts * 100))
    return pieces


def play(pieces: Sequence[MicroCandle]) -> list[Finding]:
    """Return what is found when every second is looked at once, after its last piece."""
    watch = MarketWatch(RULES, Tape(rules=RULES).watch.baseline, opened_ms=None)
    found: list[Finding] = []
    start = [make_piece(T0_MS - 1000 * s, CENT * 50, CENT * 49, CENT * 51) for s in (3, 2, 1)]
    pieces = [*start, *pieces]
    for at, piece in enumerate(pieces):
        watch.add(piece)
        following = pieces[at + 1].last_ms if at + 1 < len(pieces) else piece.last_ms + 300_000
        for second in range(
            piece.last_ms // 1000, min(following // 1000, piece.last_ms // 1000 + 300)
        ):
            now_ms = second * 1000 + 999
            found += watch.look(PolicyName.PRE_GAME, now_ms=now_ms, starts_ms=None)
    return found


@UNHURRIED
@given(_tapes)
def test_never_fires_below_a_threshold(tape: list[tuple[int, int, int, int, str]]) -> None:
    rule = RULES.line_move[PolicyName.PRE_GAME]
    by_minutes = {window.minutes: window for window in rule.windows}
    for found in play(pieces_of(tape)):
        window = by_minutes[int(number(found, "window_minutes"))]
        move = number(found, "move_cents")
        assert abs(move) >= window.min_cents
        assert move * found.direction > 0
        assert number(found, "sigmas") >= window.sigmas - 0.01
        assert abs(move) >= rule.spreads * number(found, "spread_cents")
        assert number(found, "volume") >= rule.min_contracts
        assert number(found, "prints") >= rule.min_prints
        assert found.strength >= 1
        assert found.started_ms <= found.observed_ms


@UNHURRIED
@given(_tapes)
def test_the_other_outcome_tells_the_same(tape: list[tuple[int, int, int, int, str]]) -> None:
    pieces = pieces_of(tape)
    told, other = play(pieces), play([mirrored(piece) for piece in pieces])
    assert [mirror_of(found) for found in told] == [shown(found) for found in other]


def shown(found: Finding) -> tuple[object, ...]:
    times = (found.started_ms, found.observed_ms, found.strength)
    return *times, found.direction, found.now.mark, found.now.bid, found.before.mark


def mirror_of(found: Finding) -> tuple[object, ...]:
    def other(price: object) -> object:
        return None if price is None else 1 - price  # type: ignore[operator]

    prices = (other(found.now.mark), other(found.now.ask), other(found.before.mark))
    return found.started_ms, found.observed_ms, found.strength, -found.direction, *prices


@UNHURRIED
@given(_orderly, st.randoms(use_true_random=False))
def test_however_a_second_is_cut_the_findings_are_the_same(
    tape: list[tuple[int, int, int, int, str]], random: Random
) -> None:
    cut = pieces_of([(passed % 900, *rest) for passed, *rest in tape])  # type: ignore[misc]
    joined: list[MicroCandle] = []
    for piece in cut:
        is_same = joined and joined[-1].last_ms // 1000 == piece.last_ms // 1000
        if is_same and random.random() < 0.7:
            joined[-1] = merge_micro(joined[-1], piece)
        else:
            joined.append(piece)
    assert play(joined) == play(cut)


@settings(deadline=None, max_examples=4)
@given(st.integers(0, 10_000))
def test_hours_of_bounce_and_flicker_are_silent(seed: int) -> None:
    random, tape = Random(seed), Tape(rules=replace(RULES, volume_spike={}))
    for _ in range(4 * 3600 // 6):
        mid = 50 + random.choice((0, 0, 0, 0.5, -0.5))
        spread = random.choice((1, 1, 1, 2, 2, 3, 6, 14))
        last = mid + random.choice((-1, 1)) * 1.5
        volume = random.choice((0, 0, 10, 50, 300)) if spread < 4 else 0
        tape.say(last, mid - spread / 2, mid + spread / 2, volume).wait(6)
    assert tape.found == []


@UNHURRIED
@given(
    st.sampled_from([-30, -15, -9, 9, 15, 30]),
    st.integers(40, 60),
    st.integers(21, 45),
)
def test_a_planted_jump_is_found_at_its_second_within_two(
    cents: int, at: int, minutes: int
) -> None:
    tape = Tape(rules=RULES).rest(minutes, at)
    began_ms = tape.now_ms
    tape.trade(3, at + cents)
    (found,) = tape.found
    assert found.started_ms == began_ms
    assert found.observed_ms <= began_ms + 2_000
    assert (found.before.mark, found.direction) == (
        tape.found[0].before.mark,
        1 if cents > 0 else -1,
    )
    assert number(found, "move_cents") == cents
