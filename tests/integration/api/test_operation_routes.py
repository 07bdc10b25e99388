"""Health, readiness, metrics, configuration."""

from datetime import timedelta

import pytest

from app.api.schemas.operations import ConfigOut, HealthOut
from app.core.clock import VirtualClock
from app.core.database import Conn
from tests.factories import NOW, make_feed_state, make_market, make_run
from tests.integration.api.serving import Client, Save


async def test_an_empty_catalogue_is_not_ready(
    empty_client: Client, save: Save, clock: VirtualClock
) -> None:
    await save(make_market(), make_run(outcome="failed"))

    for path in ("/v1/markets", "/v1/events", "/v1/series", "/v1/markets/kalshi:X"):
        answer = await empty_client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
        assert answer.headers["retry-after"] == "5"
    health = await empty_client.get("/health/ready")
    assert health.status_code == 503
    assert health.json()["ready"] is False
    assert (await empty_client.get("/health/live")).json() == {"live": True}
    assert (await empty_client.get("/v1/config")).status_code == 200

    await save(make_run(scheduled_for=NOW + timedelta(minutes=15)))
    await clock.sleep(1.1)

    assert (await empty_client.get("/v1/markets")).status_code == 200
    assert (await empty_client.get("/health/ready")).status_code == 200


@pytest.mark.parametrize(
    ("revision", "is_ready"),
    [
        pytest.param("0001", False, id="behind"),
        pytest.param("9999", True, id="ahead: schemas change before the code does"),
    ],
)
async def test_the_schema_must_be_ours(
    client: Client, conn: Conn, revision: str, is_ready: bool
) -> None:
    await conn.execute("UPDATE alpha.alembic_version SET version_num = $1", revision)

    health = await client.get("/health/ready")

    assert health.json()["ready"] is is_ready
    assert (await client.get("/v1/markets")).status_code == (200 if is_ready else 503)


async def test_health_names_every_part(client: Client) -> None:
    health = HealthOut.model_validate_json((await client.get("/health/ready")).content)

    states = {check.name: check.state for check in health.checks}
    assert states == {
        "database": "on",
        "schema": "on",
        "kalshi.catalogue": "on",
        "kalshi.ticks": "off",
        "redis": "on",
        "kalshi.key": "off",
        "sign_in": "off",
    }


async def test_config_tells_feeds_and_limits(client: Client, save: Save) -> None:
    config = ConfigOut.model_validate_json((await client.get("/v1/config")).content)

    (kalshi,) = config.exchanges
    assert kalshi.feed is not None
    assert (kalshi.feed.state, kalshi.feed.is_stale) == ("live", False)
    assert (config.limits.page_max, config.api_version) == (200, "v1")


async def test_metrics_name_routes_and_feeds_but_no_market(client: Client, save: Save) -> None:
    market = make_market(ext_id="KXSECRETIVE")
    await save(market)
    await client.get("/v1/markets/kalshi:KXSECRETIVE")
    await client.get("/v1/markets?limit=0")
    await client.get("/no/such/KXSECRETIVE")

    text = (await client.get("/metrics")).text

    assert 'alpha_http_request_seconds_count{route="/v1/markets/{market}",status="200"} 1' in text
    assert 'alpha_http_request_seconds_count{route="/v1/markets",status="422"} 1' in text
    assert 'alpha_http_request_seconds_count{route="unmatched",status="404"} 1' in text
    assert 'alpha_feed_age_seconds{feed="kalshi.catalogue"} 0' in text
    assert 'alpha_pool_connections{state="allowed"} 1' in text
    assert "KXSECRETIVE" not in text
    assert str(market.id) not in text


async def test_feeds_of_other_exchanges_do_not_matter(client: Client, save: Save) -> None:
    await save(make_feed_state(feed="polymarket.catalogue", state="stale"))

    exchanges = (await client.get("/v1/config")).json()["exchanges"]

    assert [row["exchange"] for row in exchanges] == ["kalshi"]
