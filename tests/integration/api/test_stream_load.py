"""Many clients on one process. ALPHA_PROOF=full: 2,000 clients on 20 markets each for 30 s.

Everybody ends with the values of the last entry, ids only rise, and in the full form 95 of
100 events are with their client within a second after the frame's XADD.
"""

import asyncio
import json
import os
import random
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psutil
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.api.schemas.base import decimal_text
from app.core.database import Pool
from app.core.redis import Redis
from app.domain.ticks import centis_to_contracts, micros_to_price
from tests.factories import make_event, make_feed_state, make_market, make_quote, make_run
from tests.integration.api.streaming import add_entry, piece, store

IS_FULL = os.environ.get("ALPHA_PROOF") == "full"
CLIENTS, SECONDS = (2_000, 30) if IS_FULL else (200, 5)
MARKETS, EACH = 2_000, 20
ENTRIES_PER_S = 10


@asynccontextmanager
async def web(database_url: str, redis_url: str) -> AsyncIterator[tuple[psutil.Process, int]]:
    """`alpha web` as a process, and its port."""
    environ = {**os.environ, "DATABASE_URL": database_url, "REDIS_URL": redis_url}
    changes = {"STREAM_IN_WEB": "false", "LOG_LEVEL": "WARNING", "TRUSTED_PROXIES": "127.0.0.1"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.cli", "web", "--port", "0"),
        env=environ | changes,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    line = (await process.stderr.readline()).decode()
    try:
        yield psutil.Process(process.pid), int(line.removesuffix("/v1\n").rsplit(":", 1)[1])
    finally:
        process.terminate()
        said = await process.stderr.read()
        await process.wait()
        assert b"rror" not in said, said.decode()[-2000:]


@asynccontextmanager
async def crowd(port: int) -> AsyncIterator[Callable[[], Awaitable[Any]]]:
    """All clients, each with its snapshot; yields a function that ends them and returns the sum."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.integration.api.stream_crowd"),
        *map(str, (port, CLIENTS, MARKETS, EACH)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**28,
    )
    stdin, stdout = process.stdin, process.stdout
    assert stdin is not None
    assert stdout is not None
    assert await stdout.readline() == b"joined\n"

    async def end() -> Any:
        stdin.write(b"\n")
        return json.loads(await stdout.readline())

    yield end
    stdin.close()
    await process.wait()


@pytest.fixture
async def markets(engine: AsyncEngine, pool: Pool, clean_tables: None, redis: Redis) -> None:
    event, now = make_event(), datetime.now(UTC)
    live = make_feed_state(feed="kalshi.ticks", since=now, as_of=now)
    made = [make_market(ext_id=f"KXM-{n}", event=event, outcomes=[]) for n in range(MARKETS)]
    quotes = [make_quote(one, as_of=now, last=Decimal("0.5"), volume=Decimal(10)) for one in made]
    await store(engine, make_run(), live, *made, *quotes)


async def write(redis: Redis, seconds: int) -> dict[str, list[int]]:
    """Change every market once a second, in ten entries; return last price and volume of each."""
    dice = random.Random(7)
    final = {f"KXM-{number}": [500_000, 1_000] for number in range(MARKETS)}
    began_s = time.monotonic()
    for step in range(seconds * ENTRIES_PER_S):
        await asyncio.sleep(began_s + step / ENTRIES_PER_S - time.monotonic())
        now_ms = int(time.time() * 1000) + 1
        pieces = []
        for number in range(step % ENTRIES_PER_S, MARKETS, ENTRIES_PER_S):
            price = dice.randrange(2, 99) * 10_000
            pieces.append(piece(f"KXM-{number}", now_ms, price))
            final[f"KXM-{number}"] = [price, final[f"KXM-{number}"][1] + 100]
        await add_entry(redis, *pieces)
    return final


@pytest.mark.timeout(300)
async def test_everybody_ends_with_the_last_values(
    markets: None, database_url: str, redis_url: str, redis: Redis, record_property: Any
) -> None:
    async with web(database_url, redis_url) as (process, port), crowd(port) as end:
        before = process.cpu_times()
        final = await write(redis, SECONDS)
        seen = await end()
        after = process.cpu_times()
        memory_mb = process.memory_info().rss / 1e6

    cpu_s = after.user + after.system - before.user - before.system
    figures = {
        **{name: round(seen[name]) for name in ("p50_ms", "p95_ms", "p99_ms")},
        **{
            "clients": CLIENTS,
            "events": seen["events"],
            "values": seen["values"],
            "mb": round(seen["bytes"] / 1e6),
        },
        "cpu_share": round(cpu_s / SECONDS, 3),
        "crowd_cpu_share": round(seen["crowd_cpu_s"] / SECONDS, 3),
        "us_per_client_second": round(cpu_s / SECONDS / CLIENTS * 1e6, 1),
        "us_per_event": round(cpu_s / seen["events"] * 1e6, 1),
        "memory_mb": round(memory_mb),
    }
    print(json.dumps(figures))  # noqa: T201
    record_property("figures", figures)
    assert seen["rising"]
    assert len(seen["states"]) == CLIENTS
    for state in seen["states"]:
        assert len(state) == EACH
        assert state == {name: _told(*final[name]) for name in state}
    if IS_FULL:
        assert seen["p95_ms"] < 1_000


def _told(micros: int, centis: int) -> list[str]:
    price, contracts = micros_to_price(micros), centis_to_contracts(centis)
    assert price is not None
    assert contracts is not None
    return [decimal_text(price), decimal_text(contracts)]
