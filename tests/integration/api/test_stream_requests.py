"""Who gets a stream and who does not."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.database import Pool
from app.core.redis import Redis
from app.domain.ids import market_id
from app.domain.types import Exchange
from tests.factories import make_event, make_market, make_run
from tests.integration.api.streaming import Serving, located, serving, store

NAMES = [f"KXM-{number}" for number in range(101)]
OUR_ID = str(market_id(Exchange.KALSHI, NAMES[0]))


@pytest.fixture
async def server(
    database_url: str, redis_url: str, pool: Pool, clean_tables: None, redis: Redis
) -> AsyncIterator[Serving]:
    """A server that allows three streams, over an empty database."""
    async with serving(located(database_url, redis_url, streams_per_client=3)) as running:
        yield running


@pytest.fixture
async def markets(engine: AsyncEngine, server: Serving) -> None:
    event = make_event()
    await store(engine, make_run(), *(make_market(ext_id=name, event=event) for name in NAMES))


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        pytest.param("", 422, "invalid_request", id="no markets"),
        pytest.param("markets=", 422, "invalid_request", id="empty"),
        pytest.param("markets=kalshi:KXM-0,", 422, "invalid_request", id="empty one"),
        pytest.param("markets=nasdaq:AAPL", 422, "invalid_request", id="unknown exchange"),
        pytest.param("markets=KXM-0", 422, "invalid_request", id="neither id nor ticker"),
        pytest.param("markets=kalshi:KXM-0%00", 422, "invalid_request", id="control character"),
        pytest.param("markets=" + "," * 20_200, 422, "invalid_request", id="endless"),
        pytest.param("markets=kalshi:KXM-0&limit=1", 422, "invalid_request", id="unknown name"),
        pytest.param("markets=kalshi:KXM-0,kalshi:KXM-X", 404, "not_found", id="unknown market"),
    ],
)
async def test_what_is_refused(
    server: Serving, markets: None, query: str, status: int, code: str
) -> None:
    answer = await server.client.get(f"/v1/stream?{query}")

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert set(answer.json()) == {"detail", "code"}
    assert server.hub.counts.streams == 0


async def test_a_hundred_markets_and_not_one_more(server: Serving, markets: None) -> None:
    async with server.stream(*NAMES[:100], NAMES[0]) as events:
        first = await events.next()
    too_many = ",".join(f"kalshi:{name}" for name in NAMES)
    refused = await server.client.get("/v1/stream", params={"markets": too_many})

    assert [market["ext_id"] for market in first.data["markets"]] == NAMES[:100]
    assert refused.status_code == 422


async def test_one_market_named_twice_is_one(server: Serving, markets: None) -> None:
    params = {"markets": f"kalshi:{NAMES[0]},{OUR_ID},{OUR_ID.upper()}"}
    async with server.client.stream("GET", "/v1/stream", params=params) as answer:
        text = await anext(answer.aiter_text())
        while "\ndata:" not in text or not text.endswith("\n\n"):
            text += await anext(answer.aiter_text())

    assert text.count(OUR_ID) == 1


async def test_no_catalogue_no_stream(server: Serving) -> None:
    answer = await server.client.get(f"/v1/stream?markets={OUR_ID}")

    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    assert answer.headers["retry-after"]


async def test_an_address_has_only_so_many(server: Serving, markets: None) -> None:
    """And a place is free again as soon as a client has left."""
    path = f"/v1/stream?markets={OUR_ID}"
    async with server.stream(NAMES[0]), server.stream(NAMES[0]):
        async with server.stream(NAMES[0]):
            refused = await server.client.get(path)
            figures = (await server.client.get("/metrics")).text
        for _ in range(100):
            if server.hub.counts.streams == 2:
                break
            await asyncio.sleep(0.05)
        async with server.stream(NAMES[0]) as events:
            assert (await events.next()).name == "snapshot"

    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert refused.headers["retry-after"] == "10"
    assert "alpha_streams 3.0" in figures
    assert "alpha_stream_events_total 3.0" in figures


async def test_connecting_counts_as_a_request(
    database_url: str, redis_url: str, engine: AsyncEngine, pool: Pool, clean_tables: None
) -> None:
    await store(engine, make_run(), make_market(ext_id=NAMES[0]))
    slow = located(database_url, redis_url, public_requests_per_minute=2)
    async with serving(slow) as server:
        path = f"/v1/stream?markets={OUR_ID}"
        statuses = []
        for _ in range(3):
            async with server.client.stream("GET", path) as answer:
                statuses.append(answer.status_code)

    assert statuses == [200, 200, 429]
