"""kill -9 of dispatchers while they send: by the gateway's log nothing is lost.

Every kill finds at least 100 deliveries of the killed process in `sending`; afterwards the
gateway has every delivery, and what it has twice has the same collapse id.
"""

import asyncio
import random
import time
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.e2e.pipeline_kills.conftest import Arena, Template, is_alive, kill, wait_for_death

KILLS, KILLS_FULL = 200, 2_000
AT_LEAST = 100
PEOPLE = 2_500
STEPS = (
    "claimed",
    "claimed:2",
    "sending",
    "sending:40",
    "sent",
    "sent:70",
    "before_record",
    "before_record:2",
    "recorded",
    "recorded:2",
)
OPEN = "state IN ('pending', 'retry', 'sending')"


@pytest.mark.timeout(1800)
async def test_nothing_is_lost(arena: Arena, template: Template, is_full: bool) -> None:
    chance = random.Random(4)
    kills = KILLS_FULL if is_full else KILLS
    arena.faults(slow={"rate": 1, "seconds": 0.03})
    begun = time.monotonic()
    least = PEOPLE
    for number in range(kills):
        if number % 5 == 0 and await arena.count("state IN ('pending', 'retry')") < PEOPLE:
            await arena.tell(PEOPLE)
        step = STEPS[number // 2 % len(STEPS)] if number % 2 else ""
        least = min(least, await _kill_one(arena, template, step, chance))
    killed_s = time.monotonic() - begun
    arena.faults()
    await _drain(arena, template)
    lost, doubles, most = await _compare(arena)
    print(  # noqa: T201
        f"{kills} kills in {killed_s:.0f} s, at least {least} in `sending` at each;"
        f" {await arena.count('true')} deliveries, {lost} lost, {doubles} twice or more"
        f" (at most {most} times)"
    )
    assert lost == 0
    assert doubles > 0, "no kill fell between the gateway's yes and our record"


async def _kill_one(arena: Arena, template: Template, step: str, chance: random.Random) -> int:
    """Start a dispatcher, let it die at a step or anywhere; return what it left in `sending`."""
    forked_at = datetime.now(UTC)
    pid = template.fork(step)
    mine = "state = 'sending' AND sent_at >= $1"
    if not step:
        deadline = time.monotonic() + 20
        pause_s = chance.uniform(0, 0.15)
        while await arena.count(mine, forked_at) < AT_LEAST:
            assert time.monotonic() < deadline, "it does not claim"
            assert is_alive(pid), "it died by itself"
            await asyncio.sleep(0.02)
        await asyncio.sleep(pause_s)
        kill(pid)
    await wait_for_death(pid)
    left = await arena.count(mine, forked_at)
    assert left >= AT_LEAST, f"only {left} stood in `sending` ({step or 'anywhere'})"
    return left


async def _drain(arena: Arena, template: Template) -> None:
    """Let a dispatcher that nobody kills finish."""
    pid = template.fork()
    begun = time.monotonic()
    while await arena.count(OPEN):
        assert time.monotonic() - begun < 600, "deliveries are stuck"
        assert is_alive(pid), "it died by itself"
        await asyncio.sleep(0.1)
    kill(pid)
    await wait_for_death(pid)


async def _compare(arena: Arena) -> tuple[int, int, int]:
    """Compare the gateway's log with what was owed: lost, taken more than once, most often."""
    taken: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for push in await asyncio.to_thread(arena.pushes):
        assert push["outcome"] == "accepted"
        taken[push["address"], push["data"]["notification_id"]].append(push)
    owed = await arena.sql(
        "SELECT v.address, d.notification_id::text, d.collapse_id, d.state::text"
        " FROM alpha.deliveries d JOIN alpha.devices v ON v.id = d.device_id"
    )
    for row in owed:
        assert row["state"] == "accepted"
        for nth, push in enumerate(taken[row["address"], row["notification_id"]]):
            assert push["collapse_id"] == row["collapse_id"]
            assert nth == 0 or push["data"].get("maybe_duplicate") == "true"
    counts = [len(taken[row["address"], row["notification_id"]]) for row in owed]
    assert sum(counts) == sum(map(len, taken.values())), "pushes that nobody was owed"
    return counts.count(0), sum(count > 1 for count in counts), max(counts)
