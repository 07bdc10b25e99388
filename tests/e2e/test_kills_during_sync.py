"""kill -9 of anything during a sync: back within 15 s, and the sync is done, from `cron_runs`."""

from typing import Any

import pytest

from tests.e2e.conftest import RunningAlpha, wait_until

PROMISE_S = 15
SYNC = "kalshi_full_sync"


def latest(alpha: RunningAlpha) -> dict[str, Any]:
    (run,) = alpha.sql(
        "SELECT fence, outcome, heartbeat_at > now() - interval '5 s' AS beats, started_at"
        " FROM alpha.cron_runs WHERE name = $1 ORDER BY scheduled_for DESC LIMIT 1",
        SYNC,
    )
    return run


def request_sync(alpha: RunningAlpha) -> None:
    alpha.sql("INSERT INTO alpha.cron_runs (name, scheduled_for) VALUES ($1, now())", SYNC)


def is_working(alpha: RunningAlpha, *, least_fence: int = 1) -> bool:
    run = latest(alpha)
    return run["outcome"] is None and bool(run["beats"]) and (run["fence"] or 0) >= least_fence


@pytest.fixture(autouse=True)
def _slow_exchange(alpha: RunningAlpha) -> Any:
    """Make a sync last: every page takes two seconds."""
    alpha.sandbox("/_faults", "PUT", {"kalshi": {"slow": {"rate": 1, "seconds": 2}}})
    yield
    alpha.sandbox("/_faults", "DELETE")
    wait_until(lambda: latest(alpha)["outcome"] == "done", 60, "the last sync ends")


@pytest.mark.parametrize("victim", ["sync", "postgres", "redis", "web", "monitor", "sandbox"])
def test_kill(alpha: RunningAlpha, victim: str) -> None:
    request_sync(alpha)
    wait_until(lambda: is_working(alpha), 20, "the sync begins")
    first_fence = latest(alpha)["fence"]
    killed = alpha.kill(victim)
    _, back_s = wait_until(
        lambda: alpha.pid(victim) not in (0, killed), PROMISE_S, f"{victim} is back"
    )
    interrupts = victim == "sync"  # the others' death the run outlives
    least_fence = first_fence + 1 if interrupts else first_fence
    _, resumed_s = wait_until(
        lambda: is_working(alpha, least_fence=least_fence) or latest(alpha)["outcome"] == "done",
        PROMISE_S - back_s,
        "the sync goes on",
    )
    if interrupts:
        assert latest(alpha)["fence"] > first_fence
    if victim != "sandbox":  # its faults died with it
        alpha.sandbox("/_faults", "DELETE")
    wait_until(lambda: latest(alpha)["outcome"] == "done", 60, "the sync ends")
    assert back_s + resumed_s < PROMISE_S
    print(f"{victim}: back after {back_s:.1f} s, at work after {back_s + resumed_s:.1f} s")  # noqa: T201
    check_catalogue(alpha)


def check_catalogue(alpha: RunningAlpha) -> None:
    """No market is there twice, deleted, without outcomes or, unless final, without a quote."""
    (found,) = alpha.sql(
        """
        SELECT count(*) AS markets, count(DISTINCT ext_id) AS tickers,
            count(*) FILTER (WHERE is_deleted) AS deleted,
            (SELECT count(*) FROM alpha.market_outcomes) AS outcomes,
            count(*) FILTER (WHERE status <> 'settled' AND quote.market_id IS NULL) AS unquoted
        FROM alpha.markets LEFT JOIN alpha.market_quotes quote ON quote.market_id = markets.id
        """
    )
    assert found["markets"] == found["tickers"] > 300
    assert found["unquoted"] == 0
    assert found["outcomes"] == 2 * found["markets"]
    assert found["deleted"] == 0
    wait_until(lambda: alpha.api("/v1/markets?limit=5")[0] == 200, 10, "the API answers")
