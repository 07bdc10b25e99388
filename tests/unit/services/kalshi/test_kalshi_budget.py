"""Tokens are spent on our side first, and never faster than agreed."""

import asyncio
import time

import pytest

from app.services.kalshi.budget import ReadBudget, cost_of


@pytest.mark.parametrize(
    ("path", "cost"),
    [
        ("/markets", 10),
        ("/events/KXNBA-27", 10),
        ("/portfolio/orders", 10),
        ("/portfolio/orders/0b3b2f1c", 2),
        ("/portfolio/orders/queue_positions", 10),
        ("/portfolio/orders/0b3b2f1c/queue_position", 10),
        ("/communications/quotes/q1", 2),
        ("/cfbenchmarks", 50),
        ("/cfbenchmarks/values", 50),
    ],
)
def test_costs(path: str, cost: float) -> None:
    assert cost_of(path) == cost


async def spend_times(budget: ReadBudget, path: str, count: int) -> list[float]:
    """Spend concurrently; return the moments at which each was let through, in order."""

    async def one() -> float:
        await budget.spend(path)
        return time.monotonic()

    return sorted(await asyncio.gather(*(one() for _ in range(count))))


async def test_no_second_sees_more_than_the_real_bucket_refills() -> None:
    """200 tokens a second at a share of 0.9: any window holds 18 + 180 a second at most."""
    moments = await spend_times(ReadBudget(200, 0.9), "/markets", 24)
    most = max(
        10 * (last - first + 1) - 180 * (moments[last] - moments[first])
        for first in range(len(moments))
        for last in range(first, len(moments))
    )
    assert most <= 18 + 5  # 5 = what a millisecond-grained timer may be early
    assert moments[-1] - moments[0] == pytest.approx(1.23, abs=0.2)  # 240 - 18 at 180 a second


async def test_a_second_of_jitter_still_fits_two_seconds_of_capacity() -> None:
    """Everything of the first second arrives at its end, with the next requests behind it."""
    moments = await spend_times(ReadBudget(200, 0.9), "/markets", 30)
    late = sorted(max(moment, moments[0] + 1.0) for moment in moments)
    level, at = 400.0, late[0]
    for moment in late:
        level, at = min(400.0, level + 200 * (moment - at)), moment
        level -= 10
        assert level >= 0


async def test_dear_request_on_a_small_budget_is_saved_up_for() -> None:
    started = time.monotonic()
    await ReadBudget(200, 0.2).spend("/cfbenchmarks")  # holds 10, costs 50
    assert time.monotonic() - started == pytest.approx(40 / 40, abs=0.2)


async def test_balance_has_a_bucket_of_its_own() -> None:
    budget = ReadBudget(200, 0.9)
    moments = await spend_times(budget, "/portfolio/balance", 2)
    assert moments[1] - moments[0] >= 1.0
    started = time.monotonic()
    await budget.spend("/markets")
    assert time.monotonic() - started < 0.05


async def test_cancelled_waiter_spends_nothing() -> None:
    budget = ReadBudget(200, 0.5)  # holds 10 at 100 a second
    await spend_times(budget, "/markets", 1)
    waiting = asyncio.create_task(budget.spend("/markets"))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    moments = await spend_times(budget, "/markets", 1)
    assert moments


def test_another_event_loop_after_forgetting() -> None:
    budget = ReadBudget(200, 0.9)
    asyncio.run(budget.spend("/markets"))
    budget.forget_loop()
    asyncio.run(budget.spend("/markets"))
