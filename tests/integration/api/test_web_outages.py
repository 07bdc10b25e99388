"""The database or Redis away: 503 instead of a crash, and work again when they are back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from pydantic import SecretStr

from app.cli.migrate import upgrade
from app.core.config import Settings
from app.core.database import Pool
from app.main import create_app
from tests.factories import NOW
from tests.integration.api.serving import Client, serve

NOWHERE = "postgresql://postgres:hunter2@127.0.0.1:1/alpha"


def at(settings: Settings, *, database: str, redis: str) -> Settings:
    settings.app = settings.app.model_copy(
        update={"database_url": SecretStr(database), "redis_url": SecretStr(redis)}
    )
    return settings


@pytest.fixture
async def new_database(database_url: str) -> AsyncIterator[str]:
    """The URL of a database that does not exist yet; dropped afterwards."""
    name = urlsplit(database_url).path.removeprefix("/") + "_late"
    yield urlunsplit(urlsplit(database_url)._replace(path=f"/{name}"))
    conn = await asyncpg.connect(database_url)
    await conn.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    await conn.close()


@pytest.fixture
async def synced(pool: Pool, clean_tables: None) -> None:
    """A full sync has just ended."""
    await pool.execute(
        "INSERT INTO alpha.cron_runs (name, scheduled_for, started_at, finished_at, outcome)"
        " VALUES ('kalshi_full_sync', now(), now(), now(), 'done')"
    )


async def until(is_true: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(150):
        if await is_true():
            return
        await asyncio.sleep(0.1)
    pytest.fail("it did not become true in 15 s")


async def answers(client: Client, path: str) -> bool:
    return (await client.get(path)).status_code == 200


async def test_the_web_process_starts_without_a_database_and_recovers(
    settings: Settings, new_database: str, database_url: str, redis_url: str
) -> None:
    """Away, then empty, then migrated, then filled; a full sync is asked for on the way."""
    app = create_app(at(settings, database=new_database, redis=redis_url))
    async with serve(app) as client:
        for path in ("/v1/markets", "/v1/markets/kalshi:X", "/v1/config"):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
            assert answer.headers["retry-after"] == "5"
            assert "hunter2" not in answer.text
        assert (await client.get("/health/ready")).status_code == 503
        assert (await client.get("/health/live")).status_code == 200
        assert (await client.get("/metrics")).status_code == 200

        admin = await asyncpg.connect(database_url)
        await admin.execute(f'CREATE DATABASE "{urlsplit(new_database).path[1:]}"')
        await admin.close()
        with ThreadPoolExecutor(1) as thread:
            await asyncio.wrap_future(thread.submit(upgrade, new_database))

        conn = await asyncpg.connect(new_database)
        count = "SELECT count(*) FROM alpha.cron_runs"
        await until(lambda: conn.fetchval(count))
        run = await conn.fetchrow("SELECT * FROM alpha.cron_runs")
        assert run is not None
        assert (run["name"], run["started_at"]) == ("kalshi_full_sync", None)
        assert (await client.get("/v1/markets")).json()["code"] == "not_ready"

        await conn.execute(
            "UPDATE alpha.cron_runs SET started_at = $1, finished_at = $1, outcome = 'done'", NOW
        )
        await until(lambda: answers(client, "/v1/markets"))
        assert (await client.get("/v1/markets/kalshi:X")).status_code == 404
        await conn.close()


async def test_connections_that_the_server_dropped_cost_no_request(
    settings: Settings, database_url: str, redis_url: str, pool: Pool, synced: None
) -> None:
    app = create_app(at(settings, database=database_url, redis=redis_url))
    async with serve(app) as client:
        assert (await client.get("/v1/markets")).status_code == 200
        assert (await client.get("/v1/markets/kalshi:X")).status_code == 404
        await pool.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert (await client.get("/v1/markets?limit=1")).status_code == 200
        assert (await client.get("/v1/markets/kalshi:Y")).status_code == 404


async def test_a_fresh_catalogue_is_not_asked_for_again(
    settings: Settings, database_url: str, redis_url: str, pool: Pool, synced: None
) -> None:
    async with serve(create_app(at(settings, database=database_url, redis=redis_url))):
        await asyncio.sleep(0.3)

    assert await pool.fetchval("SELECT count(*) FROM alpha.cron_runs") == 1


async def test_an_old_catalogue_serves_and_is_asked_for_once(
    settings: Settings, database_url: str, redis_url: str, pool: Pool, clean_tables: None
) -> None:
    await pool.execute(
        "INSERT INTO alpha.cron_runs (name, scheduled_for, started_at, finished_at, outcome)"
        " SELECT 'kalshi_full_sync', t, t, t, 'done'"
        " FROM (SELECT now() - interval '1 hour' AS t) AS past"
    )
    for _ in range(2):  # a second web process finds the first one's request
        async with serve(
            create_app(at(settings, database=database_url, redis=redis_url))
        ) as client:
            assert (await client.get("/v1/markets")).status_code == 200
            await asyncio.sleep(0.3)

    waiting = await pool.fetchval("SELECT count(*) FROM alpha.cron_runs WHERE started_at IS NULL")
    assert waiting == 1


async def test_redis_away_is_told_and_does_not_matter(
    settings: Settings, database_url: str, synced: None
) -> None:
    app = create_app(at(settings, database=database_url, redis="unix:///nowhere/redis.sock"))
    async with serve(app) as client:
        health = (await client.get("/health/ready")).json()
        assert (await client.get("/v1/markets")).status_code == 200

    assert health["ready"] is True
    assert {c["name"]: c["state"] for c in health["checks"]}["redis"] == "failing"


async def test_a_database_that_refuses_is_an_outage(settings: Settings, redis_url: str) -> None:
    async with serve(create_app(at(settings, database=NOWHERE, redis=redis_url))) as client:
        listed, detail = await client.get("/v1/markets"), await client.get("/v1/series/kalshi:X")

    assert (listed.status_code, detail.status_code) == (503, 503)
