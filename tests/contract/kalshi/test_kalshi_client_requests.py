"""What the client sends, and what it makes of a good answer."""

import asyncio
import base64
import gzip
import time
from datetime import UTC, datetime

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.core.clock import SystemClock
from app.core.config import KalshiSettings
from app.core.errors import OperatorError, SourceError, SourceUnavailable
from app.services.kalshi.auth import KalshiSigner
from app.services.kalshi.backoff import RetryPolicy
from app.services.kalshi.client import KalshiClient
from tests.contract.kalshi.scripted_exchange import MakeClient, ScriptedExchange, send, send_bytes

GOOD = {"markets": [], "cursor": ""}


async def test_gzip_is_asked_for_and_read(exchange: ScriptedExchange, client: KalshiClient) -> None:
    exchange.on("/markets", send_bytes(gzip.compress(b'{"a":1}'), Content_Encoding="gzip"))
    assert (await client.get("/markets")).document == {"a": 1}
    assert "gzip" in exchange.asked[0].headers["Accept-Encoding"]


async def test_every_attempt_has_a_fresh_signature_over_the_path_alone(
    exchange: ScriptedExchange,
    make_client: MakeClient,
    signer: KalshiSigner,
    private_key: Ed25519PrivateKey,
) -> None:
    exchange.on(
        "/markets/A%2FB", send({"error": "boom"}, 500), send({"error": "boom"}, 500), send(GOOD)
    )
    exchange.script["/markets/A/B"] = exchange.script.pop("/markets/A%2FB")
    slow = RetryPolicy(attempts=4, first_s=0.02)
    await make_client(signer=signer, retry=slow).get("/markets/A%2FB", {"depth": "5"})
    stamps = [asked.headers["KALSHI-ACCESS-TIMESTAMP"] for asked in exchange.asked]
    assert len(stamps) == 3
    for asked in exchange.asked:
        assert asked.headers["KALSHI-ACCESS-KEY"] == signer.key_id
        path = asked.raw_path.partition("?")[0]
        assert path == "/trade-api/v2/markets/A%2FB"
        text = f"{asked.headers['KALSHI-ACCESS-TIMESTAMP']}GET{path}"
        signature = base64.b64decode(asked.headers["KALSHI-ACCESS-SIGNATURE"])
        private_key.public_key().verify(signature, text.encode())
        assert abs(int(asked.headers["KALSHI-ACCESS-TIMESTAMP"]) / 1000 - time.time()) < 5
    assert stamps == sorted(stamps)
    assert stamps[0] != stamps[-1]


async def test_without_key_nothing_is_signed(
    exchange: ScriptedExchange, client: KalshiClient
) -> None:
    exchange.on("/markets", send(GOOD))
    await client.get("/markets")
    assert not [name for name in exchange.asked[0].headers if name.startswith("KALSHI")]


async def test_proxies_of_the_environment_are_ignored(
    exchange: ScriptedExchange, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    exchange.on("/markets", send(GOOD))
    assert (await make_client().get("/markets")).document == GOOD


async def test_nobody_listens() -> None:
    settings = KalshiSettings.model_validate({"base_api_url": "http://127.0.0.1:9/trade-api/v2"})
    client = KalshiClient(settings, SystemClock(), retry=RetryPolicy(attempts=2, first_s=0.001))
    with pytest.raises(SourceUnavailable, match="/markets: ClientConnectorError"):
        await client.get("/markets")
    await client.close()


@pytest.mark.parametrize("url", ["", "kalshi.com", "ftp://kalshi/", "http://", "http://k/?a=1"])
def test_base_url_must_be_one(url: str) -> None:
    with pytest.raises(OperatorError, match="KALSHI_BASE_API_URL"):
        KalshiClient(KalshiSettings.model_validate({"base_api_url": url}), SystemClock())


async def test_errors_never_hold_secrets(
    exchange: ScriptedExchange, make_client: MakeClient, signer: KalshiSigner
) -> None:
    async def echo(request: web.Request) -> web.StreamResponse:
        sent = " ".join(f"{name}={text}" for name, text in request.headers.items())
        return web.json_response({"error": {"code": "bad", "message": sent}}, status=400)

    exchange.on("/markets", echo)
    with pytest.raises(SourceError) as caught:
        await make_client(signer=signer).get("/markets", {"cursor": "secret-cursor"})
    signature = exchange.asked[0].headers["KALSHI-ACCESS-SIGNATURE"]
    assert signature not in str(caught.value)
    assert signature[:80] not in str(caught.value)
    assert "secret-cursor" not in str(caught.value)


async def test_poisoned_page_still_comes(exchange: ScriptedExchange, client: KalshiClient) -> None:
    body = b'{"markets":[{"ticker":"A","x":NaN},{"ticker":"B","t":"\\ud800 \xff"}],"cursor":""}'
    exchange.on("/markets", send_bytes(body))
    rows = (await client.get("/markets")).document["markets"]
    assert isinstance(rows, list)
    assert [row["ticker"] for row in rows] == ["A", "B"]
    assert len(exchange.asked) == 1


async def test_answer_tells_the_times(exchange: ScriptedExchange, client: KalshiClient) -> None:
    exchange.on("/markets", send(GOOD, Date="Sun, 09 Aug 2026 21:00:00 GMT"))
    before = datetime.now(UTC)
    answer = await client.get("/markets")
    assert before <= answer.asked_at <= datetime.now(UTC)
    assert answer.server_at == datetime(2026, 8, 9, 21, tzinfo=UTC)
    assert 0 <= answer.took_s < 5


async def test_budget_is_spent_by_every_attempt(
    exchange: ScriptedExchange, make_client: MakeClient
) -> None:
    """50 tokens a second, 10 held: three attempts of 10 tokens take at least 0.4 s."""
    exchange.on("/markets", send({}, 500), send({}, 500), send(GOOD))
    client = make_client(read_tokens_per_s=50, read_share=1)
    started = time.monotonic()
    await client.get("/markets")
    assert time.monotonic() - started >= 0.39


async def test_client_works_again_after_close(
    exchange: ScriptedExchange, client: KalshiClient
) -> None:
    exchange.on("/markets", send(GOOD))
    await client.get("/markets")
    await client.close()
    await client.close()
    assert (await client.get("/markets")).document == GOOD


async def test_many_at_once(exchange: ScriptedExchange, client: KalshiClient) -> None:
    exchange.on("/markets", send({}, 500), send(GOOD))
    answers = await asyncio.gather(*(client.get("/markets") for _ in range(40)))
    assert all(answer.document == GOOD for answer in answers)
