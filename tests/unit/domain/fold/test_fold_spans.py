"""Where frames may be missing: what the fold knows before and after a gap."""

from collections.abc import Callable

import pytest

from app.domain.fold import FoldBook, Quote, Said, Span
from tests.naive_fold import PlainTick
from tests.unit.domain.fold.conftest import T0_MS

Make = Callable[..., PlainTick]
LATEST_MS = T0_MS + 3_600_000


@pytest.fixture
def book() -> FoldBook:
    return FoldBook()


def fold(book: FoldBook, *ticks: PlainTick) -> list[Span]:
    book.fold(ticks, latest_ms=LATEST_MS)
    return book.take().spans


def test_a_market_never_seen_has_an_unknown_past(book: FoldBook, tick: Make) -> None:
    assert fold(book, tick(5), tick(6)) == [Span("M", 0, T0_MS + 5_000, True)]
    assert fold(book, tick(7)) == []


def test_a_gap_makes_one_span_per_market_at_its_next_frame(book: FoldBook, tick: Make) -> None:
    fold(book, tick(1), tick(2, market="N"))
    book.open_gap()
    assert fold(book, tick(70), tick(71)) == [Span("M", T0_MS + 1_000, T0_MS + 70_000, False)]
    assert fold(book, tick(300, market="N", volume="150.00")) == [
        Span("N", T0_MS + 2_000, T0_MS + 300_000, True)
    ]


def test_a_gap_in_the_middle_of_a_piece_loses_nothing_of_it(book: FoldBook, tick: Make) -> None:
    book.fold([tick(1, last="0.4000")], latest_ms=LATEST_MS)
    book.open_gap()
    book.fold([tick(2, last="0.6000", volume="130.00")], latest_ms=LATEST_MS)
    flush = book.take()
    (piece,) = flush.pieces
    assert (piece.open, piece.close, piece.volume, piece.frames) == (400_000, 600_000, 30_00, 2)
    assert flush.spans == [Span("M", 0, T0_MS + 2_000, True)]


def test_two_gaps_between_two_flushes_are_one_span(book: FoldBook, tick: Make) -> None:
    fold(book, tick(1))
    book.open_gap()
    book.fold([tick(10)], latest_ms=LATEST_MS)
    book.open_gap()
    assert fold(book, tick(20)) == [Span("M", T0_MS + 1_000, T0_MS + 20_000, False)]


def test_a_late_frame_ends_no_span(book: FoldBook, tick: Make) -> None:
    fold(book, tick(30))
    book.open_gap()
    assert fold(book, tick(10)) == []
    assert fold(book, tick(40)) == [Span("M", T0_MS + 30_000, T0_MS + 40_000, False)]


def test_a_seed_tells_where_the_unknown_begins(book: FoldBook, tick: Make) -> None:
    book.seed("M", newest_ms=T0_MS - 500, volume=100_00)
    assert fold(book, tick(5)) == [Span("M", T0_MS - 500, T0_MS + 5_000, False)]
    book.seed("N", newest_ms=T0_MS - 500, volume=80_00)
    assert fold(book, tick(5, market="N")) == [Span("N", T0_MS - 500, T0_MS + 5_000, True)]


def test_a_frame_that_is_refused_ends_no_span(book: FoldBook, tick: Make) -> None:
    assert fold(book, tick(5, last="7.0000")) == []
    assert fold(book, tick(6)) == [Span("M", 0, T0_MS + 6_000, True)]


def test_everything_that_ticked_can_be_written_again(book: FoldBook, tick: Make) -> None:
    book.seed("never", newest_ms=T0_MS, volume=1)
    fold(book, tick(1), tick(2, market="N", last="0.3000"))
    states = {state.market_ext_id: state for state in book.snapshot()}
    assert {name: state.last for name, state in states.items()} == {"M": 500_000, "N": 300_000}
    assert states["N"].ts_ms == T0_MS + 2_000
    assert dict(book.newest_times())["never"] == T0_MS


def said(last: int = 700_000, volume: int = 180_00) -> Said:
    return Said(last, Quote(690_000, 710_000, 5_00, 6_00, 40_00), volume)


def test_a_request_ends_the_span_of_a_market_that_stays_silent(book: FoldBook, tick: Make) -> None:
    fold(book, tick(1))
    book.open_gap()
    book.believe("M", said(), at_ms=T0_MS + 200_000)
    flush = book.take()
    assert flush.spans == [Span("M", T0_MS + 1_000, T0_MS + 200_000, True)]
    (state,) = flush.believed
    assert (state.last, state.bid, state.ask_size, state.volume) == (700_000, 690_000, 6_00, 180_00)
    assert state.ts_ms == T0_MS + 1_000  # of the newest frame, not of the request
    assert not flush.states
    assert not flush.pieces


def test_what_a_request_said_is_not_counted_again(book: FoldBook, tick: Make) -> None:
    fold(book, tick(1))
    book.open_gap()
    book.believe("M", said(volume=180_00), at_ms=T0_MS + 5_000)
    book.take()
    book.fold([tick(9, last="0.7200", volume="185.00")], latest_ms=LATEST_MS)
    flush = book.take()
    assert [(piece.volume, piece.open) for piece in flush.pieces] == [(5_00, 720_000)]
    assert flush.spans == [Span("M", T0_MS + 1_000, T0_MS + 9_000, True)]


def test_a_frame_after_the_gap_is_believed_before_a_request(book: FoldBook, tick: Make) -> None:
    fold(book, tick(1))
    book.open_gap()
    fold(book, tick(2, last="0.6000"))
    book.believe("M", said(), at_ms=T0_MS + 5_000)
    book.believe("unknown", said(), at_ms=T0_MS + 5_000)
    flush = book.take()
    assert not flush.spans
    assert not flush.believed
    assert {state.last for state in book.snapshot()} == {600_000}


def test_a_request_that_says_what_is_known_ends_nothing(book: FoldBook, tick: Make) -> None:
    fold(book, tick(1))
    book.open_gap()
    same = Said(500_000, Quote(490_000, 510_000, 10_00, 20_00, 40_00), 100_00)
    book.believe("M", same, at_ms=T0_MS + 5_000)
    assert not book.take().spans
    assert fold(book, tick(6)) == [Span("M", T0_MS + 1_000, T0_MS + 6_000, False)]


def test_a_span_that_nobody_was_told_of_is_taken_over(book: FoldBook, tick: Make) -> None:
    book.seed("M", newest_ms=T0_MS + 300_000, volume=100_00)
    book.distrust("M", T0_MS, T0_MS + 300_000)
    assert book.take().spans == [Span("M", T0_MS, T0_MS + 300_000, True)]
    assert fold(book, tick(309)) == [Span("M", T0_MS + 300_000, T0_MS + 309_000, False)]


def test_a_span_taken_over_is_lengthened_by_the_next_frame(book: FoldBook, tick: Make) -> None:
    book.seed("M", newest_ms=T0_MS + 300_000, volume=100_00)
    book.distrust("M", T0_MS, T0_MS + 300_000)
    (span,) = fold(book, tick(309))
    assert (span.since_ms, span.until_ms) == (T0_MS, T0_MS + 309_000)
