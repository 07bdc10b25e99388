"""A full sync over a real socket: true, quiet the second time, and careful with what is absent."""

from collections.abc import Awaitable, Callable

from app.core.database import Pool
from tests.integration.sync.conftest import MakeSync
from tests.integration.sync.reading import differences, listed, stored_markets
from tests.sandbox_process import SandboxProcess

Sync = Callable[[], Awaitable[dict[str, int]]]


async def test_the_database_equals_the_exchange(
    sync: Sync, sandbox: SandboxProcess, pool: Pool
) -> None:
    counts = await sync()
    truth = listed(sandbox.rows("markets"))
    stored = await stored_markets(pool)
    assert len(truth) > 200
    assert set(stored) == set(truth)
    assert differences(truth, stored, truth) == []
    assert await pool.fetchval("SELECT count(*) FROM alpha.series WHERE is_stub") == 0
    assert await pool.fetchval("SELECT count(*) FROM alpha.events WHERE is_stub") == 0
    assert set(sandbox.rows("series")) == {
        row["ext_id"] for row in await pool.fetch("SELECT ext_id FROM alpha.series")
    }
    assert (counts.get("rejects", 0), sandbox.stats()["over_budget"]) == (0, 0)


async def test_a_second_sync_writes_nothing(sync: Sync) -> None:
    await sync()
    again = await sync()
    written = ("series", "events", "markets", "quotes", "deleted", "stale", "rejects")
    assert {kind: again.get(kind, 0) for kind in written} == dict.fromkeys(written, 0)


async def test_a_listing_with_gaps_deletes_nothing(
    sync: Sync, sandbox: SandboxProcess, pool: Pool
) -> None:
    await sync()
    before = set(await stored_markets(pool))
    sandbox.control("/_faults", "PUT", {"kalshi": {"gap": {"rate": 0.3}}})
    await sync()
    assert sandbox.stats()["dropped"]
    assert set(await stored_markets(pool)) == before


async def test_what_the_exchange_says_does_not_exist_is_deleted_and_revived_when_back(
    sync: Sync, sandbox: SandboxProcess, pool: Pool
) -> None:
    await sync()
    before = await stored_markets(pool)
    victims = [ticker for ticker, row in before.items() if row["status"] == "open"][:3]
    final = [ticker for ticker, row in before.items() if row["status"] == "settled"][:1]
    sandbox.control("/_faults", "PUT", {"kalshi": {"vanish": {"ids": victims + final}}})
    counts = await sync()
    assert counts["deleted"] == 3
    assert set(before) - set(await stored_markets(pool)) == set(victims)
    sandbox.control("/_faults", "DELETE")
    await sync()
    assert set(await stored_markets(pool)) == set(before)


async def test_a_broken_listing_keeps_what_came_and_deletes_nothing(
    sync: Sync, sandbox: SandboxProcess, pool: Pool
) -> None:
    await sync()
    before = set(await stored_markets(pool))
    fault = {"repeat_cursor": {"rate": 1, "route": "GET /events"}, "gap": {"rate": 0.5}}
    sandbox.control("/_faults", "PUT", {"kalshi": fault})
    assert (await sync())["incomplete"]
    assert set(await stored_markets(pool)) == before


async def test_changes_bring_transitions_that_nothing_announces(
    make_sync: MakeSync, sandbox: SandboxProcess, pool: Pool
) -> None:
    first = make_sync()
    await first.run_full()
    since = first.clock.now()
    sandbox.control("/_clock", "PUT", {"advance_s": 6 * 3600})
    await first.clock.sleep(6 * 3600)
    counts = await make_sync().run_changes(since)
    truth = sandbox.rows("markets")
    stored = await stored_markets(pool)
    known = [ticker for ticker in stored if ticker in truth]
    changed = [line for line in differences(truth, stored, known) if ".status" in line]
    assert changed == []
    assert counts["flipped"] + counts["markets"] > 0
    new = {t for t in listed(truth) if t not in stored}
    assert new == set()
