"""However frames are cut and grouped, the minutes are those of the plain fold."""

import random
from collections.abc import Sequence
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.fold import FoldBook, MicroCandle, fold_minutes, merge_micro
from app.models.tick_entry import decode_entry, encode_entry
from tests.naive_fold import PlainTick, naive_fold, to_bar

FAR_MS = 4_000_000_000_000
T0_MS = 1_786_312_800_000

UNHURRIED = settings(deadline=None)
MANY = settings(max_examples=300, deadline=None)

_prices = st.sampled_from(["", "0.0000", "0.0100", "0.4999", "0.5", "0.500000", "0.9900", "1.0000"])
_sizes = st.sampled_from(["0.00", "0.01", "12.00"])
_volumes = st.one_of(
    st.integers(0, 2_000).map(lambda centis: f"{centis // 100}.{centis % 100:02d}"),
    st.sampled_from(["0", "7", "7.5", "99.99", "100.00", "1000.00", "123456789.01"]),
)
_offers = st.sampled_from(["0.0000", "0.0100", "0.5000", "1.0000"])
_ticks = st.builds(
    PlainTick,
    market_ext_id=st.sampled_from(["A", "B"]),
    ts_ms=st.integers(0, 200).map(lambda second: T0_MS + second * 1_000),
    last=_prices,
    bid=_offers,
    ask=_offers,
    bid_size=_sizes,
    ask_size=_sizes,
    volume=_volumes,
    open_interest=_sizes,
)
_frames = st.lists(_ticks, max_size=40)
_mostly_in_order = _frames.map(lambda frames: sorted(frames, key=lambda frame: frame.ts_ms))


def pieces_of(parts: Sequence[Sequence[PlainTick]]) -> list[MicroCandle]:
    """Fold with a flush after every part."""
    book, pieces = FoldBook(), list[MicroCandle]()
    for part in parts:
        book.fold(part, latest_ms=FAR_MS)
        flush = book.take()
        assert flush.refused == 0, flush.refusals
        pieces += flush.pieces
    return pieces


def cut(frames: Sequence[PlainTick], dice: random.Random) -> list[Sequence[PlainTick]]:
    places = sorted(dice.randint(0, len(frames)) for _ in range(dice.randint(0, 6)))
    return [frames[a:b] for a, b in zip([0, *places], [*places, len(frames)], strict=True)]


def merged_in_groups(pieces: Sequence[MicroCandle], dice: random.Random) -> MicroCandle:
    """Merge neighbours in any order until one is left."""
    left = list(pieces)
    while len(left) > 1:
        at = dice.randrange(len(left) - 1)
        left[at : at + 2] = [merge_micro(left[at], left[at + 1])]
    return left[0]


@given(_frames | _mostly_in_order, st.randoms(use_true_random=False))
@MANY
def test_any_cut_gives_the_plain_minutes(frames: list[PlainTick], dice: random.Random) -> None:
    folded = fold_minutes(pieces_of(cut(frames, dice)))
    assert {key: to_bar(candle) for key, candle in folded.items()} == naive_fold(frames)


@given(_frames, st.randoms(use_true_random=False))
@UNHURRIED
def test_any_grouping_gives_the_same_minute(frames: list[PlainTick], dice: random.Random) -> None:
    pieces = pieces_of(cut(frames, dice))
    for (ext_id, minute), whole in fold_minutes(pieces).items():
        own = [p for p in pieces if (p.market_ext_id, p.minute) == (ext_id, minute)]
        assert merged_in_groups(own, dice) == whole


_numbers = st.none() | st.integers(0, 9)
_loose = st.builds(
    MicroCandle,
    market_ext_id=st.just("A"),
    minute=st.just(1),
    open=_numbers,
    high=_numbers,
    low=_numbers,
    close=_numbers,
    bid=_numbers,
    ask=_numbers,
    volume=st.integers(0, 9),
    open_interest=_numbers,
    frames=st.integers(1, 9),
    last_ms=st.integers(0, 9),
)


@given(_loose, _loose, _loose)
@UNHURRIED
def test_merge_is_associative(a: MicroCandle, b: MicroCandle, c: MicroCandle) -> None:
    assert merge_micro(merge_micro(a, b), c) == merge_micro(a, merge_micro(b, c))


@given(_loose, _loose)
@UNHURRIED
def test_extremes_and_sums_do_not_depend_on_the_order(a: MicroCandle, b: MicroCandle) -> None:
    one, other = merge_micro(a, b), merge_micro(b, a)
    assert (one.high, one.low, one.volume, one.frames) == (
        other.high,
        other.low,
        other.volume,
        other.frames,
    )


@given(_frames, st.randoms(use_true_random=False))
@UNHURRIED
def test_folding_goes_on_from_what_was_folded(frames: list[PlainTick], dice: random.Random) -> None:
    pieces = pieces_of(cut(frames, dice))
    at = dice.randint(0, len(pieces))
    assert fold_minutes(pieces[at:], fold_minutes(pieces[:at])) == fold_minutes(pieces)


@given(_frames)
@UNHURRIED
def test_no_volume_is_lost_or_made_up(frames: list[PlainTick]) -> None:
    rising = sorted(frames, key=lambda frame: Decimal(frame.volume))
    rising = [frame for frame in rising if frame.market_ext_id == "A"]
    total = sum(piece.volume for piece in pieces_of([rising]))
    span = Decimal(rising[-1].volume) - Decimal(rising[0].volume) if rising else Decimal(0)
    assert total == span * 100


@given(_frames, st.randoms(use_true_random=False))
@UNHURRIED
def test_running_minute_is_the_newest(frames: list[PlainTick], dice: random.Random) -> None:
    book, pieces = FoldBook(), list[MicroCandle]()
    for part in cut(frames, dice):
        book.fold(part, latest_ms=FAR_MS)
        flush = book.take()
        pieces += flush.pieces
        folded = fold_minutes(pieces)
        for state in flush.states:
            newest = max(minute for ext_id, minute in folded if ext_id == state.market_ext_id)
            assert state.running == folded[state.market_ext_id, newest]


@given(_frames)
@UNHURRIED
def test_entry_there_and_back(frames: list[PlainTick]) -> None:
    pieces = pieces_of([frames])
    assert decode_entry(encode_entry(pieces)) == pieces
