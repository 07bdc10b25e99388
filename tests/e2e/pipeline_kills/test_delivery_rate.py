"""How soon a fan-out is with the gateway, by the gateway's own log, from one dispatcher."""

import asyncio
import time
from statistics import median, quantiles

import pytest

from tests.e2e.pipeline_kills.conftest import Arena, Template, kill, wait_for_death

HUNG_S = 400


@pytest.mark.timeout(900)
@pytest.mark.parametrize("people", [100, 5_000, 10_000, 100_000])
async def test_a_fan_out(
    arena: Arena, usual_template: Template, is_full: bool, people: int
) -> None:
    if people > 5_000 and not is_full:
        pytest.skip("long form: ALPHA_PROOF=full")
    pid = usual_template.fork()
    await arena.tell(people)
    begun = time.monotonic()
    while await arena.count("state = 'accepted'") < people:
        assert time.monotonic() - begun < HUNG_S
        await asyncio.sleep(0.25)
    kill(pid)
    await wait_for_death(pid)
    pushes = await asyncio.to_thread(arena.pushes)
    assert len({push["address"] for push in pushes}) == len(pushes) == people
    (alert,) = await arena.sql("SELECT decided_at FROM alpha.alerts")
    decided_us = alert["decided_at"].timestamp() * 1e6
    after_s = [(push["received_us"] - decided_us) / 1e6 for push in pushes]
    print(  # noqa: T201
        f"{people} devices, decided to received: median {median(after_s):.2f} s,"
        f" p99 {quantiles(after_s, n=100)[98]:.2f} s, last {max(after_s):.2f} s,"
        f" {people / (max(after_s) - min(after_s)):.0f} a second"
    )
