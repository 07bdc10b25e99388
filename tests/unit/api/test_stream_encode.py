"""Events as bytes, held to the models of the document."""

import json
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.api.schemas.stream import StreamedFeedOut, StreamedMarketOut
from app.api.stream.encode import Encoder
from app.api.stream.entry_ids import EntryId
from app.api.stream.quote import Quote
from app.domain.freshness import Feed
from app.domain.odds import american_odds
from app.domain.spelling import camel, snake
from app.domain.ticks import centis_to_contracts, micros_to_price
from app.domain.types import Exchange
from app.repositories.stream_quotes import QuoteRow

SNAKE = Encoder(snake)
micros = st.none() | st.integers(0, 1_000_000)
centis = st.none() | st.integers(0, 10**17 - 1)


@given(
    st.tuples(micros, micros, micros),
    st.tuples(centis, centis),
    st.integers(1, 2**41),
    st.text(st.characters(codec="utf-8"), max_size=20),
)
def test_a_market_is_what_the_model_writes(
    prices: tuple[int | None, int | None, int | None],
    counts: tuple[int | None, int | None],
    as_of_ms: int,
    name: str,
) -> None:
    quote = Quote(name)
    quote.adopt(QuoteRow(UUID(int=7), Exchange.KALSHI, name, *prices, *counts, as_of_ms, True))
    last, bid, ask = map(micros_to_price, prices)
    whole = StreamedMarketOut(
        id=UUID(int=7),
        ext_id=name,
        last=last,
        last_american=american_odds(last),
        bid=bid,
        bid_american=american_odds(bid),
        ask=ask,
        ask_american=american_odds(ask),
        volume=centis_to_contracts(counts[0]),
        open_interest=centis_to_contracts(counts[1]),
        as_of=datetime.fromtimestamp(as_of_ms // 1000, UTC).replace(
            microsecond=as_of_ms % 1000 * 1000
        ),
    )

    assert json.loads(SNAKE.market(quote)) == json.loads(whole.model_dump_json())


def test_a_market_is_written_once_per_change() -> None:
    quote = Quote("M")
    quote.adopt(QuoteRow(UUID(int=7), Exchange.KALSHI, "M", 1, 2, 3, 4, 5, 1, True))
    written = SNAKE.market(quote)
    assert SNAKE.market(quote) is written
    quote.adopt(QuoteRow(UUID(int=7), Exchange.KALSHI, "M", 9, 2, 3, 4, 5, 2, True))

    assert SNAKE.market(quote) != written


def test_a_feed_is_what_the_model_writes() -> None:
    at = datetime(2026, 11, 22, 12, 0, 0, 123_456, tzinfo=UTC)
    whole = StreamedFeedOut(
        exchange=Exchange.KALSHI, state="degraded", since=at, as_of=None, is_stale=False
    )
    nothing = whole.model_copy(update={"state": "stale", "since": None, "is_stale": True})

    assert (
        SNAKE.feed(Exchange.KALSHI, Feed("degraded", at, None)) == whole.model_dump_json().encode()
    )
    assert SNAKE.feed(Exchange.KALSHI, None) == nothing.model_dump_json().encode()


def test_an_event_is_three_lines_and_an_empty_one() -> None:
    event = Encoder(camel).feed_change(EntryId(5, 6), Exchange.KALSHI, None).decode()

    first, second, third, *end = event.split("\n")
    assert (first, second, end) == ("id: 5-6", "event: feed", ["", ""])
    assert json.loads(third.removeprefix("data: "))["isStale"] is True
