"""`alpha seed-demo`: a sandbox's people in our database, written once however often it runs."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core.database import Pool
from app.models.db import Market
from app.models.demo import DemoPage
from app.store.demo_people import insert_people
from tests.factories import NOW, make_event, make_market, make_series
from tests.sandbox_process import PREFIX, SandboxProcess, start_sandbox

ROOT = Path(__file__).resolve().parents[2]
ADA, BEN = (UUID(int=n) for n in (1, 2))
HELD = {"exchange": "kalshi", "side": "yes", "contracts": "12.50", "average_price": "0.4000"}
PAGE: dict[str, Any] = {
    "people": [
        {
            "id": str(BEN),
            "name": "Ben Ito",
            "timezone": "America/Chicago",
            "devices": [],
            "positions": [{**HELD, "market_ext_id": "KXGONE"}],
            "follows": [],
            "preferences": {},
        },
        {
            "id": str(ADA),
            "name": "Ada Chen",
            "timezone": "Europe/London",
            "devices": [
                {"kind": "fcm_token", "address": "token-of-ada"},
                {"kind": "apns", "address": "0" * 64},
            ],
            "positions": [
                {**HELD, "market_ext_id": "KXM"},
                {**HELD, "market_ext_id": "KXM", "side": "no"},
                {**HELD, "market_ext_id": "KXUNKNOWN"},
            ],
            "follows": [
                {"kind": "market", "exchange": "kalshi", "ext_id": "KXM", "push": True},
                {"kind": "event", "exchange": "kalshi", "ext_id": "KXE", "push": False},
                {"kind": "series", "exchange": "kalshi", "ext_id": "KXS", "push": False},
                {"kind": "series", "exchange": "kalshi", "ext_id": "KXM", "push": False},
            ],
            "preferences": {"quiet_from": "22:00", "quiet_to": "07:00"},
        },
    ],
    "after": "",
}
FIRST = {
    "users": 2,
    "positions": 2,
    "unknown_markets": 2,
    "follows": 3,
    "unknown_follows": 1,
    "devices": 2,
    "preferences": 1,
}

pytestmark = pytest.mark.usefixtures("clean_tables")


@pytest.fixture
async def market(engine: AsyncEngine) -> Market:
    """A market of an event of a series that are there."""
    event = make_event(ext_id="KXE", series=make_series(ext_id="KXS"))
    market = make_market(ext_id="KXM", event=event)
    async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
        session.add_all([market, make_market(ext_id="KXGONE", event=event, is_deleted=True)])
    return market


async def insert(pool: Pool, page: Any = PAGE) -> dict[str, int]:
    async with pool.acquire() as conn, conn.transaction():
        people = DemoPage.model_validate(page).people
        return dict(await insert_people(conn, people, now=NOW))


async def test_everything_is_written(pool: Pool, market: Market) -> None:
    assert await insert(pool) == FIRST

    held = await pool.fetch("SELECT * FROM alpha.positions ORDER BY side")
    assert [(row["user_id"], row["side"], row["contracts"]) for row in held] == [
        (ADA, "yes", Decimal("12.5")),
        (ADA, "no", Decimal("12.5")),
    ]
    assert {row["market_id"] for row in held} == {market.id}
    chosen = await pool.fetchrow("SELECT * FROM alpha.notification_preferences")
    assert chosen is not None
    assert (chosen["user_id"], chosen["quiet_from"], chosen["is_push_on"]) == (ADA, time(22), True)
    follows = await pool.fetch("SELECT kind::text, is_push FROM alpha.follows ORDER BY 1")
    assert [tuple(row) for row in follows] == [
        ("event", False),
        ("market", True),
        ("series", False),
    ]
    zone = await pool.fetchval("SELECT timezone FROM alpha.users WHERE id = $1", ADA)
    assert zone == "Europe/London"


async def test_a_second_run_changes_nothing(pool: Pool, market: Market) -> None:
    await insert(pool)
    tables = ("users", "positions", "follows", "devices", "notification_preferences")
    await pool.execute("UPDATE alpha.devices SET disabled_at = $1, disabled_reason = 'x'", NOW)

    async def rows() -> list[str]:
        return [str(await pool.fetch(f"SELECT * FROM alpha.{t} ORDER BY 1")) for t in tables]

    before = await rows()

    again = await insert(pool)

    assert again == {**dict.fromkeys(FIRST, 0), "unknown_markets": 2, "unknown_follows": 1}
    assert await rows() == before


async def test_what_was_unknown_comes_with_a_later_run(pool: Pool, engine: AsyncEngine) -> None:
    assert (await insert(pool))["unknown_markets"] == 4
    event = make_event(ext_id="KXE")
    async with AsyncSession(engine) as session, session.begin():
        session.add(make_market(ext_id="KXM", event=event, close_at=NOW + timedelta(hours=1)))

    later = await insert(pool)

    assert (later["users"], later["positions"], later["follows"]) == (0, 2, 2)


async def test_two_at_once_do_no_harm(pool: Pool, market: Market) -> None:
    made = await asyncio.gather(*(insert(pool) for _ in range(3)))

    assert {name: sum(each[name] for each in made) for name in ("users", "devices")} == {
        "users": 2,
        "devices": 2,
    }


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"contracts": "0"}, id="none held"),
        pytest.param({"contracts": "NaN"}, id="NaN"),
        pytest.param({"average_price": "1.5"}, id="price above 1"),
        pytest.param({"side": "maybe"}, id="no side"),
        pytest.param({"exchange": "nasdaq"}, id="no exchange"),
    ],
)
def test_what_cannot_be_read(changed: dict[str, str]) -> None:
    position = {**HELD, "market_ext_id": "KXM", **changed}
    person = {**PAGE["people"][0], "positions": [position]}

    with pytest.raises(ValidationError):
        DemoPage.model_validate({"people": [person]})


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    running = start_sandbox(tmp_path_factory.mktemp("sandbox"), "--events", "40")
    yield running
    running.process.terminate()
    running.process.wait(10)


@pytest.fixture
def environ(
    sandbox: SandboxProcess, database_url: str, redis_url: str, tmp_path: Path
) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "ALPHA_HOME": str(tmp_path / "home"),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "KALSHI_BASE_API_URL": f"{sandbox.url}{PREFIX}",
        "SUPABASE_JWT_ISSUER": f"{sandbox.url}/auth/v1",
    }


async def run(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app.cli", "seed-demo", *arguments]
    done = await asyncio.to_thread(
        subprocess.run, command, env=environ, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


async def test_the_command_beside_a_sandbox(
    environ: dict[str, str], sandbox: SandboxProcess, pool: Pool
) -> None:
    told = sandbox.control("/_people")["people"]
    positions = sum(len(person["positions"]) for person in told)

    first, again = await run(environ, "--json"), await run(environ, "--json")

    counts = json.loads(first.stdout)
    assert (counts["users"], counts["unknown_markets"]) == (len(told), positions)
    assert json.loads(again.stdout)["users"] == 0
    (line,) = (await run(environ)).stderr.splitlines()
    assert line.endswith(f"left out: {positions + counts['unknown_follows']:,}.")
    assert await pool.fetchval("SELECT count(*) FROM alpha.users") == len(told) > 0


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        pytest.param({"ENVIRONMENT": "production"}, "not run in production", id="production"),
        pytest.param({"SUPABASE_JWT_ISSUER": ""}, "start ./alpha up first", id="no sandbox"),
        pytest.param(
            {"SUPABASE_JWT_ISSUER": "http://127.0.0.1:1/auth/v1"}, "names no people", id="down"
        ),
    ],
)
async def test_where_it_refuses(
    environ: dict[str, str], pool: Pool, changed: dict[str, str], words: str
) -> None:
    safe = {"SUPABASE_JWT_ISSUER": "https://auth.example.com/auth/v1"}
    extra = {**safe, **changed} if "ENVIRONMENT" in changed else changed

    done = await run({**environ, **extra})

    assert done.returncode == 1
    assert words in done.stderr
    assert await pool.fetchval("SELECT count(*) FROM alpha.users") == 0
