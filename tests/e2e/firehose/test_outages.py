"""Servers and processes die under load: prices are back within seconds, nothing is forgotten.

The candles' side of it is `test_outage_candles`.
"""

import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.e2e.firehose.stage import Running, Stage, wait_until
from tests.e2e.firehose.world import FLOOD, begin_world, find_fresh, sent_number, set_flood

RECOVERED_S = 15
AWAY_S = 8.0  # longer than a leader waits for a server
HANDED_OVER_S = 2
SLACK_S = 20  # a test machine may be busy; the full form holds the promises themselves
SYNCED_S = 90


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Two firehoses and the sync worker over a busy world."""
    stage = Stage.build(tmp_path_factory.mktemp("outages"))
    try:
        begin_world(stage)
        stage.alpha("second", "stream")
        stage.alpha("sync", "worker", "sync")
        wait_until(lambda: cursor(stage) != "0-0", 60, "candles are made")
        yield stage
    finally:
        stage.stop()


@pytest.fixture
def slack_s(is_full: bool) -> float:
    return 0 if is_full else SLACK_S


@pytest.mark.timeout(240)
@pytest.mark.parametrize("how", ["killed", "flushed", "away"])
def test_redis_forgets_everything(world: Stage, how: str, slack_s: float) -> None:
    if how == "away" and slack_s:
        pytest.skip("long: set ALPHA_PROOF=full")
    world.revive("sync")
    ticked = ticked_markets(world)
    begun, at = time.monotonic(), datetime.now(UTC)
    if how != "flushed":
        world.running["redis"].kill()
        time.sleep(AWAY_S if how == "away" else 0)
        begun = time.monotonic()
        after = sent_number(world)
        world.start("redis")
    else:
        with world.redis() as client:
            client.flushall()
        after = sent_number(world)
    wait_until(lambda: find_fresh(world, after), RECOVERED_S + slack_s, "fresh data")
    fresh_s = time.monotonic() - begun
    wait_until(lambda: is_live(world, at), RECOVERED_S + slack_s, "the feed is live")
    wait_until(lambda: not missing(world, ticked), RECOVERED_S + slack_s, "every market is there")
    whole_s = time.monotonic() - begun
    (told, *_), _ = wait_until(lambda: told_of_loss(world, at), 10, "the loss is told")
    print(  # noqa: T201
        f"Redis {how}: fresh data after {fresh_s:.1f} s, all {len(ticked)} markets and live after"
        f" {whole_s:.1f} s, lost at {told['redis_lost_at']}"
    )


@pytest.mark.timeout(240)
@pytest.mark.parametrize("away_s", [1, AWAY_S])
def test_postgres_is_killed(world: Stage, away_s: float, slack_s: float) -> None:
    """Nothing announced is lost; the unlogged quotes come back, all of them.

    When it is away for so long that the lease ends, what was announced meanwhile is asked for
    instead: markets are true, the announcements themselves are not on record.
    """
    if away_s == AWAY_S and slack_s:
        pytest.skip("long: set ALPHA_PROOF=full")
    known, reign = unstored(world), fence(world)
    world.revive("sync")
    wait_until(lambda: not unquoted(world), SYNCED_S, "every market has a quote")
    ticked = ticked_markets(world)
    world.running["postgres"].kill()
    time.sleep(away_s)
    world.start("postgres")
    begun, at = time.monotonic(), datetime.now(UTC)
    after = sent_number(world)
    wait_until(lambda: find_fresh(world, after), RECOVERED_S + slack_s, "fresh data")
    wait_until(lambda: is_live(world, at), RECOVERED_S + slack_s, "the feed is live")
    wait_until(
        lambda: count(world, "market_quotes", "as_of > $1", at) > len(ticked) / 2,
        RECOVERED_S + slack_s,
        "quotes move",
    )
    live_s = time.monotonic() - begun
    time.sleep(2)
    stored, asked_for = count(world, "lifecycle_events"), unstored(world) - known
    assert not asked_for or fence(world) > reign
    wait_until(lambda: not unquoted(world), SYNCED_S, "all quotes are back")
    whole_s = time.monotonic() - begun
    quotes = count(world, "market_quotes")
    print(  # noqa: T201
        f"PostgreSQL away for {away_s} s: once it is up, live with moving quotes after"
        f" {live_s:.1f} s, all {quotes} quotes after {whole_s:.1f} s;"
        f" {stored} announcements stored, {len(asked_for)} asked for instead"
    )


@pytest.mark.timeout(120)
def test_the_leader_is_stopped(world: Stage, slack_s: float) -> None:
    """It gives the lease back, and writes what it has folded."""
    set_flood(world, 10 * FLOOD)
    leader, first, known = leader_of(world), sent_number(world), unstored(world)
    time.sleep(2)
    begun = time.monotonic()
    leader.signal(signal.SIGTERM)
    wait_until(
        lambda: world.holder_pid() not in (0, leader.pid), HANDED_OVER_S + slack_s, "another leads"
    )
    leads_s = time.monotonic() - begun
    after = sent_number(world)
    wait_until(lambda: find_fresh(world, after), RECOVERED_S, "fresh data")
    fresh_s = time.monotonic() - begun
    set_flood(world, FLOOD)
    assert leader.process.wait(15) == 0
    assert not lost_ticks(world, first, after)
    time.sleep(3)
    assert unstored(world) == known
    print(f"leader stopped: another leads after {leads_s:.1f} s, fresh data after {fresh_s:.1f} s")  # noqa: T201
    world.start(leader.spec.name)


@pytest.mark.timeout(240)
def test_redis_forgets_what_a_predecessor_wrote(world: Stage, slack_s: float) -> None:
    """A new leader knows the markets that have not ticked since the old one went."""
    ticked = ticked_markets(world)
    world.control("/_stream/flood", "PUT", {})
    leader = leader_of(world)
    leader.signal(signal.SIGTERM)
    wait_until(lambda: world.holder_pid() not in (0, leader.pid), 30, "another leads")
    wait_until(lambda: world.feed_state() == "live", 30, "the feed is live")
    with world.redis() as client:
        client.flushall()
    _, whole_s = wait_until(
        lambda: not missing(world, ticked), RECOVERED_S + slack_s, "every market is there"
    )
    print(f"flushed after a take-over: all {len(ticked)} markets after {whole_s:.1f} s")  # noqa: T201


def leader_of(stage: Stage) -> Running:
    pid, _ = wait_until(stage.holder_pid, 15, "somebody leads")
    return next(run for run in stage.running.values() if run.pid == pid)


def cursor(stage: Stage) -> str:
    rows = stage.sql("SELECT position FROM alpha.stream_cursors WHERE name = 'aggregate_ohlcv'")
    return str(rows[0]["position"]) if rows else "0-0"


def is_live(stage: Stage, since: datetime) -> bool:
    """Tell whether the feed has vouched for its prices after a moment."""
    return bool(
        stage.sql(
            "SELECT 1 FROM alpha.feed_states WHERE feed = 'kalshi.ticks' AND state = 'live'"
            " AND as_of > $1",
            since,
        )
    )


def told_of_loss(stage: Stage, since: datetime) -> list[Any]:
    return stage.sql(
        "SELECT detail->>'redis_lost_at' AS redis_lost_at FROM alpha.feed_states"
        " WHERE feed = 'kalshi.ticks'"
        " AND (detail->>'redis_lost_at')::timestamptz > $1",
        since,
    )


def count(stage: Stage, table: str, where: str = "true", *arguments: object) -> int:
    (row,) = stage.sql(f"SELECT count(*) AS n FROM alpha.{table} WHERE {where}", *arguments)
    return int(row["n"])


def unquoted(stage: Stage) -> int:
    """Count markets that are not final and have no quote."""
    return count(
        stage,
        "markets",
        "status <> 'settled' AND NOT is_deleted"
        " AND id NOT IN (SELECT market_id FROM alpha.market_quotes)",
    )


def ticked_markets(stage: Stage) -> set[str]:
    """Return every market that Redis knows a price of."""
    with stage.redis() as client:
        return {key.decode() for key in client.scan_iter("market:*", count=1_000)}


def missing(stage: Stage, keys: set[str]) -> set[str]:
    """Return those that Redis lacks, of markets that are not final."""
    rows = stage.sql("SELECT ext_id FROM alpha.markets WHERE status <> 'settled'")
    return (keys & {f"market:{row['ext_id']}" for row in rows}) - ticked_markets(stage)


def fence(stage: Stage) -> int:
    """Return the number of the present reign."""
    (lease,) = stage.sql("SELECT fence FROM alpha.leases WHERE name = 'firehose:kalshi'")
    return int(lease["fence"])


def unstored(stage: Stage) -> set[int]:
    """Return the numbers of announcements that are not in the database, though later ones are.

    The flood counts them, and sends none while nobody listens.
    """
    rows = stage.sql(
        "SELECT (payload#>>'{custom_strike,announcement}')::int AS n FROM alpha.lifecycle_events"
        " WHERE payload#>>'{custom_strike,announcement}' IS NOT NULL"
    )
    stored = {row["n"] for row in rows}
    return set(range(1, max(stored, default=0) + 1)) - stored


def lost_ticks(stage: Stage, first: int, last: int) -> list[str]:
    """List markets whose newest frame in Redis is older than one that was sent."""
    rows = stage.control(f"/_stream/sent?after={first}&limit=50000")["tickers"]
    newest = {row[2]: row[3] for row in rows if row[0] <= last and not row[-1]}
    with stage.redis() as client:
        times = {name: int(client.hget(f"market:{name}", "ts_ms") or 0) for name in newest}
    return [name for name, ts_ms in newest.items() if times[name] < ts_ms]
