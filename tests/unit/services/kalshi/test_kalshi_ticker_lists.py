"""Tickers of one request: as many as a URL below 4 kB takes."""

from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from app.services.kalshi.tickers import ticker_lists

TICKERS = st.lists(st.text("ABCXYZ0189-.&/", min_size=1, max_size=80), max_size=400)


@given(TICKERS)
def test_each_once_in_order_and_short_enough(tickers: list[str]) -> None:
    chunks = list(ticker_lists(tickers))
    assert [ticker for chunk in chunks for ticker in chunk.split(",")] == list(
        dict.fromkeys(tickers)
    )
    assert all(len(quote(chunk, safe="")) < 3_500 for chunk in chunks)
    assert all(chunk.count(",") < 200 for chunk in chunks)


def test_few_requests_for_real_tickers() -> None:
    tickers = [f"KXMLBGAME-26AUG07{n:04}TORPHI-TOR" for n in range(1_000)]
    assert len(list(ticker_lists(tickers))) == 10


def test_what_cannot_be_a_ticker_is_left_out() -> None:
    assert list(ticker_lists(["", "A,B", "C"])) == ["C"]
    assert list(ticker_lists([])) == []
