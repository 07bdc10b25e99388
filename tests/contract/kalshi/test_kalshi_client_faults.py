"""The client against an exchange that fails in every way seen or feared."""

import asyncio
import gzip
import time

import pytest
from aiohttp import web

from app.core.errors import (
    PayloadInvalid,
    SourceRateLimited,
    SourceRefused,
    SourceUnavailable,
)
from app.services.kalshi.backoff import RetryPolicy
from app.services.kalshi.client import KalshiClient
from tests.contract.kalshi.scripted_exchange import (
    Handler,
    MakeClient,
    ScriptedExchange,
    send,
    send_bytes,
)

GOOD = {"markets": [], "cursor": ""}
HTML = b"<html><h1>Bad Gateway</h1></html>"


async def hang(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(30)
    return web.Response()


async def drop(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def cut_off(request: web.Request) -> web.StreamResponse:
    """Promise more bytes than come."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"markets":[')
    assert request.transport is not None
    request.transport.abort()
    return response


async def stall(request: web.Request) -> web.StreamResponse:
    """Send half a body and then nothing."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"markets":[')
    await asyncio.sleep(30)
    return response


async def bad_gzip(_: web.Request) -> web.StreamResponse:
    return web.Response(body=b"not gzip", headers={"Content-Encoding": "gzip"})


PASSING: list[object] = [
    pytest.param(send({"error": "boom"}, 500), id="500"),
    pytest.param(send_bytes(HTML, 502), id="502-html"),
    pytest.param(send_bytes(b"", 503), id="503-empty"),
    pytest.param(send({"error": "too many requests"}, 429), id="429"),
    pytest.param(send_bytes(HTML), id="200-html"),
    pytest.param(send_bytes(b""), id="200-empty"),
    pytest.param(send_bytes(b'{"markets":[{"a":1}'), id="200-truncated-json"),
    pytest.param(cut_off, id="fewer-bytes-than-promised"),
    pytest.param(drop, id="connection-dropped"),
    pytest.param(bad_gzip, id="bad-gzip"),
]


@pytest.mark.parametrize("fault", PASSING)
async def test_passing_faults_are_survived(
    exchange: ScriptedExchange, client: KalshiClient, fault: Handler
) -> None:
    exchange.on("/markets", fault, fault, send(GOOD))
    assert (await client.get("/markets")).document == GOOD
    assert len(exchange.asked) == 3


@pytest.mark.parametrize("fault", PASSING)
async def test_lasting_faults_end_after_all_attempts(
    exchange: ScriptedExchange, client: KalshiClient, fault: Handler
) -> None:
    exchange.on("/markets", fault)
    with pytest.raises((SourceUnavailable, SourceRateLimited)):
        await client.get("/markets")
    assert len(exchange.asked) == 4


@pytest.mark.parametrize("fault", [hang, stall])
async def test_every_call_has_a_time_limit(
    exchange: ScriptedExchange, make_client: MakeClient, fault: Handler
) -> None:
    exchange.on("/markets", fault)
    started = time.monotonic()
    with pytest.raises(SourceUnavailable, match="Timeout"):
        await make_client(timeout_s=0.2, retry=RetryPolicy(attempts=2, first_s=0.01)).get(
            "/markets"
        )
    assert time.monotonic() - started < 2
    assert len(exchange.asked) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
async def test_refusals_are_not_repeated(
    exchange: ScriptedExchange, client: KalshiClient, status: int
) -> None:
    exchange.on("/markets", send({"error": {"code": "no", "message": "no"}}, status))
    with pytest.raises(SourceRefused) as caught:
        await client.get("/markets", {"status": "finalized"})
    assert caught.value.status == status
    assert str(caught.value) == f"kalshi: GET /markets answered {status}: no"
    assert len(exchange.asked) == 1


async def test_redirects_are_not_followed(exchange: ScriptedExchange, client: KalshiClient) -> None:
    exchange.on("/markets", send_bytes(b"", 302, Location=f"{exchange.base_url}/elsewhere"))
    with pytest.raises(SourceRefused):
        await client.get("/markets")
    assert [asked.path for asked in exchange.asked] == ["/markets"]


@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"5"])
async def test_json_that_is_no_object_breaks_the_contract(
    exchange: ScriptedExchange, client: KalshiClient, body: bytes
) -> None:
    exchange.on("/markets", send_bytes(body))
    with pytest.raises(PayloadInvalid):
        await client.get("/markets")
    assert len(exchange.asked) == 1


async def test_retry_after_is_waited_for(exchange: ScriptedExchange, client: KalshiClient) -> None:
    limited = send({"error": "too many requests"}, 429, Retry_After="0.3")
    exchange.on("/markets", limited, send(GOOD))
    started = time.monotonic()
    await client.get("/markets")
    assert time.monotonic() - started >= 0.3


async def test_waiting_for_a_retry_can_be_cancelled(
    exchange: ScriptedExchange, make_client: MakeClient
) -> None:
    exchange.on("/markets", send({"error": "too many requests"}, 429, Retry_After="50"))
    call = asyncio.create_task(make_client().get("/markets"))
    await asyncio.sleep(0.2)
    started = time.monotonic()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert time.monotonic() - started < 0.5


async def test_size_limit(exchange: ScriptedExchange, make_client: MakeClient) -> None:
    exchange.on("/markets", send_bytes(b'{"a":"' + b"x" * 100_000 + b'"}'))
    with pytest.raises(PayloadInvalid, match="more than 50000 bytes"):
        await make_client(max_body_bytes=50_000).get("/markets")
    assert len(exchange.asked) == 1


async def test_size_limit_counts_unpacked_bytes(
    exchange: ScriptedExchange, make_client: MakeClient
) -> None:
    packed = gzip.compress(b'{"a":"' + b"x" * 30_000_000 + b'"}')
    assert len(packed) < 40_000
    exchange.on("/markets", send_bytes(packed, Content_Encoding="gzip"))
    with pytest.raises((PayloadInvalid, SourceUnavailable)):
        await make_client(max_body_bytes=1_000_000).get("/markets")
