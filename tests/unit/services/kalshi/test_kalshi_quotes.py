"""Prices of a market row: exact, or None where nobody offers."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from app.domain.catalogue import Quote
from app.models.kalshi import KalshiMarket
from app.services.kalshi.normalize import to_quote

MakeRow = Callable[..., dict[str, Any]]
PRICE_FIELDS = [
    "yes_bid_dollars", "yes_ask_dollars", "last_price_dollars", "previous_price_dollars",
    "previous_yes_bid_dollars", "previous_yes_ask_dollars",
]  # fmt: skip
COUNT_FIELDS = [
    "volume_fp", "volume_24h_fp", "open_interest_fp", "yes_bid_size_fp", "yes_ask_size_fp",
]  # fmt: skip


@pytest.fixture
def read(now: datetime) -> Callable[[dict[str, Any]], Quote]:
    def to_ours(row: dict[str, Any]) -> Quote:
        return to_quote(KalshiMarket.model_validate(row), as_of=now)

    return to_ours


Read = Callable[[dict[str, Any]], Quote]


def test_every_price(make_market_row: MakeRow, read: Read, now: datetime) -> None:
    quote = read(make_market_row())
    assert quote.as_of == now
    assert quote.market_ext_id == "KXNBAGAME-26NOV20LALBOS-LAL"
    texts = {
        "last": "0.4400", "bid": "0.4300", "ask": "0.4450", "bid_size": "120.00",
        "ask_size": "0.01", "volume": "2009.83", "volume_24h": "12.50",
        "open_interest": "777.00", "previous": "0.4100", "previous_bid": "0.4000",
        "previous_ask": "0.4200",
    }  # fmt: skip
    assert {name: str(getattr(quote, name)) for name in texts} == texts


@pytest.mark.parametrize(
    ("fields", "bid", "ask"),
    [
        pytest.param(
            {"yes_bid_dollars": "0.0000", "yes_bid_size_fp": "0.00"}, None, "0.445", id="no-bid"
        ),
        pytest.param(
            {"yes_ask_dollars": "1.0000", "yes_ask_size_fp": "0.00"}, "0.43", None, id="no-ask"
        ),
        pytest.param({"yes_bid_size_fp": "0.00"}, None, "0.445", id="price-without-size"),
        pytest.param(
            {"yes_bid_dollars": "0.0000", "yes_bid_size_fp": None}, None, "0.445", id="no-sizes-bid"
        ),
        pytest.param(
            {"yes_ask_dollars": "1.0000", "yes_ask_size_fp": None}, "0.43", None, id="no-sizes-ask"
        ),
        pytest.param({"yes_bid_size_fp": None}, "0.43", "0.445", id="quote-without-sizes"),
        pytest.param({"yes_bid_dollars": None, "yes_ask_dollars": ""}, None, None, id="absent"),
    ],
)
def test_empty_sides(
    make_market_row: MakeRow, read: Read, fields: dict[str, Any], bid: str | None, ask: str | None
) -> None:
    quote = read(make_market_row(**fields))
    assert quote.bid == (Decimal(bid) if bid else None)
    assert quote.ask == (Decimal(ask) if ask else None)
    assert quote.bid is not None or quote.bid_size is None
    assert quote.ask is not None or quote.ask_size is None


@pytest.mark.parametrize(
    ("fields", "last"),
    [
        pytest.param({"last_price_dollars": "0.0000", "volume_fp": "0.00"}, None, id="never"),
        pytest.param({"last_price_dollars": "0.0000", "volume_fp": None}, None, id="no-volume"),
        pytest.param({"last_price_dollars": "0.0000"}, "0", id="traded-at-next-to-nothing"),
        pytest.param({"last_price_dollars": None}, None, id="absent"),
        pytest.param({"last_price_dollars": ""}, None, id="empty"),
        pytest.param({"last_price_dollars": "0.9990"}, "0.999", id="tenth-of-a-cent"),
    ],
)
def test_last(
    make_market_row: MakeRow, read: Read, fields: dict[str, Any], last: str | None
) -> None:
    assert read(make_market_row(**fields)).last == (Decimal(last) if last else None)


def test_previous_day_without_trade_or_quote(make_market_row: MakeRow, read: Read) -> None:
    quote = read(
        make_market_row(
            previous_price_dollars="0.0000",
            previous_yes_bid_dollars="0.0000",
            previous_yes_ask_dollars="1.0000",
        )
    )
    assert (quote.previous, quote.previous_bid, quote.previous_ask) == (None, None, None)


LEGACY = {
    "ticker": "KXELONMARS-99", "event_ticker": "KXELONMARS-99", "status": "active",
    "yes_bid": 8, "yes_ask": 11, "no_bid": 89, "no_ask": 92, "last_price": 10,
    "previous_price": 0, "previous_yes_bid": 7, "previous_yes_ask": 100,
    "volume": 64_121, "volume_24h": 28, "open_interest": 13_082,
}  # fmt: skip


def test_cents_of_early_2026(read: Read) -> None:
    quote = read(LEGACY)
    assert (quote.bid, quote.ask, quote.last) == (Decimal("0.08"), Decimal("0.11"), Decimal("0.1"))
    assert (quote.previous, quote.previous_bid, quote.previous_ask) == (None, Decimal("0.07"), None)
    counts = [quote.volume, quote.volume_24h, quote.open_interest]
    assert counts == [Decimal(64_121), Decimal(28), Decimal(13_082)]
    assert (quote.bid_size, quote.ask_size) == (None, None)


def test_empty_book_and_never_traded_in_cents(read: Read) -> None:
    quote = read(LEGACY | {"yes_bid": 0, "yes_ask": 100, "last_price": 0, "volume": 0})
    assert (quote.bid, quote.ask, quote.last) == (None, None, None)


def test_dollars_win_over_cents(make_market_row: MakeRow, read: Read) -> None:
    assert read(make_market_row(**LEGACY)) == read(make_market_row(ticker=LEGACY["ticker"]))


@pytest.mark.parametrize("field", PRICE_FIELDS)
@pytest.mark.parametrize("price", ["1.01", "-0.01", "NaN", "4e-1", "0.4\x005", 0, 45, True, []])
def test_hostile_price_costs_the_row(
    make_market_row: MakeRow, read: Read, field: str, price: object
) -> None:
    row = make_market_row() | {field: price}
    with pytest.raises(ValueError):  # noqa: PT011 - model and readers word it differently
        read(row)


@pytest.mark.parametrize("field", COUNT_FIELDS)
@pytest.mark.parametrize("count", ["-1", "1e9", "NaN", "9" * 16, 5, None, {}])
def test_hostile_count_costs_the_row(
    make_market_row: MakeRow, read: Read, field: str, count: object
) -> None:
    row = make_market_row() | {field: count}
    if count is None:
        assert read(row)
        return
    with pytest.raises(ValueError):  # noqa: PT011 - model and readers word it differently
        read(row)
