"""Requests for candles: joined when they touch, claimed once, never lost."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.core.database import Pool
from app.store import candle_backfills
from app.store.candle_backfills import MAX_ATTEMPTS, Backfill, BackfillWindow, retry_pause

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
A, B = sorted((uuid4(), uuid4()))


async def ask(
    pool: Pool, *windows: tuple[UUID, int, int], after: int = 0, reason: str = "outage"
) -> int:
    asked = [BackfillWindow(m, NOON + a * MINUTE, NOON + b * MINUTE) for m, a, b in windows]
    async with pool.acquire() as conn:
        return await candle_backfills.request_backfills(
            conn, asked, now=NOON, not_before=NOON + after * MINUTE, reason=reason
        )


async def waiting(pool: Pool) -> list[tuple[UUID, int, int, int]]:
    rows = await pool.fetch(
        "SELECT * FROM alpha.candle_backfills WHERE done_at IS NULL ORDER BY market_id, since"
    )
    return [
        (
            row["market_id"],
            *((row[name] - NOON) // MINUTE for name in ("since", "until", "not_before")),
        )
        for row in rows
    ]


async def due(pool: Pool, minutes: int) -> list[Backfill]:
    async with pool.acquire() as conn:
        return await candle_backfills.list_due(conn, now=NOON + minutes * MINUTE, limit=100)


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [
        ((A, 0, 5), (A, 3, 9), [(A, 0, 9, 7)]),
        ((A, 0, 5), (A, 6, 9), [(A, 0, 9, 7)]),
        ((A, 3, 5), (A, 0, 9), [(A, 0, 9, 7)]),
        ((A, 3, 5), (A, 1, 2), [(A, 1, 5, 7)]),
        ((A, 0, 5), (A, 8, 9), [(A, 0, 5, 2), (A, 8, 9, 7)]),
        ((A, 0, 5), (B, 3, 9), [(A, 0, 5, 2), (B, 3, 9, 7)]),
    ],
    ids=["overlap", "touch", "around", "before", "apart", "other-market"],
)
async def test_windows_that_touch_become_one(
    pool: Pool,
    first: tuple[UUID, int, int],
    second: tuple[UUID, int, int],
    left: list[tuple[UUID, int, int, int]],
) -> None:
    assert await ask(pool, first, after=2) == 1
    assert await ask(pool, second, after=7) == len(left) - 1
    assert await waiting(pool) == left


async def test_windows_of_one_call_are_joined_too(pool: Pool) -> None:
    assert await ask(pool, (B, 4, 9), (A, 0, 5), (A, 20, 30), (A, 2, 7), (B, 0, 3)) == 3
    assert [row[:3] for row in await waiting(pool)] == [(A, 0, 7), (A, 20, 30), (B, 0, 9)]
    assert await ask(pool) == 0


async def test_a_widened_window_never_waits_less(pool: Pool) -> None:
    await ask(pool, (A, 0, 5), after=9)
    await ask(pool, (A, 0, 6), after=3)
    assert await waiting(pool) == [(A, 0, 6, 9)]


async def test_it_is_due_when_its_last_minute_is_settled(pool: Pool) -> None:
    await ask(pool, (A, 0, 5), after=1)
    assert not await due(pool, 6)
    assert [found.window.market_id for found in await due(pool, 7)] == [A]


async def test_one_claims_and_a_failed_attempt_waits(pool: Pool) -> None:
    await ask(pool, (A, 0, 1), (B, 0, 1))
    found = await due(pool, 3)

    async def claim() -> int:
        async with pool.acquire() as conn:
            return len(await candle_backfills.claim(conn, found, now=NOON + 3 * MINUTE))

    assert sorted(await asyncio.gather(claim(), claim(), claim())) == [0, 0, 2]
    assert not await due(pool, 3)
    assert {again.attempts for again in await due(pool, 4)} == {1}


async def test_what_was_widened_during_the_fetch_stays_due(pool: Pool) -> None:
    await ask(pool, (A, 0, 1), (B, 0, 1))
    found = await due(pool, 3)
    async with pool.acquire() as conn:
        ours = await candle_backfills.claim(conn, found, now=NOON + 3 * MINUTE)
        await ask(pool, (A, 1, 4))
        done = [(one, 2) for one in ours]
        assert await candle_backfills.finish(conn, done, now=NOON) == 1
    assert [row[:3] for row in await waiting(pool)] == [(A, 0, 4)]


async def test_a_history_is_asked_for_once_and_is_not_joined(pool: Pool) -> None:
    await pool.execute(
        "INSERT INTO alpha.candle_backfills"
        " (market_id, since, until, reason, requested_at, not_before)"
        " VALUES ($1, $2, $2, 'first_sight', $2, $2)",
        A,
        NOON,
    )
    assert await ask(pool, (A, 0, 1)) == 1
    assert [found.replaces for found in await due(pool, 9)] == [True, False]


async def test_ten_attempts_are_enough(pool: Pool) -> None:
    await ask(pool, (A, 0, 1))
    now = NOON + 3 * MINUTE
    async with pool.acquire() as conn:
        for attempt in range(1, MAX_ATTEMPTS + 1):
            (found,) = await candle_backfills.list_due(conn, now=now, limit=9)
            await candle_backfills.claim(conn, [found], now=now)
            now += retry_pause(attempt)
            assert await candle_backfills.give_up(conn, now=now) == (attempt == MAX_ATTEMPTS)
    assert not await waiting(pool)
    assert now - NOON < timedelta(hours=6)
