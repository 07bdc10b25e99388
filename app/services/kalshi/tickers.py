"""Tickers in URLs."""

from collections.abc import Iterator, Sequence
from urllib.parse import quote

_MAX_LIST_BYTES = 3_400  # of the tickers in a URL that must stay below 4 kB
_MAX_LIST_TICKERS = 200


def market_path(ticker: str) -> str:
    """Return the path of one market."""
    return f"/markets/{quote(ticker, safe='')}"


def series_path(ticker: str) -> str:
    """Return the path of one series."""
    return f"/series/{quote(ticker, safe='')}"


def ticker_lists(tickers: Sequence[str]) -> Iterator[str]:
    """Join tickers by commas, as many as fit into one URL; each once, in order."""
    chunk: list[str] = []
    size = 0
    for ticker in dict.fromkeys(tickers):
        if not ticker or "," in ticker:
            continue
        cost = len(quote(ticker, safe="")) + len("%2C")
        if chunk and (size + cost > _MAX_LIST_BYTES or len(chunk) >= _MAX_LIST_TICKERS):
            yield ",".join(chunk)
            chunk, size = [], 0
        chunk.append(ticker)
        size += cost
    if chunk:
        yield ",".join(chunk)
