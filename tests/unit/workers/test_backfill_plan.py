"""Which windows go into one request."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.domain.types import Exchange
from app.store.candle_backfills import FIRST_SIGHT, Backfill, BackfillWindow
from app.workers.backfill_plan import plan_fetches

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WEEK = 7 * 24 * 60


def due(
    number: int, first: int, last: int, *, reason: str = "outage", attempts: int = 0,
    exchange: Exchange = Exchange.KALSHI,
) -> Backfill:  # fmt: skip
    window = BackfillWindow(
        UUID(int=number), NOON + first * MINUTE + MINUTE / 2, NOON + last * MINUTE + MINUTE / 2
    )
    return Backfill(number, window, reason, attempts, exchange, f"M{number}")


def plan(*backfills: Backfill, requests: int = 100, oldest: int = -2 * WEEK) -> list[list[int]]:
    fetches = plan_fetches(backfills, first_at=NOON + oldest * MINUTE, requests=requests)
    return [[found.id for found in fetch.backfills] for fetch in fetches]


@pytest.mark.parametrize(
    ("backfills", "groups"),
    [
        pytest.param([due(1, 0, 5), due(2, 1, 6)], [[1, 2]], id="alike"),
        pytest.param([due(1, 0, 5), due(2, 300, 305)], [[1], [2]], id="far-apart"),
        pytest.param([due(1, 0, 5, reason=FIRST_SIGHT), due(2, 0, 5)], [[2], [1]], id="gaps-first"),
        pytest.param(
            [due(1, 0, 5, attempts=2), due(2, 0, 5), due(3, 0, 5, attempts=2), due(4, 0, 5)],
            [[2, 4], [1], [3]],
            id="failed-twice-goes-alone",
        ),
        pytest.param(
            [due(1, 0, 5), due(2, 0, 5, exchange=Exchange.POLYMARKET), due(3, 0, 5)],
            [[1, 3], [2]],
            id="one-exchange",
        ),
        pytest.param([], [], id="nothing"),
    ],
)
def test_groups(backfills: list[Backfill], groups: list[list[int]]) -> None:
    assert plan(*backfills) == groups


def test_a_group_is_one_request() -> None:
    many = [due(n, 0, 49) for n in range(250)]
    assert [len(group) for group in plan(*many)] == [100, 100, 50]
    long = [due(n, 0, 999) for n in range(25)]
    assert [len(group) for group in plan(*long)] == [10, 10, 5]


def test_requests_are_bounded() -> None:
    weeks = [due(n, -WEEK, 0) for n in range(5)]
    assert plan(*weeks, requests=5) == [[0], [1]]
    (fetch,) = plan_fetches(weeks[:1], first_at=NOON - 2 * WEEK * MINUTE, requests=9)
    assert (fetch.requests, fetch.last_at - fetch.first_at) == (2, WEEK * MINUTE)


def test_nothing_older_than_we_keep_is_asked_for() -> None:
    fetches = list(plan_fetches([due(1, -50, -1), due(2, -90, -60)], first_at=NOON, requests=9))
    assert all(fetch.first_at >= NOON for fetch in fetches)
    assert all(fetch.last_at == fetch.first_at for fetch in fetches)
