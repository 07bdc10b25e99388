"""kill -9 of the steps before delivery: what a move owes to whom is made once, and all of it.

Three processes run attribute, word, notify and delivery side by side; they die at named steps
and anywhere. Afterwards the tables hold what a model in plain Python says, and the gateway has it.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

import pytest

from app.core.clock import SystemClock
from app.core.config import FirebaseSettings, Settings
from app.core.redis import Redis
from app.pipeline.parts import PipelineParts
from app.pipeline.sweep import sweep
from app.services.firebase import open_firebase
from app.store.detections import insert_detections
from tests.e2e.pipeline_kills.conftest import Arena, Template, is_alive, kill, wait_for_death
from tests.e2e.pipeline_kills.crowd import Crowd, Moves, add_crowd
from tests.e2e.pipeline_kills.jumping_ticks import Ticks
from tests.e2e.pipeline_kills.upstream_books import (
    OPEN,
    UNFINISHED,
    Kills,
    check_gateway,
    check_rows,
    in_order_of_decision,
    seen,
    seen_in_row,
)
from tests.e2e.pipeline_kills.upstream_model import Owed, Seen, work_out

KILLS, KILLS_FULL = 60, 600
PEOPLE, EVENTS, CHILDREN = 60, 10, 3
STEPS = (
    "before_attributed",
    "attributed",
    "before_worded",
    "worded",
    "before_fanned_out",
    "fanned_out",
)
BURST = 8
DEATHS = ("before_detected", "detected", "before_detected:2", "", "detected:2", "")
HUNG_S = 120
OVER = "UPDATE alpha.episodes SET closed_at = $2 WHERE subject_id = $1 AND closed_at IS NULL"
UNCAPPED = """
UPDATE alpha.rules SET body = body || '{"per_hour": null, "per_day": null}'
WHERE name = 'priority:2'
"""


@pytest.fixture
async def uncapped(arena: Arena) -> AsyncIterator[None]:
    """Let everybody get everything: what is owed, is sent."""
    (rule,) = await arena.sql("SELECT body FROM alpha.rules WHERE name = 'priority:2'")
    await arena.pool.execute(UNCAPPED)
    yield
    await arena.pool.execute(
        "UPDATE alpha.rules SET body = $1 WHERE name = 'priority:2'", rule["body"]
    )


@pytest.fixture
def upstream(arena: Arena) -> Iterator[Template]:
    """Where processes come from that do everything behind the monitor."""
    environ = arena.environ() | {"REDIS_URL": "redis://127.0.0.1:1"}  # which nothing here needs
    template = Template(environ, "upstream")
    yield template
    template.stop()


@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("uncapped")
async def test_every_step_may_die(arena: Arena, upstream: Template, is_full: bool) -> None:
    chance = random.Random(11)
    async with arena.pool.acquire() as conn:
        crowd = await add_crowd(conn, chance, events=EVENTS, people=PEOPLE)
    moves, kills, begun = Moves(crowd, chance), Kills(), time.monotonic()
    async with _moving(arena, moves):
        await _die_by_name(arena, upstream, kills)
        by_name = kills.count
        await _die_anywhere(arena, upstream, kills, moves, KILLS_FULL if is_full else KILLS)
    killed_s = time.monotonic() - begun
    await _drain(arena, upstream)
    owed = await _check(arena, crowd, [seen(*each) for each in moves.made], kills)
    print(  # noqa: T201
        f"{kills.count} kills ({by_name} by name) in {killed_s:.0f} s,"
        f" {kills.amid_work} of them amid unfinished work"
    )
    assert kills.amid_work > kills.count / 2
    assert len(owed.alerts) > kills.count
    assert any(alert.reason == "update" for alert in owed.alerts.values())


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("uncapped")
async def test_a_monitor_may_die(
    arena: Arena, upstream: Template, tick_redis: tuple[Redis, str]
) -> None:
    redis, url = tick_redis
    async with arena.pool.acquire() as conn:
        crowd = await add_crowd(conn, random.Random(13), events=len(DEATHS) + 2, people=PEOPLE)
    kills, ticks = Kills(), Ticks(redis, list(crowd.events))
    await ticks.write_past()
    ticking = asyncio.create_task(ticks.run())
    monitors = Template(arena.environ() | {"REDIS_URL": url}, "monitor")
    upstream.fork()
    try:
        for number, step in enumerate(DEATHS):
            await _let_a_monitor_die(arena, monitors, ticks, f"KXGAME-{number}", step)
            kills.count += 1
        monitors.fork()
        for number in range(len(DEATHS)):
            name = f"KXGAME-{number}"
            await _until(partial(_is_found, arena, name), f"{name}: a move was lost")
    finally:
        monitors.stop()
        ticking.cancel()
        await asyncio.wait([ticking])
    await _drain(arena, upstream)
    rows = await arena.sql("SELECT * FROM alpha.detections")
    found = [seen_in_row(ticks.number_of(row["event_id"]), row) for row in rows]
    assert {one.episode for one in found} == set(range(len(DEATHS))), "the others never moved"
    said = {(row["kind"], row["market_id"], row["started_at"], row["strength"]) for row in rows}
    assert len(said) == len(rows), "a successor said again what was said"
    await _check(arena, crowd, found, kills)
    print(f"{kills.count} monitors died, another took over each time")  # noqa: T201


async def _let_a_monitor_die(
    arena: Arena, monitors: Template, ticks: Ticks, event: str, step: str
) -> None:
    """Let a monitor begin, a market jump, and the monitor die of it; then its lease ends."""
    pid = monitors.fork(step)
    await _until(partial(_is_watching, arena, pid), "no monitor took over")
    await asyncio.sleep(0.5)
    ticks.jump(event)
    if not step:
        await asyncio.sleep(random.Random(event).uniform(0.2, 2))
        kill(pid)
    await wait_for_death(pid)
    if event != "KXGAME-0":  # once, wait for it
        await arena.pool.execute("UPDATE alpha.leases SET expires_at = clock_timestamp()")


async def _is_watching(arena: Arena, pid: int) -> bool:
    return bool(
        await arena.pool.fetchval(
            "SELECT count(*) FROM alpha.leases WHERE name = 'market_monitor' AND holder = $1",
            f"child:{pid}",
        )
    )


async def _is_found(arena: Arena, event: str) -> bool:
    return bool(
        await arena.pool.fetchval(
            "SELECT count(*) FROM alpha.detections d JOIN alpha.events e ON e.id = d.event_id"
            " WHERE e.ext_id = $1 AND d.kind = 'line_move'",
            event,
        )
    )


@asynccontextmanager
async def _moving(arena: Arena, moves: Moves) -> AsyncIterator[None]:
    """Let the markets move all the time."""

    async def move_on() -> None:
        while True:
            await _move(arena, moves, 1)
            await asyncio.sleep(0.05)

    task = asyncio.create_task(move_on())
    try:
        yield
    finally:
        assert not task.done(), task
        task.cancel()
        await asyncio.wait([task])


async def _move(arena: Arena, moves: Moves, count: int) -> None:
    """Write the next moves as a monitor does; some after their event was quiet for long."""
    async with moves.turn, arena.pool.acquire() as conn, conn.transaction():
        for _ in range(count):
            detection, is_over = moves.make()
            if is_over:
                await conn.execute(OVER, detection.event_id, detection.decided_at)
            assert await insert_detections(conn, [detection]) == [detection.id]


async def _die_by_name(arena: Arena, upstream: Template, kills: Kills) -> None:
    """At each step: one of two dies, then the first three that come to it, and nobody else runs."""
    for step in STEPS:
        healthy, ill = upstream.fork(), upstream.fork(step)
        await wait_for_death(ill)
        kill(healthy)
        await wait_for_death(healthy)
        await kills.note(arena, 2)
        for pid in [upstream.fork(step) for _ in range(3)]:
            await wait_for_death(pid)
        await kills.note(arena, 3)


async def _die_anywhere(
    arena: Arena, upstream: Template, kills: Kills, moves: Moves, count: int
) -> None:
    """Kill one of three at any moment, in every sixth case all of them."""
    chance = random.Random(12)
    running: list[int] = []
    until = kills.count + count
    while kills.count < until:
        running += [upstream.fork() for _ in range(CHILDREN - len(running))]
        await asyncio.sleep(chance.uniform(0.1, 0.4))  # some have begun, some are about to
        await _move(arena, moves, BURST)
        await asyncio.sleep(chance.uniform(0, 0.06))
        dying = running[:] if chance.random() < 1 / 6 else [chance.choice(running)]
        assert all(map(is_alive, running)), "one died by itself"
        for pid in dying:
            kill(pid)
        for pid in dying:
            await wait_for_death(pid)
            running.remove(pid)
        await kills.note(arena, len(dying))
    for pid in running:
        kill(pid)
        await wait_for_death(pid)
    await kills.note(arena, len(running))


async def _drain(arena: Arena, upstream: Template) -> None:
    """Let one process that nobody kills finish."""
    pid = upstream.fork()
    await _until(partial(_is_finished, arena), "something is stuck")
    assert is_alive(pid), "it died by itself"
    kill(pid)
    await wait_for_death(pid)


async def _is_finished(arena: Arena) -> bool:
    return not await arena.pool.fetchval(UNFINISHED) and not await arena.count(OPEN)


async def _until(check: Callable[[], Awaitable[bool]], otherwise: str) -> None:
    begun = time.monotonic()
    while not await check():
        assert time.monotonic() - begun < HUNG_S, otherwise
        await asyncio.sleep(0.1)


async def _check(arena: Arena, crowd: Crowd, detections: Sequence[Seen], kills: Kills) -> Owed:
    """Hold rows and the gateway's log against the model; the sweep has to find nothing."""
    owed = work_out(crowd, await in_order_of_decision(arena, detections, kills))
    await check_rows(arena, owed)
    pushes = await asyncio.to_thread(arena.pushes)
    doubles = await check_gateway(arena, pushes, kills)
    settings, clock = Settings(), SystemClock()
    settings.firebase = FirebaseSettings(
        firebase_credentials_path=str(arena.account), fcm_base_url=arena.sandbox.url
    )
    push = open_firebase(settings.firebase, clock)
    report = await sweep(PipelineParts(settings, clock, arena.pool, "sweep", push))
    assert push is not None
    await push.close()
    assert report.found == 0, report
    print(  # noqa: T201
        f"{len(owed.outcomes)} detections, {len(owed.alerts)} alerts, {len(owed.notes)}"
        f" notifications, {sum(note.pushes for note in owed.notes.values())} deliveries,"
        f" {len(pushes)} pushes: 0 lost, {doubles} twice or more"
    )
    return owed
