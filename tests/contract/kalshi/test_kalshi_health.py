"""What the doctor learns about Kalshi, the key and the clock."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from app.core.errors import SourceUnavailable
from app.services.kalshi.auth import KalshiSigner
from app.services.kalshi.client import KalshiClient
from app.services.kalshi.health import check
from tests.contract.kalshi.scripted_exchange import MakeClient, ScriptedExchange, send

STATUS = {"exchange_active": True, "trading_active": True}
LIMITS = {
    "usage_tier": "basic", "read": {"refill_rate": 200, "bucket_capacity": 400},
    "write": {"refill_rate": 100, "bucket_capacity": 100}, "grants": [],
}  # fmt: skip


def at(offset_s: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=offset_s), usegmt=True)


async def test_no_key(exchange: ScriptedExchange, client: KalshiClient) -> None:
    exchange.on("/exchange/status", send(STATUS))
    found = await check(client)
    assert found.clock_skew_s == pytest.approx(0, abs=1)
    assert (found.is_key_good, found.problem) == (None, None)
    assert [asked.path for asked in exchange.asked] == ["/exchange/status"]


async def test_good_key(
    exchange: ScriptedExchange, make_client: MakeClient, signer: KalshiSigner
) -> None:
    exchange.on("/exchange/status", send(STATUS))
    exchange.on("/account/limits", send(LIMITS))
    found = await check(make_client(signer=signer))
    assert (found.is_key_good, found.usage_tier, found.problem) == (True, "basic", None)
    assert (found.read_tokens_per_s, found.read_capacity) == (200, 400)
    unsigned, signed = exchange.asked
    assert "KALSHI-ACCESS-KEY" not in unsigned.headers
    assert "KALSHI-ACCESS-KEY" in signed.headers


async def test_refused_key(
    exchange: ScriptedExchange, make_client: MakeClient, signer: KalshiSigner
) -> None:
    exchange.on("/exchange/status", send(STATUS))
    exchange.on("/account/limits", send({"error": {"code": "unauthorized"}}, 401))
    found = await check(make_client(signer=signer))
    assert found.is_key_good is False
    assert found.problem == "kalshi: GET /account/limits answered 401: unauthorized"


@pytest.mark.parametrize("offset_s", [-40, 40])
async def test_skewed_clock_is_the_reason_given(
    exchange: ScriptedExchange, make_client: MakeClient, signer: KalshiSigner, offset_s: float
) -> None:
    exchange.on("/exchange/status", send(STATUS, Date=at(offset_s)))
    exchange.on("/account/limits", send({"error": {"code": "unauthorized"}}, 401))
    found = await check(make_client(signer=signer))
    assert found.clock_skew_s == pytest.approx(-offset_s, abs=1.5)
    assert found.is_key_good is False
    assert found.problem is not None
    assert "clock is off" in found.problem


async def test_maintenance_is_no_failure(exchange: ScriptedExchange, client: KalshiClient) -> None:
    exchange.on("/exchange/status", send(STATUS, 503))
    assert (await check(client)).problem is None


async def test_nobody_there(exchange: ScriptedExchange, client: KalshiClient) -> None:
    exchange.on("/exchange/status", send({"error": "boom"}, 502))
    with pytest.raises(SourceUnavailable):
        await check(client)
