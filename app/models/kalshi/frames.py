"""Kalshi's WebSocket messages as on the wire: the ones we read, and of them the fields we use.

Source of every struct: Kalshi AsyncAPI 2.0.0 (schema names below), read 2026-11-22, and
recordings of October 2025 to August 2026. Units: `*_dollars` are decimal text, dollars per
contract that pays $1, so already 0..1; `*_fp` are decimal text, contracts, two decimals;
`ts_ms` and `sending_ts_ms` are Unix milliseconds, other `*_ts` Unix seconds. Unknown fields
are ignored; a field is required only when the message means nothing without it.

These are msgspec structs and not Pydantic models because tickers come by the thousand
a second (six times faster). The ticker's attributes carry the names of `domain.ticks.Tick`,
so that a decoded one is a tick without a copy.
"""

import msgspec
from msgspec import field


class KalshiTicker(msgspec.Struct, frozen=True, gc=False):
    """`msg` of a `ticker`: the whole state of one market (schema tickerPayload).

    `price_dollars` is the last trade of YES, `""` or `"0.0000"` when there was none. An
    empty side has the price 0 or 1 and the size `"0.00"`. `volume_fp` is cumulative.
    Frames of 2025 without `ts_ms` are refused: their place in the order is unknown.
    """

    market_ext_id: str = field(name="market_ticker")
    ts_ms: int
    last: str = field(name="price_dollars", default="")
    bid: str = field(name="yes_bid_dollars", default="")
    ask: str = field(name="yes_ask_dollars", default="")
    bid_size: str = field(name="yes_bid_size_fp", default="")
    ask_size: str = field(name="yes_ask_size_fp", default="")
    volume: str = field(name="volume_fp", default="")
    open_interest: str = field(name="open_interest_fp", default="")


class KalshiStreamTrade(msgspec.Struct, frozen=True, gc=False):
    """`msg` of a `trade` (schema tradePayload).

    `taker_outcome_side` and `taker_book_side` say the same in two vocabularies;
    `taker_side` is the older name. Trades of 2025 have `count` and only `ts` (seconds).
    """

    trade_id: str
    market_ticker: str
    ts_ms: int | None = None
    ts: int | None = None
    yes_price_dollars: str | None = None
    no_price_dollars: str | None = None
    count_fp: str | None = None
    count: int | None = None
    taker_outcome_side: str | None = None
    taker_book_side: str | None = None
    taker_side: str | None = None
    is_block_trade: bool | None = None


class KalshiCreatedMarket(msgspec.Struct, frozen=True, gc=False):
    """`additional_metadata` of a `created` (schema lifecycleAdditionalMetadata)."""

    event_ticker: str | None = None


class KalshiMarketChange(msgspec.Struct, frozen=True):
    """`msg` of a `market_lifecycle_v2` (schemas marketLifecycleV2Payload, marketMetadataUpdated).

    `event_type` is an open set: created, activated, deactivated, close_date_updated,
    determined, settled, price_level_structure_updated, metadata_updated. `settlement_value`
    is dollars as text. Neither an opening at `open_ts` nor a close at `close_ts` is sent.
    """

    market_ticker: str
    event_type: str
    open_ts: int | None = None
    close_ts: int | None = None
    determination_ts: int | None = None
    settled_ts: int | None = None
    result: str | None = None
    settlement_value: str | None = None
    additional_metadata: KalshiCreatedMarket | None = None


class KalshiEventChange(msgspec.Struct, frozen=True):
    """`msg` of an `event_lifecycle` (an event was created) and of an `event_fee_update`.

    Schemas eventLifecyclePayload and eventFeeUpdatePayload. `series_ticker` was empty in 2025.
    """

    event_ticker: str
    series_ticker: str | None = None


class KalshiSubscription(msgspec.Struct, frozen=True, gc=False):
    """`msg` of a `subscribed`: `sid` names the subscription on this connection."""

    channel: str
    sid: int


class KalshiStreamError(msgspec.Struct, frozen=True, gc=False):
    """`msg` of an `error`; 10 (channel error) and 25 (buffer overflow) end the subscription."""

    code: int
    msg: str = ""


class TickerFrame(msgspec.Struct, frozen=True, gc=False, tag="ticker"):
    """A ticker; has no `seq`."""

    msg: KalshiTicker
    sid: int | None = None


class TradeFrame(msgspec.Struct, frozen=True, gc=False, tag="trade"):
    """A public trade."""

    msg: KalshiStreamTrade
    sid: int | None = None
    seq: int | None = None


class MarketLifecycleFrame(msgspec.Struct, frozen=True, tag="market_lifecycle_v2"):
    """A market's change; `msg` stays raw, for it is kept whole (`KalshiMarketChange`)."""

    msg: msgspec.Raw
    sid: int | None = None
    seq: int | None = None
    sending_ts_ms: int | None = None


class EventLifecycleFrame(msgspec.Struct, frozen=True, tag="event_lifecycle"):
    """An event was created; `msg` stays raw (`KalshiEventChange`)."""

    msg: msgspec.Raw
    sid: int | None = None
    seq: int | None = None
    sending_ts_ms: int | None = None


class EventFeeFrame(msgspec.Struct, frozen=True, tag="event_fee_update"):
    """An event's fees changed; `msg` stays raw (`KalshiEventChange`)."""

    msg: msgspec.Raw
    sid: int | None = None
    seq: int | None = None
    sending_ts_ms: int | None = None


class SubscribedFrame(msgspec.Struct, frozen=True, gc=False, tag="subscribed"):
    """A subscription exists from now on; `id` is that of the command."""

    msg: KalshiSubscription
    id: int | None = None


class UnsubscribedFrame(msgspec.Struct, frozen=True, gc=False, tag="unsubscribed"):
    """A subscription has ended; this reply is its last `seq`."""

    sid: int | None = None
    seq: int | None = None
    id: int | None = None


class OkFrame(msgspec.Struct, frozen=True, gc=False, tag="ok"):
    """A command was done; consumes a `seq` of its subscription."""

    sid: int | None = None
    seq: int | None = None
    id: int | None = None


class ErrorFrame(msgspec.Struct, frozen=True, gc=False, tag="error"):
    """A command or a subscription failed."""

    msg: KalshiStreamError
    sid: int | None = None
    seq: int | None = None
    id: int | None = None


class UnreadFrame(msgspec.Struct, frozen=True, gc=False):
    """What any other message still says: its kind, and the number it consumes."""

    type: str = ""
    sid: int | None = None
    seq: int | None = None


LifecycleFrame = MarketLifecycleFrame | EventLifecycleFrame | EventFeeFrame
Frame = (
    TickerFrame
    | TradeFrame
    | LifecycleFrame
    | SubscribedFrame
    | UnsubscribedFrame
    | OkFrame
    | ErrorFrame
)
READ_TYPES = frozenset(
    str(frame.__struct_config__.tag)
    for frame in (
        TickerFrame,
        TradeFrame,
        MarketLifecycleFrame,
        EventLifecycleFrame,
        EventFeeFrame,
        SubscribedFrame,
        UnsubscribedFrame,
        OkFrame,
        ErrorFrame,
    )
)
