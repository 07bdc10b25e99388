"""Market rows in our words (their prices: `quotes`)."""

from collections.abc import Sequence
from functools import lru_cache

from app.domain.catalogue import Market, Metadata, Outcome, PriceRange
from app.domain.types import Exchange, MarketType, parse_decimal
from app.models.kalshi import KalshiMarket, KalshiPriceRange
from app.services.kalshi.normalize.catalogue import is_combo_market, leftover
from app.services.kalshi.normalize.fields import read_number, read_price, read_time
from app.services.kalshi.normalize.quotes import QUOTE_FIELDS, no_side_mismatch
from app.services.kalshi.normalize.rows import Row
from app.services.kalshi.normalize.status import to_market_status

_TYPES = {"binary": MarketType.BINARY, "scalar": MarketType.SCALAR}
_DROPPED = frozenset({"liquidity", "liquidity_dollars"})  # always zero; gone from the document
_STAYS_RAW = frozenset({"status", "mve_collection_ticker", "settlement_value"})
_HELD = (frozenset(KalshiMarket.model_fields) | QUOTE_FIELDS | _DROPPED) - _STAYS_RAW


def to_market(wire: KalshiMarket, row: Row) -> Market:
    """Translate one market row.

    The status is Kalshi's own; what the clock changes unannounced is not applied here.

    Args:
        row: the same row as it came; what no column holds is kept from it verbatim.

    Raises:
        ValueError: a price outside 0..1, or a field that is not what its name says.
    """
    return Market(
        exchange=Exchange.KALSHI,
        ext_id=wire.ticker,
        event_ext_id=wire.event_ticker,
        market_type=_TYPES.get(wire.market_type or "", MarketType.UNKNOWN),
        title=wire.title or wire.yes_sub_title or wire.ticker,
        status=to_market_status(wire.status),
        outcomes=_to_outcomes(wire),
        rules_primary=wire.rules_primary,
        rules_secondary=wire.rules_secondary,
        open_at=read_time(wire.open_time),
        close_at=read_time(wire.close_time),
        expected_expiration_at=read_time(wire.expected_expiration_time),
        latest_expiration_at=read_time(wire.latest_expiration_time),
        listed_at=read_time(wire.created_time),
        settled_at=read_time(wire.settlement_ts),
        result=wire.result or None,
        settlement_value=read_price(wire.settlement_value_dollars, wire.settlement_value),
        can_close_early=bool(wire.can_close_early),
        strike_type=wire.strike_type,
        floor_strike=read_number(wire.floor_strike),
        cap_strike=read_number(wire.cap_strike),
        price_ranges=_to_price_ranges(wire.price_ranges or ()),
        is_combo=is_combo_market(row),
        is_provisional=bool(wire.is_provisional),
        metadata=_to_metadata(wire, row),
        source_ts=read_time(wire.updated_time),
        series_ext_id=wire.event_ticker.partition("-")[0],  # so in all recordings
    )


def _to_outcomes(wire: KalshiMarket) -> tuple[Outcome, Outcome]:
    """Return YES, then NO; a winner only when the result names one (not scalar, not void)."""
    has_winner = wire.result in ("yes", "no")
    return (
        Outcome("yes", wire.yes_sub_title or "Yes", wire.result == "yes" if has_winner else None),
        Outcome("no", wire.no_sub_title or "No", wire.result == "no" if has_winner else None),
    )


def _to_metadata(wire: KalshiMarket, row: Row) -> Metadata:
    kept = dict(leftover(row, _HELD))
    if wire.market_type not in _TYPES:
        kept["market_type"] = wire.market_type
    mismatch = no_side_mismatch(wire)
    if mismatch:
        kept["no_side_mismatch"] = mismatch
    return kept


def _to_price_ranges(ranges: Sequence[KalshiPriceRange]) -> tuple[PriceRange, ...]:
    return tuple(_to_price_range(part.start, part.end, part.step) for part in ranges)


@lru_cache(maxsize=512)
def _to_price_range(start: str, end: str, step: str) -> PriceRange:
    """Read one range; a handful of grids serve all markets."""
    found = PriceRange(parse_decimal(start), parse_decimal(end), parse_decimal(step))
    if not 0 <= found.start <= found.end <= 1 or found.step <= 0:
        raise ValueError(f"price range makes no sense: {start[:20]!r} {end[:20]!r} {step[:20]!r}")
    return found
