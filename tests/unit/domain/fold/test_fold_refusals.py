"""Frames that cannot be read cost themselves and nothing else."""

from collections.abc import Callable

import pytest

from app.domain.fold import FoldBook
from tests.naive_fold import PlainTick

MakeTick = Callable[..., PlainTick]
FAR_MS = 4_000_000_000_000


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"last": "1.5000"}, id="price-over-one"),
        pytest.param({"last": "-0.5000"}, id="price-negative"),
        pytest.param({"last": "52"}, id="price-in-cents"),
        pytest.param({"last": "NaN"}, id="price-nan"),
        pytest.param({"volume": "-1.00"}, id="volume-negative"),
        pytest.param({"volume": "1e9"}, id="volume-exponent"),
        pytest.param({"volume": "100.001"}, id="volume-too-fine"),
    ],
)
@pytest.mark.parametrize("at_s", [1, 61, -61], ids=["same-minute", "next-minute", "late"])
def test_bad_frame(tick: MakeTick, fields: dict[str, str], at_s: float) -> None:
    book = FoldBook()
    book.fold([tick(0), tick(at_s, **fields), tick(2)], latest_ms=FAR_MS)
    flush = book.take()
    assert (flush.refused, sum(piece.frames for piece in flush.pieces)) == (1, 2)
    assert flush.refusals[0].market_ext_id == "M"
    assert flush.pieces[-1].last_ms == tick(2).ts_ms, "and it made no later frame late"


@pytest.mark.parametrize(
    "fields", [{"bid": "7"}, {"ask_size": "x"}, {"open_interest": "-1.00"}], ids=str
)
def test_bad_quote_costs_the_quote(tick: MakeTick, fields: dict[str, str]) -> None:
    book = FoldBook()
    book.fold([tick(0, **fields)], latest_ms=FAR_MS)
    flush = book.take()
    (piece,), (state,) = flush.pieces, flush.states
    assert (piece.close, piece.bid, piece.ask, flush.refused) == (500_000, None, None, 1)
    assert (state.last, state.bid, state.open_interest) == (500_000, None, None)


def test_bad_volume_is_made_good_by_the_next(tick: MakeTick) -> None:
    book = FoldBook()
    volumes = ["100.00", "10x.00", "103.00"]
    for second, volume in enumerate(volumes):
        book.fold([tick(second, volume=volume)], latest_ms=FAR_MS)
    flush = book.take()
    assert (sum(piece.volume for piece in flush.pieces), flush.refused) == (300, 1)


@pytest.mark.parametrize("ts_ms", [0, -1, 10**30, FAR_MS + 1])
def test_absurd_time(ts_ms: int) -> None:
    book = FoldBook()
    book.fold([PlainTick("M", ts_ms)], latest_ms=FAR_MS)
    assert (book.take().refused, book.take().pieces) == (1, [])


def test_frame_from_the_future_does_not_make_the_rest_late(tick: MakeTick) -> None:
    book = FoldBook()
    book.fold([tick(0), tick(3600), tick(1, last="0.6000")], latest_ms=tick(600).ts_ms)
    flush = book.take()
    assert (flush.pieces[0].close, flush.refused) == (600_000, 1)


def test_late_frame_of_another_age(tick: MakeTick) -> None:
    book = FoldBook()
    book.fold([tick(0), PlainTick("M", 1_000)], latest_ms=FAR_MS)
    assert book.take().refused == 1


@pytest.mark.parametrize("ext_id", ["", "A" * 201, "TÄST", "A\n"], ids=repr)
def test_bad_id(tick: MakeTick, ext_id: str) -> None:
    book = FoldBook()
    book.fold([tick(0, market=ext_id)], latest_ms=FAR_MS)
    assert (book.take().refused, book.market_count) == (1, 0)


def test_markets_are_bounded(tick: MakeTick) -> None:
    book = FoldBook(max_markets=2)
    book.fold([tick(0, market=f"M{n}") for n in range(5)], latest_ms=FAR_MS)
    assert (book.market_count, book.take().refused) == (2, 3)


def test_refusals_are_all_counted_and_some_kept(tick: MakeTick) -> None:
    book = FoldBook()
    book.fold([tick(0, last="x")] * 1_000, latest_ms=FAR_MS)
    flush = book.take()
    assert (flush.refused, len(flush.refusals)) == (1_000, 20)
