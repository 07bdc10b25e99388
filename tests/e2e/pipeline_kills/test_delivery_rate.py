"""How fast one dispatcher empties a large fan-out, by the gateway's log."""

import asyncio
import time

import pytest

from tests.e2e.pipeline_kills.conftest import Arena, Template, kill, wait_for_death

PEOPLE, PEOPLE_FULL = 5_000, 100_000
HUNG_S = 120


@pytest.mark.timeout(900)
async def test_a_large_fan_out(arena: Arena, usual_template: Template, is_full: bool) -> None:
    people = PEOPLE_FULL if is_full else PEOPLE
    await arena.tell(people)
    begun = time.monotonic()
    pid = usual_template.fork()
    while await arena.count("state = 'accepted'") < people:
        assert time.monotonic() - begun < HUNG_S
        await asyncio.sleep(0.25)
    took_s = time.monotonic() - begun
    kill(pid)
    await wait_for_death(pid)
    pushes = await asyncio.to_thread(arena.pushes)
    assert len({push["address"] for push in pushes}) == len(pushes) == people
    print(f"{people} pushes in {took_s:.1f} s: {people / took_s:.0f} a second")  # noqa: T201
