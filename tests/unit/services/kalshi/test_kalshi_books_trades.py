"""Order books out of bids for both sides, and public trades."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.domain.books import BookLevel, OrderBook
from app.domain.trades import TakerSide
from app.domain.types import Contracts, Price
from app.services.kalshi.normalize import to_order_book, to_public_trade

TRADE: dict[str, Any] = {
    "trade_id": "d91bc706-ee49-470d-82d8-11418bda6fed",
    "ticker": "HIGHNY-22DEC23-B53.5",
    "count_fp": "136.50",
    "yes_price_dollars": "0.3600",
    "no_price_dollars": "0.6400",
    "taker_outcome_side": "no",
    "taker_book_side": "ask",
    "created_time": "2026-11-20T23:30:41.123Z",
    "is_block_trade": False,
}


def level(price: str, contracts: str) -> BookLevel:
    return BookLevel(Price(Decimal(price)), Contracts(Decimal(contracts)))


def read(row: dict[str, Any], now: datetime) -> OrderBook:
    return to_order_book(row, market_ext_id="M", as_of=now)


def test_asks_are_the_other_sides_bids(now: datetime) -> None:
    wire = {
        "yes_dollars": [["0.0100", "870.00"], ["0.4300", "33.25"]],
        "no_dollars": [["0.0010", "5.00"], ["0.5550", "0.01"]],
    }
    book = read({"orderbook_fp": wire}, now)
    assert (book.market_ext_id, book.as_of) == ("M", now)
    assert book.bids == (level("0.43", "33.25"), level("0.01", "870"))
    assert book.asks == (level("0.445", "0.01"), level("0.999", "5"))
    assert (book.best_bid, book.best_ask) == (book.bids[0], book.asks[0])


def test_order_on_the_wire_does_not_matter(now: datetime) -> None:
    rising = [["0.0100", "1.00"], ["0.0200", "2.00"], ["0.0300", "3.00"]]
    both = [
        read({"orderbook_fp": {"yes_dollars": levels, "no_dollars": levels}}, now)
        for levels in (rising, rising[::-1])
    ]
    assert both[0] == both[1]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param({"orderbook": {"yes": [[8, 10], [7, 5]], "no": [[89, 4]]}}, id="cents"),
        pytest.param(
            {"orderbook": {"yes_dollars": [["0.07", 5], ["0.08", 10]], "no_dollars": [["0.89", 4]],
                           "yes": [[1, 1]], "no": None}},
            id="dollars-under-the-old-key",
        ),
        pytest.param(
            {"orderbook": {"yes": [[1, 1]]},
             "orderbook_fp": {"yes_dollars": [["0.07", "5.00"], ["0.08", "10.00"]],
                              "no_dollars": [["0.89", "4.00"]]}},
            id="both-keys-the-new-one-wins",
        ),
    ],
)  # fmt: skip
def test_older_books(row: dict[str, Any], now: datetime) -> None:
    book = read(row, now)
    assert book.bids == (level("0.08", "10"), level("0.07", "5"))
    assert book.asks == (level("0.11", "4"),)


@pytest.mark.parametrize(
    "wire",
    [{}, {"yes_dollars": None, "no_dollars": []}, {"yes_dollars": [["0.4300", "0.00"]]}],
    ids=["absent", "null-and-empty", "no-contracts"],
)
def test_empty_book(wire: dict[str, Any], now: datetime) -> None:
    book = read({"orderbook_fp": wire}, now)
    assert (book.bids, book.asks, book.best_bid, book.best_ask) == ((), (), None, None)


@pytest.mark.parametrize(
    "levels",
    [
        [["0.43"]], [["0.43", "1", "2"]], [["0.0000", "5.00"]], [["1.0000", "5.00"]], [[0, 5]],
        [["0.43", "-1"]], [["43", "1"]], [["0.43", None]], ["0.43"], [["NaN", "1"]], [[True, 1]],
        [["", "1"]], {"0.43": "1"},
    ],
)  # fmt: skip
def test_book_with_a_bad_level_is_no_book(levels: object, now: datetime) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - model and readers word it differently
        read({"orderbook_fp": {"yes_dollars": levels}}, now)


@pytest.mark.parametrize("row", [{}, {"orderbook_fp": None}, {"orderbook_fp": []}])
def test_no_book_in_the_answer(row: dict[str, Any], now: datetime) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - model and readers word it differently
        read(row, now)


def test_trade() -> None:
    trade = to_public_trade(TRADE)
    assert (trade.ext_id, trade.market_ext_id) == (TRADE["trade_id"], TRADE["ticker"])
    assert (trade.price, trade.contracts) == (Decimal("0.36"), Decimal("136.5"))
    assert trade.traded_at == datetime(2026, 11, 20, 23, 30, 41, 123_000, tzinfo=UTC)
    assert (trade.taker, trade.is_block) == (TakerSide.SECOND, False)


@pytest.mark.parametrize(
    ("fields", "taker"),
    [
        ({"taker_outcome_side": "yes"}, TakerSide.FIRST),
        ({"taker_outcome_side": None, "taker_book_side": "bid"}, TakerSide.FIRST),
        (
            {"taker_outcome_side": None, "taker_book_side": None, "taker_side": "no"},
            TakerSide.SECOND,
        ),
        ({"taker_outcome_side": "both"}, None),
        ({"taker_outcome_side": None, "taker_book_side": None}, None),
    ],
)
def test_taker(fields: dict[str, Any], taker: TakerSide | None) -> None:
    assert to_public_trade(TRADE | fields).taker is taker


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"yes_price_dollars": None}, id="from-the-other-side"),
        pytest.param({"yes_price_dollars": None, "no_price_dollars": None, "yes_price": 36},
                     id="cents"),
    ],
)  # fmt: skip
def test_trade_price_from_elsewhere(fields: dict[str, Any]) -> None:
    assert to_public_trade(TRADE | fields).price == Decimal("0.36")


@pytest.mark.parametrize(
    "fields",
    [
        {"trade_id": ""}, {"ticker": None}, {"created_time": None}, {"created_time": ""},
        {"count_fp": None}, {"count_fp": "-1"}, {"yes_price_dollars": "36"},
        {"yes_price_dollars": None, "no_price_dollars": None}, {"is_block_trade": "no"},
    ],
)  # fmt: skip
def test_bad_trades_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - model and readers word it differently
        to_public_trade(TRADE | fields)
