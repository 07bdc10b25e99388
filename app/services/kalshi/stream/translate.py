"""Kalshi's trades and announcements of the socket in our words."""

import re
from datetime import UTC, datetime, timedelta

import msgspec

from app.domain.lifecycle_events import LifecycleEvent, Subject
from app.domain.trades import PublicTrade, TakerSide
from app.domain.types import Exchange, MarketStatus, Price
from app.models.kalshi.frames import (
    EventLifecycleFrame,
    KalshiEventChange,
    KalshiMarketChange,
    KalshiStreamTrade,
    LifecycleFrame,
    MarketLifecycleFrame,
)
from app.services.kalshi.decoding import decode_json
from app.services.kalshi.normalize import Row, clean_row
from app.services.kalshi.normalize.fields import from_unix, read_count, read_price

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_MS = 253_402_300_800_000
_MAX_ID = 200
_TICKER = re.compile(r"[!-+\--~]{1,200}")  # as `models.kalshi.Ticker`
_KIND_LENGTH = 60

# A pause shows as `deactivated`, its end as `activated`. Openings and closes are not announced.
_STATUSES = {
    "created": MarketStatus.UPCOMING,
    "activated": MarketStatus.OPEN,
    "deactivated": MarketStatus.PAUSED,
    "determined": MarketStatus.DETERMINED,
    "settled": MarketStatus.SETTLED,
}
_TAKERS = {
    "yes": TakerSide.FIRST,
    "bid": TakerSide.FIRST,
    "no": TakerSide.SECOND,
    "ask": TakerSide.SECOND,
}
EVENT_CREATED = "event_created"
EVENT_FEE_UPDATED = "event_fee_updated"

_read_market = msgspec.json.Decoder(KalshiMarketChange).decode
_read_event = msgspec.json.Decoder(KalshiEventChange).decode


def to_stream_trade(wire: KalshiStreamTrade) -> PublicTrade:
    """Translate one trade; its price is that of YES.

    Raises:
        ValueError: no id, time, count or price, or one that is not what its name says.
    """
    if not 0 < len(wire.trade_id) <= _MAX_ID:
        raise ValueError("a trade without id")
    contracts = read_count(wire.count_fp, wire.count)
    if contracts is None:
        raise ValueError("a trade without count")
    side = wire.taker_outcome_side or wire.taker_book_side or wire.taker_side
    return PublicTrade(
        exchange=Exchange.KALSHI,
        ext_id=wire.trade_id,
        market_ext_id=_ticker(wire.market_ticker),
        price=_yes_price(wire),
        contracts=contracts,
        traded_at=_traded_at(wire),
        taker=_TAKERS.get(side or ""),
        is_block=bool(wire.is_block_trade),
    )


def to_lifecycle_event(frame: LifecycleFrame, *, received_at: datetime) -> LifecycleEvent:
    """Translate one announcement.

    Raises:
        ValueError: no ticker, or a field that is not what its name says.
    """
    sent_at = None if frame.sending_ts_ms is None else from_ms(frame.sending_ts_ms)
    payload = clean_row(decode_json(bytes(frame.msg)))
    if isinstance(frame, MarketLifecycleFrame):
        return _market_event(_read_market(frame.msg), payload, sent_at, received_at)
    wire = _read_event(frame.msg)
    return LifecycleEvent(
        exchange=Exchange.KALSHI,
        subject=Subject.EVENT,
        ext_id=_ticker(wire.event_ticker),
        kind=EVENT_CREATED if isinstance(frame, EventLifecycleFrame) else EVENT_FEE_UPDATED,
        received_at=received_at,
        payload=payload,
        sent_at=sent_at,
        parent_ext_id=_ticker(wire.series_ticker) if wire.series_ticker else None,
    )


def from_ms(ms: int) -> datetime:
    """Read Unix milliseconds as aware UTC.

    Raises:
        ValueError: outside the years 1970 to 9999.
    """
    if not 0 <= ms < _MAX_MS:
        raise ValueError(f"not Unix milliseconds: {str(ms)[:40]}")
    return _EPOCH + timedelta(milliseconds=ms)


def _market_event(
    wire: KalshiMarketChange, payload: Row, sent_at: datetime | None, received_at: datetime
) -> LifecycleEvent:
    if not 0 < len(wire.event_type) <= _KIND_LENGTH:
        raise ValueError("an announcement without kind")
    happened_ts = wire.determination_ts if wire.settled_ts is None else wire.settled_ts
    parent = wire.additional_metadata and wire.additional_metadata.event_ticker
    return LifecycleEvent(
        exchange=Exchange.KALSHI,
        subject=Subject.MARKET,
        ext_id=_ticker(wire.market_ticker),
        kind=wire.event_type,
        received_at=received_at,
        payload=payload,
        happened_at=_time(happened_ts),
        sent_at=sent_at,
        status=_STATUSES.get(wire.event_type),
        open_at=_time(wire.open_ts),
        close_at=_time(wire.close_ts),
        result=wire.result or None,
        settlement_price=read_price(wire.settlement_value),
        parent_ext_id=_ticker(parent) if parent else None,
    )


def _time(seconds: int | None) -> datetime | None:
    return None if seconds is None else from_unix(seconds)


def _ticker(text: str) -> str:
    if not _TICKER.fullmatch(text):
        raise ValueError(f"not a ticker: {text[:40]!r}")
    return text


def _yes_price(wire: KalshiStreamTrade) -> Price:
    price = read_price(wire.yes_price_dollars)
    if price is not None:
        return price
    opposite = read_price(wire.no_price_dollars)
    if opposite is None:
        raise ValueError("a trade without price")
    return Price(1 - opposite)


def _traded_at(wire: KalshiStreamTrade) -> datetime:
    if wire.ts_ms is not None:
        return from_ms(wire.ts_ms)
    if wire.ts is None:
        raise ValueError("a trade without time")
    return from_unix(wire.ts)
