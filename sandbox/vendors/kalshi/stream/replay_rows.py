"""Catalogue rows for markets of which only frames are known."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sandbox.vendors.kalshi.formats import time_text
from sandbox.vendors.kalshi.serialise import PRICE_RANGES
from sandbox.vendors.kalshi.stream.recorded_frames import TickerFields
from sandbox.world.model import Grid
from sandbox.world.units import DAY, HOUR

Fields = dict[str, object]


def opening_hours(ticks: Sequence[TickerFields], now_us: int) -> tuple[str, str]:
    """Return when a market opens and closes: around all its frames, and not closed now."""
    times = [(t.ts * 1_000 if t.ts_ms is None else t.ts_ms) * 1_000 for t in ticks]
    return time_text(min(times) - HOUR), time_text(max(*times, now_us) + DAY)


def market_row(ticker: str, hours: tuple[str, str], newest: TickerFields) -> Fields:
    """Return an active market as its newest frame leaves it."""
    begin, end = hours
    bid, ask = newest.yes_bid_dollars or "0.0000", newest.yes_ask_dollars or "1.0000"
    return {
        "can_close_early": True,
        "close_time": end,
        "created_time": begin,
        "event_ticker": ticker.rsplit("-", 1)[0],
        "exchange_index": 0,
        "expected_expiration_time": end,
        "expiration_time": end,
        "expiration_value": "",
        "last_price_dollars": newest.price_dollars or "0.0000",
        "latest_expiration_time": end,
        "market_type": "binary",
        "no_sub_title": ticker,
        "notional_value_dollars": "1.0000",
        "open_interest_fp": newest.open_interest_fp or "0.00",
        "open_time": begin,
        "previous_price_dollars": "0.0000",
        "previous_yes_ask_dollars": "0.0000",
        "previous_yes_bid_dollars": "0.0000",
        "price_level_structure": Grid.DECI,
        "price_ranges": PRICE_RANGES[Grid.DECI],
        "result": "",
        "rules_primary": "",
        "rules_secondary": "",
        "settlement_bounds_type": "default",
        "settlement_timer_seconds": 60,
        "status": "active",
        "strike_type": "custom",
        "ticker": ticker,
        "title": f"Recorded market {ticker}",
        "updated_time": begin,
        "volume_24h_fp": newest.volume_fp or "0.00",
        "volume_fp": newest.volume_fp or "0.00",
        "yes_ask_dollars": ask,
        "yes_ask_size_fp": newest.yes_ask_size_fp or "0.00",
        "yes_bid_dollars": bid,
        "yes_bid_size_fp": newest.yes_bid_size_fp or "0.00",
        "no_ask_dollars": _other_leg(bid),
        "no_bid_dollars": _other_leg(ask),
        "yes_sub_title": ticker,
    }


def _other_leg(price: str) -> str:
    return f"{1 - Decimal(price):.4f}"


def event_row(ticker: str, markets: list[Fields]) -> Fields:
    """Return an event with its markets."""
    return {
        "category": "Crypto",
        "collateral_return_type": "",
        "event_ticker": ticker,
        "exchange_index": 0,
        "last_updated_ts": markets[0]["updated_time"],
        "markets": markets,
        "mutually_exclusive": False,
        "series_ticker": ticker.split("-", 1)[0],
        "settlement_sources": [],
        "strike_period": "",
        "sub_title": "",
        "title": f"Recorded event {ticker}",
    }


def series_row(ticker: str) -> Fields:
    """Return a series."""
    return {
        "additional_prohibitions": [],
        "categories": ["Crypto"],
        "category": "Crypto",
        "contract_terms_url": "",
        "contract_url": "",
        "exchange_index": 0,
        "fee_multiplier": 1,
        "fee_type": "quadratic",
        "frequency": "fifteen_min",
        "last_updated_ts": "2025-01-01T00:00:00Z",
        "settlement_sources": [],
        "tags": ["BTC"],
        "ticker": ticker,
        "title": f"Recorded series {ticker}",
    }
