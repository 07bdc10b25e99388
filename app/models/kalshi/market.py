"""A market on Kalshi's wire."""

from app.models.kalshi.base import Cents, Number, Ticker, Wire


class KalshiPriceRange(Wire):
    """Prices from `start` to `end` move in steps of `step`; all dollars as text."""

    start: str
    end: str
    step: str


class KalshiMarket(Wire):
    """Row of `GET /markets`, of an event's `markets`, and `market` of `GET /markets/{ticker}`.

    Source: OpenAPI 3.34.0, schema Market (read 2026-11-22); 1,875 recorded rows.
    An empty side arrives as a price of 0 or 1 with size "0.00", a market that never
    traded as a last price of "0.0000". `previous_*` are a day old. `occurrence_datetime`
    is not when a game starts. No `series_ticker`: it comes from the event.
    """

    ticker: Ticker
    event_ticker: Ticker
    market_type: str | None = None
    status: str | None = None
    title: str | None = None
    yes_sub_title: str | None = None
    no_sub_title: str | None = None
    rules_primary: str | None = None
    rules_secondary: str | None = None

    created_time: str | None = None
    updated_time: str | None = None
    open_time: str | None = None
    close_time: str | None = None
    expected_expiration_time: str | None = None
    latest_expiration_time: str | None = None
    settlement_ts: str | None = None

    result: str | None = None
    settlement_value_dollars: str | None = None
    settlement_value: Cents | None = None
    can_close_early: bool | None = None
    strike_type: str | None = None
    floor_strike: Number | None = None
    cap_strike: Number | None = None
    price_ranges: list[KalshiPriceRange] | None = None
    mve_collection_ticker: str | None = None
    is_provisional: bool | None = None

    yes_bid_dollars: str | None = None
    yes_ask_dollars: str | None = None
    no_bid_dollars: str | None = None
    no_ask_dollars: str | None = None
    yes_bid_size_fp: str | None = None
    yes_ask_size_fp: str | None = None
    last_price_dollars: str | None = None
    previous_price_dollars: str | None = None
    previous_yes_bid_dollars: str | None = None
    previous_yes_ask_dollars: str | None = None
    volume_fp: str | None = None
    volume_24h_fp: str | None = None
    open_interest_fp: str | None = None

    yes_bid: Cents | None = None
    yes_ask: Cents | None = None
    no_bid: Cents | None = None
    no_ask: Cents | None = None
    last_price: Cents | None = None
    previous_price: Cents | None = None
    previous_yes_bid: Cents | None = None
    previous_yes_ask: Cents | None = None
    volume: int | None = None
    volume_24h: int | None = None
    open_interest: int | None = None
