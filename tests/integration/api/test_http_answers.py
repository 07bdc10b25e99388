"""ETags, headers, spelling, request ids, limits: what every answer has in common."""

import re

import pytest
from fastapi import FastAPI

from app.api.schemas.details import MarketDetail
from app.api.state import Connections
from app.core.clock import VirtualClock
from app.core.config import ApiCase, Environment, Settings
from app.domain.spelling import camel
from app.main import create_app
from tests.factories import make_event, make_feed_state, make_market, make_quote, make_run
from tests.integration.api.serving import Client, Save, serve

CATALOGUE = ["/v1/markets", "/v1/events", "/v1/series", "/v1/config"]


def with_app(settings: Settings, **changes: object) -> Settings:
    settings.app = settings.app.model_copy(update=changes)
    return settings


@pytest.mark.parametrize("path", CATALOGUE)
async def test_who_has_the_bytes_gets_304(client: Client, save: Save, path: str) -> None:
    await save(make_market())
    first = await client.get(path)
    etag = first.headers["etag"]

    for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        again = await client.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
    changed = await client.get(path, headers={"If-None-Match": '"other"'})
    assert (changed.status_code, changed.content) == (200, first.content)
    assert re.fullmatch(r'"[0-9a-f]{32}"', etag)


async def test_details_have_etags_that_change_with_what_they_show(
    client: Client, save: Save, clock: VirtualClock
) -> None:
    market = make_market()
    await save(market)
    path = f"/v1/markets/{market.id}"
    known = {"If-None-Match": (await client.get(path)).headers["etag"]}
    assert (await client.get(path, headers=known)).status_code == 304

    market.title = "Changed"
    await save(market)

    assert (await client.get(path, headers=known)).status_code == 304, "within the same second"
    await clock.sleep(1.1)
    assert (await client.get(path, headers=known)).status_code == 200


async def test_equal_questions_share_an_answer_for_a_second(
    client: Client, save: Save, clock: VirtualClock
) -> None:
    await save(make_market())
    first = (await client.get("/v1/markets?status=open&status=paused&limit=50")).content
    await save(make_market())

    same = (await client.get("/v1/markets?limit=50&status=paused&status=open")).content
    assert same == first
    await clock.sleep(1.1)
    later = await client.get("/v1/markets?status=open&status=paused&limit=50")
    assert len(later.json()["markets"]) == 2


async def test_headers_of_an_answer(client: Client) -> None:
    headers = dict((await client.get("/v1/markets")).headers)

    assert re.fullmatch(r"[0-9a-f]{16}", headers.pop("x-request-id"))
    assert re.fullmatch(r'"[0-9a-f]{32}"', headers.pop("etag"))
    assert headers == {
        "content-length": "39",
        "content-type": "application/json",
        "cache-control": "public, max-age=1",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "strict-transport-security": "max-age=63072000; includeSubDomains",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    }


@pytest.mark.parametrize(
    ("sent", "is_kept"),
    [
        pytest.param("abc-123.DEF_4", True, id="ours to keep"),
        pytest.param("a" * 65, False, id="too long"),
        pytest.param("a b", False, id="blank"),
        pytest.param('{"x":1}', False, id="json"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/markets", "/nothing", "/v1/markets?limit=0"])
async def test_request_ids(client: Client, path: str, sent: str, is_kept: bool) -> None:
    answer = await client.get(path, headers={"X-Request-ID": sent})

    assert (answer.headers["x-request-id"] == sent) is is_kept


async def test_keys_in_camel_case(
    settings: Settings, clock: VirtualClock, connections: Connections, save: Save
) -> None:
    event = make_event()
    market = make_market(event=event, price_ranges=[{"start": "0", "end": "1", "step": "0.01"}])
    await save(market, make_quote(market, volume_24h=5), make_run(), make_feed_state())
    app = create_app(with_app(settings, api_case=ApiCase.CAMEL), clock, connections=connections)

    async with serve(app) as client:
        listed = (await client.get("/v1/markets")).json()["markets"][0]
        detail = (await client.get(f"/v1/markets/{market.id}")).json()
        of_event = (await client.get(f"/v1/events/{event.id}")).json()
        config = (await client.get("/v1/config")).json()
        document = (await client.get("/openapi.json")).json()

    assert listed["quote"]["volume24h"] == "5"
    assert listed["outcomes"][0]["executionAssetId"] == "yes"
    assert set(detail) == {camel(name) for name in MarketDetail.model_fields}
    assert {name: detail[name] for name in listed} == listed
    assert of_event["markets"] == [listed]
    assert config["exchanges"][0]["feed"]["isStale"] is False
    shown = document["components"]["schemas"]["MarketOut"]
    assert set(shown["properties"]) == set(shown["required"]) == set(listed)


async def test_a_client_that_asks_too_often_is_told_when_to_come_back(
    settings: Settings, clock: VirtualClock, connections: Connections, save: Save
) -> None:
    await save(make_run())
    app = create_app(
        with_app(settings, public_requests_per_minute=3), clock, connections=connections
    )

    async with serve(app) as client:
        statuses = [(await client.get("/v1/series")).status_code for _ in range(4)]
        refused = await client.get("/v1/series")
        health = await client.get("/health/ready")
        await clock.sleep(int(refused.headers["retry-after"]))
        later = await client.get("/v1/series")

    assert statuses == [200, 200, 200, 429]
    assert refused.json()["code"] == "too_many_requests"
    assert refused.headers["x-request-id"]
    assert (health.status_code, later.status_code) == (200, 200)


async def test_nothing_leaks_when_we_fail(
    settings: Settings,
    clock: VirtualClock,
    connections: Connections,
    capsys: pytest.CaptureFixture[str],
) -> None:
    app: FastAPI = create_app(settings, clock, connections=connections)

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("postgresql://alpha:hunter2@db/alpha")

    async with serve(app) as client:
        answer = await client.get("/broken", headers={"X-Request-ID": "find-me"})

    assert answer.status_code == 500
    assert answer.json() == {"detail": "Something went wrong on our side.", "code": "internal"}
    assert answer.headers["x-request-id"] == "find-me"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_documents_are_off_in_production(
    settings: Settings, clock: VirtualClock, connections: Connections
) -> None:
    production = with_app(settings, environment=Environment.PRODUCTION)

    async with serve(create_app(production, clock, connections=connections)) as client:
        statuses = [
            (await client.get(path)).status_code for path in ("/docs", "/redoc", "/openapi.json")
        ]

    assert statuses == [404, 404, 404]


async def test_the_documents_page_may_load_its_scripts(client: Client) -> None:
    answer = await client.get("/docs")

    assert answer.status_code == 200
    assert "content-security-policy" not in answer.headers
