"""Events as bytes: each market is written once per change, whoever it is sent to.

The shapes are those of `app.api.schemas.stream`; a test holds the two together.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from app.api.schemas.base import decimal_text, time_text
from app.api.stream.entry_ids import EntryId
from app.api.stream.quote import Quote
from app.domain.freshness import Feed, FeedWord
from app.domain.odds import american_odds
from app.domain.spelling import Spelling
from app.domain.ticks import centis_to_contracts, micros_to_price
from app.domain.types import Exchange

HEARTBEAT = b": alive\n\n"
FAREWELL = b": closing, please come back\n\n"
_MAX_PRICES = 65_536

_dump = msgspec.json.Encoder().encode


class Encoder:
    """Writes markets, feeds and events in one spelling."""

    def __init__(self, spelling: Spelling) -> None:
        names = ("ext_id", "last_american", "bid_american", "ask_american", "open_interest")
        self._ext_id, *sides, interest = (spelling(name) for name in names)
        self._last, self._bid, self._ask = (
            _side(name, odds) for name, odds in zip(("last", "bid", "ask"), sides, strict=True)
        )
        self._interest = interest
        self._as_of = spelling("as_of")
        self._is_stale = spelling("is_stale")

    def market(self, quote: Quote) -> bytes:
        """Write a market as JSON; again only after it changed. Its row must be known."""
        packed = quote.packed
        if packed is None:
            assert quote.row is not None
            packed = quote.packed = (
                f'{{"id":"{quote.row.id}","{self._ext_id}":{_quoted(quote.ext_id)},'
                f"{self._last(quote.last)},{self._bid(quote.bid)},{self._ask(quote.ask)},"
                f'"volume":{_count(quote.volume)},"{self._interest}":{_count(quote.open_interest)},'
                f'"{self._as_of}":{_time(quote.as_of_ms)}}}'
            ).encode()
        return packed

    def feed(self, exchange: Exchange, feed: Feed | None) -> bytes:
        """Write how the prices of an exchange are; None = nobody ever said."""
        state = FeedWord.STALE if feed is None else feed.state
        since, as_of = (None, None) if feed is None else (feed.since, feed.as_of)
        is_stale = "true" if state == FeedWord.STALE else "false"
        return (
            f'{{"exchange":"{exchange}","state":{_quoted(state)},"since":{_moment(since)},'
            f'"{self._as_of}":{_moment(as_of)},"{self._is_stale}":{is_stale}}}'
        ).encode()

    def snapshot(
        self, position: EntryId, quotes: Iterable[Quote], feeds: Mapping[Exchange, Feed | None]
    ) -> bytes:
        """Write the event that holds every chosen market."""
        markets = b",".join(map(self.market, quotes))
        told = b",".join(self.feed(exchange, feed) for exchange, feed in feeds.items())
        return _event(b"snapshot", position, b'{"markets":[%b],"feeds":[%b]}' % (markets, told))

    def changes(self, position: EntryId, quotes: Iterable[Quote]) -> bytes:
        """Write the event that holds the markets which changed."""
        return _event(
            b"quotes", position, b'{"markets":[%b]}' % b",".join(map(self.market, quotes))
        )

    def feed_change(self, position: EntryId, exchange: Exchange, feed: Feed | None) -> bytes:
        """Write the event that says how a feed is now."""
        return _event(b"feed", position, self.feed(exchange, feed))


def retry_hint(after_ms: int) -> bytes:
    """Tell a client how long to wait before it comes back."""
    return b"retry: %d\n\n" % after_ms


def _event(name: bytes, position: EntryId, body: bytes) -> bytes:
    return b"id: %d-%d\nevent: %b\ndata: %b\n\n" % (*position, name, body)


def _side(name: str, odds_name: str) -> Callable[[int | None], str]:
    @lru_cache(maxsize=_MAX_PRICES)
    def write(micros: int | None) -> str:
        price = micros_to_price(micros)
        if price is None:
            return f'"{name}":null,"{odds_name}":null'
        odds = american_odds(price)
        told = "null" if odds is None else odds
        return f'"{name}":"{decimal_text(price)}","{odds_name}":{told}'

    return write


@lru_cache(maxsize=_MAX_PRICES)
def _count(centis: int | None) -> str:
    contracts = centis_to_contracts(centis)
    return "null" if contracts is None else f'"{decimal_text(contracts)}"'


@lru_cache(maxsize=20_000)
def _quoted(text: str) -> str:
    return _dump(text).decode()


def _time(ms: int) -> str:
    if not ms:
        return "null"
    return f'"{_second(ms // 1000)}.{ms % 1000:03d}Z"'


@lru_cache(maxsize=64)
def _second(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S}"


def _moment(at: datetime | None) -> str:
    return "null" if at is None else f'"{time_text(at)}"'
