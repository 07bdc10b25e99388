"""`MarketWatch`: when it asks to be looked at, gaps, siblings' prices, its baseline."""

from decimal import Decimal

import pytest

from app.domain.detectors import Baseline, MarketWatch
from app.domain.detectors.minutes import minute_of
from app.domain.fold import MicroCandle, fold_minutes, to_candle
from app.domain.market_kinds import PolicyName
from app.domain.types import Exchange
from tests.unit.domain.detectors.market_tape import (
    CENT,
    MINUTE,
    T0_MS,
    Tape,
    make_late,
    make_piece,
    production_rules,
)


def test_a_re_snapshot_after_a_gap_is_no_move() -> None:
    tape = Tape().rest(20)
    tape.watch.mute_until(tape.now_ms + 30_000)
    tape.trade(300, 60)
    assert tape.found == []


def test_nothing_is_found_while_it_is_mute_and_a_move_after_that_is() -> None:
    tape = Tape().rest(20)
    tape.watch.mute_until(tape.now_ms + 30_000)
    tape.trade(10, 50).trade(10, 65).trade(10, 50).wait(1)
    assert tape.found == []
    tape.trade(3, 50).trade(3, 60)
    assert [found.direction for found in tape.found] == [1]
    assert tape.found[0].before.mark == Decimal("0.5")


def test_two_samples_are_needed_after_a_gap() -> None:
    tape = Tape().rest(20)
    tape.watch.mute_until(tape.now_ms + 30_000)
    tape.wait(60).say(50, 49, 51, 9_000).look()
    assert tape.found == []
    tape.wait(1)
    tape.trade(2, 60)
    assert len(tape.found) == 1


def asks(tape: Tape, cents: int, *, after_ms: int = 100) -> bool:
    """Return whether a frame makes the watch ask for a look."""
    tape.now_ms += after_ms
    price = cents * CENT
    piece = make_piece(tape.now_ms, price, price - CENT, price + CENT)
    tape.watch.add(piece)
    return tape.watch.needs_look


def test_it_asks_for_a_look_when_something_happens_and_once_a_minute() -> None:
    tape = Tape().rest(3).say(50, 49, 51)
    tape.look()
    assert [asks(tape, cents) for cents in (50, 53, 58)] == [False, False, True]
    tape.look()
    assert (tape.watch.needs_look, tape.watch.has_candidate) == (False, True)
    assert asks(tape, 57)
    calm = Tape().rest(3).say(50, 49, 51)
    calm.look()
    assert [asks(calm, 50), asks(calm, 50, after_ms=60_000)] == [False, True]


def test_a_policy_without_rules_never_asks_between_minutes() -> None:
    tape = Tape(policy=PolicyName.IN_PLAY).rest(3).say(50, 49, 51)
    tape.look()
    for cents in (90, 10, 90):
        tape.now_ms += 100
        price = cents * CENT
        piece = make_piece(tape.now_ms, price, price - CENT, price + CENT, volume=10**7)
        tape.watch.add(piece)
        assert not tape.watch.needs_look


def test_prices_of_now_and_of_then() -> None:
    tape = Tape()
    assert tape.watch.prices_at(T0_MS) is None
    assert tape.watch.current().mark is None
    tape.rest(2).say(58, 57, 59, 10).wait(1).say(60, 60, None, 10)
    then = tape.watch.prices_at(T0_MS + 120_000)
    assert then is not None
    assert (then.mark, then.bid, then.ask) == (Decimal("0.5"), Decimal("0.49"), Decimal("0.51"))
    now = tape.watch.current()
    assert (now.mark, now.bid, now.ask) == (Decimal("0.6"), Decimal("0.6"), None)
    assert tape.watch.prices_at(T0_MS) is None


def test_prices_of_eighty_minutes_are_kept_and_no_more() -> None:
    tape = Tape()
    for minute in range(200):
        tape.rest(1, 40 + minute % 3)
    assert tape.watch.prices_at(T0_MS + 60_000 * 100) is None
    hour_ago = tape.watch.prices_at(tape.now_ms - 3_600_000)
    assert hour_ago is not None
    assert hour_ago.mark == Decimal("0.41")


def live_pieces() -> list[MicroCandle]:
    """Return two and a half hours of pieces: bounce, drift, one-sided minutes, quiet ones."""
    pieces = []
    for second in range(0, 9_000, 7):
        if second % 900 > 700:
            continue
        last = (45 + second // 1_500 + second % 3) * CENT
        bid = None if second % 1_100 < 100 else last - CENT
        ask = last + (second % 4 + 1) * CENT
        ms = T0_MS + second * 1000
        pieces.append(make_piece(ms, last, bid, ask, volume=second % 11 * 100))
    return pieces


@pytest.mark.parametrize("starts_ms", [None, T0_MS + 4_000_000])
def test_live_pieces_and_stored_candles_make_the_same_baseline(starts_ms: int | None) -> None:
    rules, pieces = production_rules(), live_pieces()
    watch = MarketWatch(rules, None, opened_ms=None)
    watch.look(PolicyName.PRE_GAME, now_ms=T0_MS, starts_ms=starts_ms)
    lead_in = make_piece(T0_MS - 1000, 45 * CENT, None, None)
    for piece in [lead_in, *pieces]:
        watch.add(piece)
    stored = Baseline(rules.baseline)
    minutes = fold_minutes(pieces)
    for key in sorted(minutes)[:-1]:  # the last one is not over
        stored.fold_minute(minute_of(to_candle(Exchange.KALSHI, minutes[key])), starts_ms=starts_ms)
    assert watch.baseline.to_state() == stored.to_state()


def test_the_minutes_at_both_ends_of_a_gap_do_not_count_as_habits() -> None:
    tape = Tape(baseline=Baseline(production_rules().baseline)).rest(10)
    known = tape.watch.baseline
    assert (known.through, known.minutes_known(PolicyName.PRE_GAME)) == (MINUTE + 8, 7)
    before = known.sigma(PolicyName.PRE_GAME)
    tape.watch.mute_until(tape.now_ms + 30_000)
    tape.wait(180).rest(1, 80, contracts=1_000_000)  # what the gap hid comes with the first frame
    tape.rest(3, 80)
    assert (known.through, known.minutes_known(PolicyName.PRE_GAME)) == (MINUTE + 15, 8)
    assert known.sigma(PolicyName.PRE_GAME) < before
    assert known.volume_quantile(1, PolicyName.PRE_GAME, MINUTE + 15, None) <= 1_000_00


def test_late_pieces_before_anything_else_are_ignored() -> None:
    watch = MarketWatch(production_rules(), None, opened_ms=None)
    watch.add(make_late(MINUTE, price=CENT, volume=100))
    assert watch.current().mark is None
    assert watch.look(PolicyName.PRE_GAME, now_ms=T0_MS, starts_ms=None) == []
