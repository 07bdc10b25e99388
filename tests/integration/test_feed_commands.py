"""What `alpha doctor` and `alpha status` say of the way prices arrive."""

import asyncio
import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.cli.doctor.database import examine_database
from app.core.clock import VirtualClock
from app.core.database import Pool
from app.store.feeds import set_feed_state
from tests.factories import NOW

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.usefixtures("clean_tables")


async def say(pool: Pool, state: str, **fields: Any) -> None:
    async with pool.acquire() as conn:
        await set_feed_state(conn, "kalshi.ticks", state, now=NOW, as_of=NOW, **fields)


@pytest.mark.parametrize(
    ("state", "detail", "seconds", "found", "words"),
    [
        pytest.param(None, None, 0, "off", "no firehose has run yet", id="never"),
        pytest.param("live", None, 2, "on", "live since 2026-11-22 12:00:00 UTC", id="live"),
        pytest.param("polling", None, 3600, "on", "no key: the socket needs one", id="polling"),
        pytest.param("stale", {"reason": "no data"}, 60, "on", "(no data)", id="stale"),
        pytest.param("stale", {"reason": "no data"}, 61, "failing", "(no data)", id="too long"),
        pytest.param("live", None, 61, "failing", "its writer is gone", id="dead leader"),
    ],
)
async def test_doctor(
    pool: Pool,
    database_url: str,
    state: str | None,
    detail: dict[str, object] | None,
    seconds: int,
    found: str,
    words: str,
) -> None:
    if state is not None:
        await say(pool, state, detail=detail)

    clock = VirtualClock(NOW + timedelta(seconds=seconds))
    findings = await examine_database(database_url, clock)

    ticks = [finding for finding in findings if "ticks" in finding.name]
    assert [(f.name, f.state) for f in ticks] == [("kalshi ticks", found)]
    assert words in ticks[0].detail


async def test_status_shows_a_dead_leader_as_stale(
    pool: Pool, database_url: str, redis_url: str
) -> None:
    await say(pool, "live", detail={"reason": "all markets"})
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "CLOCK_AT": (NOW + timedelta(minutes=5)).isoformat(),
    }

    command = (sys.executable, "-m", "app.cli", "status", "--json")
    process = await asyncio.create_subprocess_exec(
        *command, env=environ, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await process.communicate()

    (feed,) = json.loads(printed.splitlines()[-1])["feeds"]
    assert (feed["feed"], feed["state"]) == ("kalshi.ticks", "stale")
    assert feed["since"] == feed["as_of"] == str(NOW)
