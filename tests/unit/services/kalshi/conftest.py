"""Keys and rows for tests of the Kalshi adapter."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

MakeRow = Callable[..., dict[str, Any]]
MARKET: dict[str, Any] = {
    "ticker": "KXNBAGAME-26NOV20LALBOS-LAL",
    "event_ticker": "KXNBAGAME-26NOV20LALBOS",
    "market_type": "binary",
    "title": "Los Angeles L vs Boston Winner?",
    "yes_sub_title": "Los Angeles L",
    "no_sub_title": "Boston",
    "created_time": "2026-11-17T18:00:00.5Z",
    "updated_time": "2026-11-17T18:10:00.123456Z",
    "open_time": "2026-11-17T18:10:00Z",
    "close_time": "2026-11-23T00:30:00Z",
    "latest_expiration_time": "2026-11-27T00:30:00Z",
    "settlement_timer_seconds": 60,
    "status": "active",
    "notional_value_dollars": "1.0000",
    "yes_bid_dollars": "0.4300",
    "yes_ask_dollars": "0.4450",
    "no_bid_dollars": "0.5550",
    "no_ask_dollars": "0.5700",
    "yes_bid_size_fp": "120.00",
    "yes_ask_size_fp": "0.01",
    "last_price_dollars": "0.4400",
    "previous_price_dollars": "0.4100",
    "previous_yes_bid_dollars": "0.4000",
    "previous_yes_ask_dollars": "0.4200",
    "volume_fp": "2009.83",
    "volume_24h_fp": "12.50",
    "open_interest_fp": "777.00",
    "result": "",
    "can_close_early": True,
    "expiration_value": "",
    "rules_primary": "If Los Angeles L wins, then Yes.",
    "rules_secondary": "",
    "price_level_structure": "linear_cent",
    "price_ranges": [{"start": "0.0000", "end": "1.0000", "step": "0.0100"}],
    "settlement_bounds_type": "default",
}


@pytest.fixture(scope="session")
def rsa_key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


@pytest.fixture(scope="session")
def ed25519_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@pytest.fixture(scope="session")
def now() -> datetime:
    return datetime(2026, 8, 9, 21, 0, tzinfo=UTC)


@pytest.fixture
def make_market_row() -> MakeRow:
    """Make a market row as Kalshi sends it in late 2026; None takes a field out."""

    def make(**fields: Any) -> dict[str, Any]:
        return {key: field for key, field in (MARKET | fields).items() if field is not None}

    return make
