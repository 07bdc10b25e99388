"""Order books in our words."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from app.domain.books import BookLevel, OrderBook, book_of_bids
from app.domain.types import Exchange
from app.models.kalshi import KalshiOrderbook, KalshiOrderbookAnswer
from app.services.kalshi.normalize.fields import read_count, read_price
from app.services.kalshi.normalize.rows import Row

Levels = Sequence[Sequence[str | int]] | None


def to_order_book(row: Row, *, market_ext_id: str, as_of: datetime) -> OrderBook:
    """Translate an order book: bids of both sides on the wire, bids and asks of YES in ours.

    A book stands or falls as a whole: with a level missing it would mislead.

    Raises:
        ValueError: no book at all, or a level that is not a price between 0 and 1 and a count.
    """
    answer = KalshiOrderbookAnswer.model_validate(row)
    book = answer.orderbook_fp or answer.legacy
    if book is None:
        raise ValueError("no order book in the answer")
    return book_of_bids(
        Exchange.KALSHI,
        market_ext_id,
        first=_bids(book, "yes"),
        second=_bids(book, "no"),
        as_of=as_of,
    )


def _bids(book: KalshiOrderbook, side: str) -> Iterator[BookLevel]:
    dollars: Levels = book.yes_dollars if side == "yes" else book.no_dollars
    cents: Levels = book.yes if side == "yes" else book.no
    levels = dollars if dollars is not None else cents
    return (_to_level(level) for level in levels or ())


def _to_level(level: Sequence[str | int]) -> BookLevel:
    if len(level) != 2:
        raise ValueError(f"a level has {len(level)} parts")
    at, size = level
    price = read_price(at) if isinstance(at, str) else read_price(None, at)
    contracts = read_count(size) if isinstance(size, str) else read_count(None, size)
    if price is None or contracts is None or not 0 < price < 1:
        raise ValueError(f"not a level: {str(at)[:20]!r}, {str(size)[:20]!r}")
    return BookLevel(price, contracts)
