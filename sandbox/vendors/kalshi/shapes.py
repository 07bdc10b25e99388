"""What may be spoiled in Kalshi's rows."""

from sandbox.faults.rows import RowShape

SHAPES: dict[str, RowShape] = {
    "markets": RowShape(
        enums={
            "status": "under_observation",
            "strike_type": "hyperbolic",
            "price_level_structure": "septimal_cent",
            "settlement_bounds_type": "ceiling",
        },
        required=(
            "event_ticker",
            "status",
            "yes_bid_dollars",
            "last_price_dollars",
            "volume_fp",
            "close_time",
            "updated_time",
            "rules_secondary",
            "price_ranges",
            "result",
        ),
        texts=("title", "yes_sub_title", "rules_primary"),
        numbers=("floor_strike", "yes_bid_dollars", "volume_fp", "settlement_timer_seconds"),
        prices=("yes_bid_dollars", "yes_ask_dollars", "last_price_dollars"),
        garbage={
            "status": {"word": "active"},
            "price_ranges": "0.01",
            "close_time": 12,
            "volume_fp": ["1.00"],
            "yes_ask_dollars": {"dollars": 1},
            "can_close_early": "perhaps",
            "open_time": "yesterday",
            "custom_strike": 7,
        },
    ),
    "events": RowShape(
        enums={"collateral_return_type": "SIDEWAYS"},
        required=("series_ticker", "title", "sub_title", "mutually_exclusive"),
        texts=("title", "sub_title"),
        numbers=("fee_multiplier_override", "exchange_index"),
        prices=(),
        garbage={
            "title": 12,
            "mutually_exclusive": "perhaps",
            "settlement_sources": "everywhere",
            "series_ticker": {"ticker": "KX"},
            "last_updated_ts": "soon",
        },
    ),
    "series": RowShape(
        enums={"fee_type": "cubic", "frequency": "whenever"},
        required=("title", "category", "fee_type", "frequency"),
        texts=("title", "category"),
        numbers=("fee_multiplier",),
        prices=(),
        garbage={
            "title": ["a", "list"],
            "tags": 5,
            "fee_multiplier": "much",
            "settlement_sources": {"name": 1},
        },
    ),
}
