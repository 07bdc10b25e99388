"""What a minute of frames adds up to: named cases."""

from collections.abc import Callable

import pytest

from app.domain.fold import Flush, FoldBook, MicroCandle, fold_minutes
from tests.naive_fold import PlainTick

MakeTick = Callable[..., PlainTick]
FAR_MS = 4_000_000_000_000
MINUTE = 1_786_312_800_000 // 60_000


def flush(ticks: list[PlainTick], *, book: FoldBook | None = None) -> Flush:
    book = book or FoldBook()
    book.fold(ticks, latest_ms=FAR_MS)
    return book.take()


def minute(ticks: list[PlainTick], *, at: int = 0, book: FoldBook | None = None) -> MicroCandle:
    return fold_minutes(flush(ticks, book=book).pieces)["M", MINUTE + at]


def ohlc(candle: MicroCandle) -> tuple[int | None, ...]:
    return candle.open, candle.high, candle.low, candle.close


def test_open_high_low_close(tick: MakeTick) -> None:
    prices = ["0.5000", "0.5600", "0.4100", "0.4700"]
    candle = minute([tick(second, last=last) for second, last in enumerate(prices)])
    assert ohlc(candle) == (500_000, 560_000, 410_000, 470_000)
    assert candle.frames == 4


@pytest.mark.parametrize(
    ("last", "volume", "close"),
    [
        pytest.param("", "0.00", None, id="empty"),
        pytest.param("0.0000", "0.00", None, id="zero-without-volume"),
        pytest.param("0.0000", "5.00", 0, id="zero-with-volume"),
        pytest.param("0.0100", "0.00", 10_000, id="price-without-volume"),
    ],
)
def test_never_traded(tick: MakeTick, last: str, volume: str, close: int | None) -> None:
    candle = minute([tick(0, last=last, volume=volume), tick(1, last=last, volume=volume)])
    assert ohlc(candle) == (close, close, close, close)
    assert (candle.bid, candle.ask, candle.frames) == (490_000, 510_000, 2)


def test_frame_without_price_is_skipped_by_prices_only(tick: MakeTick) -> None:
    candle = minute([tick(0), tick(1, last="", volume="103.00", bid="0.3000")])
    assert (candle.close, candle.volume, candle.bid) == (500_000, 300, 300_000)


def test_price_repeats_after_a_frame_without_one(tick: MakeTick) -> None:
    book = FoldBook()
    flush([tick(0), tick(1, last="0.0000", volume="0.00")], book=book)
    assert flush([tick(2)], book=book).states[0].last == 500_000


def test_volume_is_what_was_added(tick: MakeTick) -> None:
    volumes = ["99.00", "99.00", "101.50", "102.00"]
    ticks = [tick(second * 20, volume=text) for second, text in enumerate(volumes)]
    assert minute(ticks).volume == 250, "the first frame only sets the mark"
    assert minute(ticks, at=1).volume == 50


def test_seeded_volume_counts_from_the_first_frame(tick: MakeTick) -> None:
    book = FoldBook()
    book.seed("M", volume=9_000)
    assert minute([tick(0, volume="100.00")], book=book).volume == 1_000


def test_seed_after_frames_changes_nothing(tick: MakeTick) -> None:
    book = FoldBook()
    flush([tick(0), tick(1, volume="101.00")], book=book)
    book.seed("M", newest_ms=1, volume=1)
    assert minute([tick(2, volume="102.00")], book=book).volume == 100


def test_volume_that_falls_is_a_new_mark(tick: MakeTick) -> None:
    volumes = ["100.00", "150.00", "120.00", "130.00", "1000.00"]
    candle = minute([tick(second, volume=text) for second, text in enumerate(volumes)])
    assert candle.volume == 5_000 + 1_000 + 87_000


def test_empty_sides(tick: MakeTick) -> None:
    candle = minute(
        [tick(0, bid="0.0000", bid_size="0.00", ask="1.0000", ask_size="0.00", open_interest="")]
    )
    assert (candle.bid, candle.ask, candle.open_interest) == (None, None, None)


def test_quotes_are_those_at_the_close(tick: MakeTick) -> None:
    book = FoldBook()
    ticks = [
        tick(0, bid="0.1000"),
        tick(59, bid="0.2000", open_interest="7.00"),
        tick(60, bid="0.3000"),
    ]
    pieces = flush(ticks, book=book).pieces
    assert [(piece.bid, piece.open_interest) for piece in pieces] == [
        (200_000, 700),
        (300_000, 4_000),
    ]


def test_minutes_follow_the_exchanges_time(tick: MakeTick) -> None:
    assert minute([tick(59.999)]).frames == 1
    assert minute([tick(60)], at=1).frames == 1


def test_late_frame_widens_and_moves_nothing(tick: MakeTick) -> None:
    on_time = [tick(10), tick(20, last="0.5200")]
    late = tick(5, last="0.9000", bid="0.8900", ask="0.9100", volume="107.00")
    candle = minute([*on_time, late])
    assert ohlc(candle) == (500_000, 900_000, 500_000, 520_000)
    assert (candle.volume, candle.bid, candle.frames) == (700, 490_000, 3)


def test_late_frame_of_a_minute_that_was_taken_away(tick: MakeTick) -> None:
    book = FoldBook()
    pieces = flush([tick(10), tick(70)], book=book).pieces
    pieces += flush([tick(30, last="0.1000")], book=book).pieces
    candle = fold_minutes(pieces)["M", MINUTE]
    assert ohlc(candle) == (500_000, 500_000, 100_000, 500_000)


def test_minute_of_late_frames_only_has_the_first_as_its_price(tick: MakeTick) -> None:
    ticks = [tick(70), tick(10, last="0.3000"), tick(20, last="0.4000")]
    candle = minute(ticks)
    assert (candle.open, candle.close, candle.last_price) == (300_000, None, 300_000)
    assert (candle.bid, candle.last_ms) == (None, 0)


def test_many_late_frames_are_few_pieces(tick: MakeTick) -> None:
    late = [tick(second % 180, market="M") for second in range(1_000)]
    taken = flush([tick(240), *late])
    assert len(taken.pieces) == 4
    assert sum(piece.frames for piece in taken.pieces) == 1_001


def test_same_moment_is_not_late(tick: MakeTick) -> None:
    assert minute([tick(1), tick(1, last="0.6000")]).close == 600_000


def test_seeded_order_makes_older_frames_late(tick: MakeTick) -> None:
    book = FoldBook()
    book.seed("M", newest_ms=tick(30).ts_ms)
    candle = minute([tick(29, last="0.9000"), tick(30)], book=book)
    assert (candle.open, candle.high, candle.close) == (900_000, 900_000, 500_000)


def test_state_is_that_of_the_newest_frame(tick: MakeTick) -> None:
    book = FoldBook()
    flush([tick(0, last="0.4000")], book=book)
    (state,) = flush([tick(9, volume="101.00"), tick(5, last="0.9000")], book=book).states
    assert state[:9] == (
        "M",
        tick(9).ts_ms,
        500_000,
        490_000,
        510_000,
        1_000,
        2_000,
        4_000,
        10_100,
    )
    assert state.running is not None
    assert ohlc(state.running) == (400_000, 900_000, 400_000, 500_000)


def test_late_frames_alone_make_no_state(tick: MakeTick) -> None:
    book = FoldBook()
    flush([tick(60)], book=book)
    taken = flush([tick(1)], book=book)
    assert (len(taken.pieces), taken.states) == (1, [])


def test_nothing_new_is_nothing(tick: MakeTick) -> None:
    book = FoldBook()
    flush([tick(0)], book=book)
    assert book.take() == Flush()


def test_forgotten_market_is_still_taken(tick: MakeTick) -> None:
    book = FoldBook()
    book.fold([tick(0)], latest_ms=FAR_MS)
    book.forget("M")
    assert (len(book.take().pieces), book.market_count) == (1, 0)
