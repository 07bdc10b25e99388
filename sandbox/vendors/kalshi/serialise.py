"""Rows as Kalshi sends them: optional fields absent rather than null."""

from __future__ import annotations

from sandbox.vendors.kalshi.formats import count_text, dollars, time_text
from sandbox.world.model import Event, Grid, Market, Series, State
from sandbox.world.noise import key_of
from sandbox.world.prices import Snapshot
from sandbox.world.prices.grids import RANGES
from sandbox.world.units import DAY, DOLLAR

Fields = dict[str, object]

_TERMS = "https://kalshi.example/contract_terms"
PRICE_RANGES: dict[Grid, list[dict[str, str]]] = {
    grid: [
        {"end": dollars(end), "start": dollars(start), "step": dollars(step)}
        for start, end, step in ranges
    ]
    for grid, ranges in RANGES.items()
}


_OPTIONAL = (
    "cap_strike",
    "custom_strike",
    "early_close_condition",
    "floor_strike",
    "is_provisional",
    "mve_collection_ticker",
    "mve_selected_legs",
    "occurrence_datetime",
    "primary_participant_key",
    "settlement_floor_dollars",
    "settlement_ts",
    "settlement_value_dollars",
)


_EVENT_OPTIONAL = (
    "fee_multiplier_override",
    "fee_type_override",
    "markets",
    "product_metadata",
    "strike_date",
    "strike_period",
)


def _without_absent(fields: Fields, optional: tuple[str, ...]) -> Fields:
    for key in optional:
        if fields[key] is None:
            del fields[key]
    return fields


def _optional_time(at_us: int | None) -> str | None:
    return None if at_us is None else time_text(at_us)


def _legs(market: Market) -> list[dict[str, str]] | None:
    if not market.legs:
        return None
    return [
        {"event_ticker": event, "market_ticker": ticker, "side": side}
        for event, ticker, side in market.legs
    ]


def _terms(market: Market) -> Fields:
    """Return what a market is: fixed from the day it is listed."""
    event, strike, floor = market.event, market.strike, market.event.floor_value
    return {
        "can_close_early": event.early_close is not None or event.collection is not None,
        "cap_strike": strike.cap,
        "created_time": time_text(market.created_us),
        "custom_strike": strike.custom,
        "early_close_condition": event.early_close,
        "event_ticker": event.ticker,
        "exchange_index": 0,
        "expiration_time": time_text(event.latest_us),
        "floor_strike": strike.floor,
        "is_provisional": market.provisional or None,
        "latest_expiration_time": time_text(event.latest_us),
        "market_type": "binary",
        "mve_collection_ticker": event.collection,
        "mve_selected_legs": _legs(market),
        "no_sub_title": market.no_name,
        "notional_value_dollars": "1.0000",
        "open_time": time_text(event.open_us),
        "price_level_structure": event.grid,
        "price_ranges": PRICE_RANGES[event.grid],
        "primary_participant_key": market.participant,
        "rules_primary": market.rules,
        "rules_secondary": event.rules,
        "settlement_bounds_type": "default" if floor is None else "floor",
        "settlement_floor_dollars": None if floor is None else dollars(floor),
        "settlement_timer_seconds": event.timer_s,
        "strike_type": strike.kind,
        "ticker": market.ticker,
        "title": market.title,
        "yes_sub_title": market.name,
    }


def _progress(market: Market, state: State) -> Fields:
    """Return how far a market has come."""
    result = market.settlement(state)
    expected = time_text(state.expected_us)
    return {
        "close_time": time_text(state.close_us),
        "expected_expiration_time": expected,
        "expiration_value": result.text if result else "",
        "occurrence_datetime": expected if market.event.has_occurrence else None,
        "result": result.word if result else "",
        "settlement_ts": _optional_time(state.settled_us),
        "settlement_value_dollars": dollars(result.value) if result else None,
        "status": state.status,
        "updated_time": time_text(max(state.updated_us, market.created_us)),
    }


def _trading(trading: Snapshot) -> Fields:
    """Return what a market trades at.

    No quote is a price of 0 (bid) or 1 (ask) with size 0.00; never traded is a last price of 0;
    what was not open a day ago has previous prices of 0.
    """
    quote, before = trading.quote, trading.previous
    bid = quote.bid or 0
    ask = DOLLAR if quote.ask is None else quote.ask
    before_ask = (DOLLAR if before.ask is None else before.ask) if before else 0
    return {
        "last_price_dollars": dollars(trading.last or 0),
        "no_ask_dollars": dollars(DOLLAR - bid),
        "no_bid_dollars": dollars(DOLLAR - ask),
        "open_interest_fp": count_text(trading.open_interest),
        "previous_price_dollars": dollars(trading.previous_last or 0),
        "previous_yes_ask_dollars": dollars(before_ask),
        "previous_yes_bid_dollars": dollars((before.bid or 0) if before else 0),
        "volume_24h_fp": count_text(trading.volume_24h),
        "volume_fp": count_text(trading.volume),
        "yes_ask_dollars": dollars(ask),
        "yes_ask_size_fp": count_text(quote.ask_size),
        "yes_bid_dollars": dollars(bid),
        "yes_bid_size_fp": count_text(quote.bid_size),
    }


def market_fields(market: Market, state: State, trading: Snapshot) -> Fields:
    """Return a market row."""
    fields = _terms(market)
    fields.update(_progress(market, state))
    fields.update(_trading(trading))
    return _without_absent(fields, _OPTIONAL)


def _sources(series: Series) -> list[dict[str, str]] | None:
    return [{"name": name, "url": url} for name, url in series.sources] or None


def event_fields(event: Event, now_us: int, markets: list[object] | None = None) -> Fields:
    """Return an event row, with its markets when they are nested."""
    override = event.fee_override
    moved = event.moved is not None and event.moved[0] <= now_us
    sub_title = event.moved[1] if moved and event.moved else event.sub_title
    fields: Fields = {
        "category": event.series.category,
        "collateral_return_type": "MECNET" if event.exclusive else "",
        "event_ticker": event.ticker,
        "exchange_index": 0,
        "fee_multiplier_override": override[1] if override else None,
        "fee_type_override": override[0] if override else None,
        "last_updated_ts": time_text(event.updated_us(now_us)),
        "markets": markets,
        "mutually_exclusive": event.exclusive,
        "product_metadata": event.metadata,
        "series_ticker": event.series.ticker,
        "settlement_sources": _sources(event.series),
        "strike_date": _optional_time(event.strike_date_us),
        "strike_period": "" if event.strike_date_us is None else None,
        "sub_title": sub_title,
        "title": event.title,
    }
    return _without_absent(fields, _EVENT_OPTIONAL)


def series_updated_us(series: Series, now_us: int) -> int:
    """Return when a series' own data last changed: every three to seven weeks."""
    key = key_of("series", series.ticker)
    period = (20 + key % 29) * DAY
    phase = key % period
    return (now_us - phase) // period * period + phase


def series_fields(series: Series, now_us: int, *, metadata: bool) -> Fields:
    """Return a series row; `tags` and `additional_prohibitions` may be null."""
    code = series.ticker.removeprefix("KX")
    row: Fields = {
        "additional_prohibitions": list(series.prohibitions) if series.prohibitions else None,
        "categories": [series.category],
        "category": series.category,
        "contract_terms_url": f"{_TERMS}/{code}.pdf",
        "contract_url": f"{_TERMS}/certifications/{code}.pdf",
        "exchange_index": 0,
        "fee_multiplier": series.fee_multiplier,
        "fee_type": series.fee_type,
        "frequency": series.frequency,
        "last_updated_ts": time_text(series_updated_us(series, now_us)),
        "settlement_sources": _sources(series),
        "tags": list(series.tags) if series.tags else None,
        "ticker": series.ticker,
        "title": series.title,
    }
    if metadata and series.scope:
        row["product_metadata"] = {"scope": series.scope}
    return row
