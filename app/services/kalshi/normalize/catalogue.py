"""What series, events and markets share: leftovers as metadata, and which rows are combos."""

from app.domain.catalogue import Metadata
from app.services.kalshi.normalize.rows import Row

_COMBO_PREFIX = "KXMVE"


def leftover(row: Row, held: frozenset[str]) -> Metadata:
    """Return, verbatim, every field of a row that no column of ours holds."""
    return {key: field for key, field in row.items() if key not in held}


def is_combo_market(row: object) -> bool:
    """Say whether a market row is a combination of other markets (multivariate)."""
    if not isinstance(row, dict):
        return False
    return bool(row.get("mve_collection_ticker")) or _is_combo_ticker(row.get("ticker"))


def is_combo_event(row: object) -> bool:
    """Say whether an event row holds combinations."""
    return isinstance(row, dict) and _is_combo_ticker(row.get("event_ticker"))


def _is_combo_ticker(ticker: object) -> bool:
    return isinstance(ticker, str) and ticker.startswith(_COMBO_PREFIX)
