"""One market's prices from entries and rows, in every order they can come."""

from itertools import permutations
from uuid import UUID

import pytest

from app.api.stream.entry_ids import BEGINNING, EntryId, parse_entry_id
from app.api.stream.quote import TRAIL_MS, Quote
from app.domain.fold import MicroCandle
from app.domain.types import Exchange
from app.repositories.stream_quotes import QuoteRow

T = 1_763_812_800_000


def piece(at_ms: int, last: int | None, volume: int = 0) -> MicroCandle:
    minute = at_ms // 60_000
    return MicroCandle("M", minute, last, last, last, last, 1, 2, volume, 3, 1, at_ms)


def row(at_ms: int, last: int | None, volume: int | None = 0, *, is_tick: bool = True) -> QuoteRow:
    names = (UUID(int=1), Exchange.KALSHI, "M")
    return QuoteRow(*names, last, 1, 2, volume, 3, at_ms, is_tick)


def applied(*pieces: MicroCandle) -> Quote:
    quote = Quote("M")
    for number, one in enumerate(pieces, start=1):
        quote.apply(one, EntryId(T, number))
    return quote


def test_volume_is_the_row_and_what_was_traded_after_it() -> None:
    quote = applied(piece(T, 10, 500), piece(T + 1, 20, 7), piece(T + 2, 30, 8))
    quote.adopt(row(T, 10, 1_000))
    quote.apply(piece(T + 3, 40, 5), EntryId(T, 9))

    assert (quote.last, quote.volume, quote.as_of_ms) == (40, 1_020, T + 3)


def test_a_row_that_is_read_again_counts_nothing_twice() -> None:
    quote = applied(piece(T, 10, 5), piece(T + 1, 20, 7))
    for _ in range(3):
        quote.adopt(row(T, 10, 1_000))

    assert quote.volume == 1_007
    assert not quote.adopt(row(T, 10, 1_000))


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_newest_frame_wins_in_any_order(order: tuple[int, ...]) -> None:
    quote = Quote("M")
    steps = (
        lambda: quote.adopt(row(T + 1, 20)),
        lambda: quote.apply(piece(T, 10), EntryId(T, 1)),
        lambda: quote.apply(piece(T + 2, 30), EntryId(T, 2)),
    )
    for step in order:
        steps[step]()

    assert (quote.last, quote.as_of_ms) == (30, T + 2)


def test_a_frame_replaces_what_a_request_said_whatever_the_clocks_say() -> None:
    quote = applied(piece(T, 10))
    quote.adopt(row(T + 900, 20, is_tick=False))
    assert quote.last == 20
    quote.apply(piece(T + 500, 30), EntryId(T, 5))

    assert (quote.last, quote.as_of_ms) == (30, T + 900)


def test_an_older_row_changes_no_price() -> None:
    quote = applied(piece(T + 5, 10))

    assert quote.adopt(row(T, 99, None)) is False
    assert quote.last == 10


def test_a_frame_without_a_price_keeps_the_last_one() -> None:
    quote = applied(piece(T, 10), piece(T + 1, None))

    assert (quote.last, quote.as_of_ms) == (10, T + 1)


def test_volume_of_a_market_without_a_row_is_unknown() -> None:
    quote = applied(piece(T, 10, 5))
    quote.adopt(row(0, None, None))

    assert (quote.last, quote.volume) == (10, None)


def test_the_trail_is_bounded() -> None:
    quote = applied(*(piece(T + step * 100, 10, 1) for step in range(1_000)))

    assert len(quote.trail) <= TRAIL_MS / 100 + 1
    assert quote.trail_from_ms == quote.trail[0][0] - 100


@pytest.mark.parametrize(
    ("quote", "is_new"),
    [
        pytest.param(applied(piece(T, 10)), False, id="the entry itself"),
        pytest.param(applied(piece(T, 10), piece(T + 1, 10)), True, id="a later one"),
        pytest.param(Quote("M"), False, id="nothing known"),
    ],
)
def test_what_changed_since_an_entry(quote: Quote, is_new: bool) -> None:
    assert quote.changed_since(EntryId(T, 1)) is is_new


def test_what_only_a_row_knows_is_new_unless_it_is_old() -> None:
    """Without entries nobody can tell, and a repeat does no harm."""
    for at_ms, is_new in ((T + 1, True), (T - TRAIL_MS + 1, True), (T - TRAIL_MS, False)):
        quote = Quote("M")
        quote.adopt(row(at_ms, 10, is_tick=False))
        assert quote.changed_since(EntryId(T, 1)) is is_new


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("1763812800123-4", EntryId(1763812800123, 4)),
        ("0-0", BEGINNING),
        ("", None),
        ("1763812800123", None),
        ("-1-1", None),
        ("1-1\n", None),
        ("٣-1", None),
        ("9" * 40 + "-0", None),
    ],
)
def test_reading_ids(text: str, entry: EntryId | None) -> None:
    assert parse_entry_id(text) == entry


def test_ids_are_ordered_as_numbers() -> None:
    assert EntryId(9, 10) > EntryId(9, 9) > EntryId(8, 99)
    assert str(EntryId(9, 10)) == "9-10"
