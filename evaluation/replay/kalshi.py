"""Kalshi's rows and frames through the same readers that the live system uses."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from app.core.clock import Clock
from app.domain.catalogue import CataloguePage, join_pages
from app.services.kalshi.decoding import NotJson, decode_json
from app.services.kalshi.paging import Page
from app.services.kalshi.stream import StreamCounters, StreamLimits
from app.services.kalshi.stream.parts import wire_parts
from app.services.kalshi.translation import translate_events, translate_markets, translate_series
from app.services.ports import TickSink
from evaluation.recording.shapes import AnswerLine

_LISTS = {
    "series": ("series",),
    "events": ("events",),
    "multivariate": ("events",),
    "markets": ("markets",),
}


class KalshiFrames:
    """Decodes, numbers and hands over frames as a connection does; commands go nowhere.

    Attributes:
        counters: what was read, and what could not be.
    """

    def __init__(self, sink: TickSink, clock: Clock) -> None:
        """Prepare to read one recording."""
        self.counters = StreamCounters()
        self._parts = wire_parts(sink, clock, StreamLimits(), self.counters, clock.now())

    async def take(self, raws: Sequence[bytes]) -> None:
        """Hand over frames that arrived together."""
        if any(b'"subscribed"' in raw for raw in raws):
            self._reconnect_if_complete()
        self._parts.intake.take(raws)
        await self._parts.queue.finish()

    def _reconnect_if_complete(self) -> None:
        """Tell a later connection: all channels had been subscribed to when this answer came."""
        subscriptions = self._parts.subscriptions
        if subscriptions.is_complete:
            subscriptions.lose("reconnected")
            subscriptions.begin()
            subscriptions.take_commands()


async def to_page(
    series: Sequence[object], events: Sequence[object], markets: Sequence[object], as_of: datetime
) -> CataloguePage:
    """Translate rows as Kalshi lists them; those that cannot be read become rejects."""
    return join_pages(
        [
            await translate_series(Page(series, as_of)),
            await translate_events(Page(events, as_of), seen=set(), with_combos=False),
            await translate_markets(Page(markets, as_of), with_combos=False),
        ]
    )


async def answer_to_page(answer: AnswerLine, as_of: datetime) -> CataloguePage | None:
    """Translate the answer to a catalogue request; None for any other, and for what is broken."""
    kind = urlsplit(answer.url).path.rpartition("/")[2]
    if answer.status != 200 or kind not in _LISTS:
        return None
    try:
        document = decode_json(answer.body.encode())
    except NotJson:
        return None
    if not isinstance(document, dict):
        return None
    rows = {key: _rows(document.get(key)) for key in _LISTS[kind]}
    return await to_page(
        rows.get("series", ()), rows.get("events", ()), rows.get("markets", ()), as_of
    )


def _rows(listed: object) -> Sequence[object]:
    return listed if isinstance(listed, list) else ()


async def invent_page(tickers: Iterable[str], as_of: datetime) -> CataloguePage:
    """Make the least a catalogue must say of markets of which only the tickers are known.

    `KXNBAGAME-25OCT26CHAWAS-CHA` is a market of the event without its last part, and of the
    series named by its first.
    """
    events: dict[str, dict[str, object]] = {}
    far = (as_of + timedelta(days=30)).astimezone(UTC).isoformat()
    for ticker in tickers:
        event = ticker.rpartition("-")[0] or ticker
        row = events.setdefault(
            event,
            {
                "event_ticker": event,
                "series_ticker": ticker.partition("-")[0],
                "title": event,
                "markets": [],
            },
        )
        nested = row["markets"]
        assert isinstance(nested, list)  # made above
        nested.append(
            {
                "ticker": ticker,
                "event_ticker": event,
                "market_type": "binary",
                "status": "active",
                "title": ticker,
                "close_time": far,
            }
        )
    series = [
        {"ticker": name} for name in sorted({str(e["series_ticker"]) for e in events.values()})
    ]
    return await to_page(series, list(events.values()), (), as_of)
