"""From a detection to what each person is told: who, how much, and who is not pushed and why."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from app.core.database import Pool
from app.domain.types import MarketId
from app.domain.words import render
from tests.pipeline_factories import (
    NOW,
    add_follow,
    add_market,
    add_person,
    add_position,
    change,
    decide_and_tell,
    detect,
    make_detection,
    make_parts,
    prices,
)

pytestmark = pytest.mark.usefixtures("clean_tables")

BEFORE, AFTER = prices("0.62", "0.61", "0.63"), prices("0.48", "0.47", "0.49")
MIRROR_BEFORE, MIRROR_AFTER = prices("0.38", "0.37", "0.39"), prices("0.52", "0.51", "0.53")


async def told(pool: Pool, *, of: str = "") -> dict[str, dict[str, Any]]:
    """Return the newest notification of each person by name."""
    rows = await pool.fetch(
        """
        SELECT DISTINCT ON (u.id) u.display_name, n.*,
            (SELECT count(*) FROM alpha.deliveries d WHERE d.notification_id = n.id) AS deliveries
        FROM alpha.notifications n JOIN alpha.users u ON u.id = n.user_id
        JOIN alpha.alerts a ON a.id = n.alert_id
        ORDER BY u.id, a.decided_at DESC
        """
    )
    return {row["display_name"]: dict(row) for row in rows if of in row["display_name"]}


async def game(pool: Pool) -> tuple[MarketId, MarketId]:
    """Add a game with a market for each team."""
    async with pool.acquire() as conn:
        home = await add_market(conn, "KXGAME-1-BOS")
        away = await add_market(conn, "KXGAME-1-MIA", outcome="Miami")
    return home, away


async def test_impact_of_each_side_at_both_prices(pool: Pool) -> None:
    home, away = await game(pool)
    async with pool.acquire() as conn:
        for name, market, side, contracts in (
            ("yes", home, "yes", "240"),
            ("no", home, "no", "100"),
            ("mirror", away, "yes", "50.5"),
        ):
            await add_position(conn, await add_person(conn, name), market, contracts, side=side)
        both = await add_person(conn, "both")
        await add_position(conn, both, home, "240")
        await add_position(conn, both, away, "50.5")
    await detect(
        pool,
        make_detection([change(home, BEFORE, AFTER), change(away, MIRROR_BEFORE, MIRROR_AFTER)]),
    )
    await decide_and_tell(make_parts(pool))
    found = await told(pool)
    figures = {
        name: (row["impact_usd"], row["impact_mid_usd"], row["value_before_usd"])
        for name, row in found.items()
    }
    assert figures == {
        "yes": (Decimal("-33.60"), Decimal("-33.60"), Decimal("148.80")),
        "no": (Decimal("14.00"), Decimal("14.00"), Decimal("38.00")),
        "mirror": (Decimal("7.07"), Decimal("7.07"), Decimal("19.19")),
        "both": (Decimal("-26.53"), Decimal("-26.53"), Decimal("167.99")),
    }
    assert all(row["deliveries"] == 1 and row["priority"] == 2 for row in found.values())
    text = render(found["both"]["template"], found["both"]["numbers"], show_amounts=True)
    assert text.body == (
        "Unusual move: from 62¢ to 48¢ in 5 minutes. Your positions are down $26.53 (16%)."
        " No public news found yet."
    )


async def test_without_buyers_only_the_mid_is_said(pool: Pool) -> None:
    home, _ = await game(pool)
    async with pool.acquire() as conn:
        await add_position(conn, await add_person(conn, "holder"), home, "100")
    thin = prices("0.48", None, "0.55")
    await detect(pool, make_detection([change(home, BEFORE, thin, is_wide=True, is_stale=True)]))
    await decide_and_tell(make_parts(pool))
    row = (await told(pool))["holder"]
    assert (row["impact_usd"], row["impact_mid_usd"]) == (None, Decimal("-14.00"))
    body = render(row["template"], row["numbers"], show_amounts=True).body
    assert "at mid price; nobody offers to buy now" in body
    assert row["numbers"]["is_stale"] is True


async def test_who_follows_what(pool: Pool) -> None:
    home, _ = await game(pool)
    async with pool.acquire() as conn:
        event_id, series_id = await conn.fetchrow(  # type: ignore[misc]
            "SELECT e.id, e.series_id FROM alpha.events e"
        )
        other = await add_market(conn, "KXGAME-2-LAL", event="KXGAME-2")
        for name, target, kind, push in (
            ("market", home, "market", True),
            ("event", event_id, "event", False),
            ("event with push", event_id, "event", True),
            ("series", series_id, "series", False),
            ("other market", other, "market", True),
        ):
            person = await add_person(conn, name)
            await add_follow(conn, person, target, kind=kind, push=push)
    await detect(pool, make_detection([change(home, BEFORE, AFTER)]))
    await decide_and_tell(make_parts(pool))
    found = await told(pool)
    assert {name: (row["suppressed_reason"], row["deliveries"]) for name, row in found.items()} == {
        "market": (None, 1),
        "event": ("follow_without_push", 0),
        "event with push": (None, 1),
        "series": ("follow_without_push", 0),
    }
    assert not any(row["is_holder"] for row in found.values())


@pytest.mark.parametrize(
    ("preferences", "reason"),
    [
        pytest.param({}, None, id="none"),
        pytest.param({"is_push_on": False}, "push_off", id="push-off"),
        pytest.param({"muted_kinds": ["line_move"]}, "kind_muted", id="kind-muted"),
        pytest.param({"muted_kinds": ["volume_spike"]}, None, id="other-kind-muted"),
        pytest.param({"min_impact_usd": Decimal("14.01")}, "below_minimum", id="too-little"),
        pytest.param({"min_impact_usd": Decimal("14.00")}, None, id="just-enough"),
    ],
)
async def test_suppression_is_recorded_with_its_reason(
    pool: Pool, preferences: dict[str, Any], reason: str | None
) -> None:
    home, _ = await game(pool)
    async with pool.acquire() as conn:
        await add_position(conn, await add_person(conn, "holder", **preferences), home, "100")
    await detect(pool, make_detection([change(home, BEFORE, AFTER)]))
    await decide_and_tell(make_parts(pool))
    row = (await told(pool))["holder"]
    assert (row["suppressed_reason"], row["deliveries"]) == (reason, 0 if reason else 1)


async def test_no_device_and_several(pool: Pool) -> None:
    home, _ = await game(pool)
    async with pool.acquire() as conn:
        for name, devices in (("none", 0), ("three", 3)):
            person = await add_person(conn, name, devices=devices)
            await add_position(conn, person, home, "10")
        gone = await add_person(conn, "disabled")
        await add_position(conn, gone, home, "10")
        await conn.execute(
            "UPDATE alpha.devices SET disabled_at = $2, disabled_reason = 'x' WHERE user_id = $1",
            gone,
            NOW,
        )
    await detect(pool, make_detection([change(home, BEFORE, AFTER)]))
    await decide_and_tell(make_parts(pool))
    found = await told(pool)
    assert {name: (row["suppressed_reason"], row["deliveries"]) for name, row in found.items()} == {
        "none": ("no_device", 0),
        "three": (None, 3),
        "disabled": ("no_device", 0),
    }


Again = Callable[[MarketId, MarketId], dict[str, Any]]


@pytest.mark.parametrize(
    ("price", "strength", "is_told"),
    [
        pytest.param("0.45", "2.6", False, id="a-little-worse"),
        pytest.param("0.40", "4.0", True, id="more-than-half-as-bad-again"),
        pytest.param("0.45", "4.0", False, id="stronger-but-not-for-them"),
    ],
)
async def test_an_episode_is_told_again_only_when_it_is_much_worse(
    pool: Pool, price: str, strength: str, is_told: bool
) -> None:
    home, _ = await game(pool)
    async with pool.acquire() as conn:
        await add_position(conn, await add_person(conn, "holder"), home, "100")
    await detect(pool, make_detection([change(home, BEFORE, AFTER)]))
    parts = make_parts(pool)
    await decide_and_tell(parts)
    later = NOW + timedelta(minutes=3)
    worse = prices(
        price, str(Decimal(price) - Decimal("0.01")), str(Decimal(price) + Decimal("0.01"))
    )
    await detect(
        pool,
        make_detection(
            [change(home, BEFORE, worse, as_of=later)], strength=strength, now=later, key="second"
        ),
    )
    await decide_and_tell(make_parts(pool, now=later))
    count = await pool.fetchval("SELECT count(*) FROM alpha.notifications")
    assert count == (2 if is_told else 1)
    collapse = await pool.fetch("SELECT DISTINCT collapse_id FROM alpha.deliveries")
    assert len(collapse) == 1, "the phone replaces the old text"


async def test_who_bought_in_the_meantime_is_told_by_the_update(pool: Pool) -> None:
    home, away = await game(pool)
    async with pool.acquire() as conn:
        await add_position(conn, await add_person(conn, "first"), home, "100")
        mirror = await add_person(conn, "mirror")
        await add_position(conn, mirror, away, "100")
    await detect(pool, make_detection([change(home, BEFORE, AFTER)]))
    await decide_and_tell(make_parts(pool))
    assert set(await told(pool)) == {"first"}
    later = NOW + timedelta(minutes=1)
    await detect(
        pool,
        make_detection([change(away, MIRROR_BEFORE, MIRROR_AFTER)], now=later, key="second"),
    )
    await decide_and_tell(make_parts(pool, now=later))
    rows = await pool.fetch("SELECT user_id, alert_id FROM alpha.notifications")
    assert len(rows) == 2, "the first is not told the same again"
    assert await pool.fetchval("SELECT count(*) FROM alpha.episodes") == 1
    reasons = await pool.fetch("SELECT reason::text FROM alpha.alerts ORDER BY decided_at")
    assert [row["reason"] for row in reasons] == ["new", "update"]


async def test_a_quiet_half_hour_ends_an_episode(pool: Pool) -> None:
    home, _ = await game(pool)
    await detect(pool, make_detection([change(home, BEFORE, AFTER)]))
    later = NOW + timedelta(minutes=31)
    await detect(pool, make_detection([change(home, BEFORE, AFTER)], now=later, key="second"))
    rows = await pool.fetch("SELECT closed_at FROM alpha.episodes ORDER BY opened_at")
    assert [row["closed_at"] for row in rows] == [NOW + timedelta(minutes=30), None]


async def test_each_step_twice_changes_nothing(pool: Pool) -> None:
    home, _ = await game(pool)
    async with pool.acquire() as conn:
        await add_position(conn, await add_person(conn, "holder"), home, "100")
    moved = make_detection([change(home, BEFORE, AFTER)])
    assert len(await detect(pool, moved)) == 1
    assert await detect(pool, moved) == []
    parts = make_parts(pool)
    await decide_and_tell(parts)
    await decide_and_tell(parts)
    assert await count(pool, "alerts") == await count(pool, "notifications") == 1
    assert await count(pool, "deliveries") == 1


async def count(pool: Pool, table: str) -> int:
    found: int = await pool.fetchval(f"SELECT count(*) FROM alpha.{table}")
    return found


async def test_ids_are_those_of_a_replay(pool: Pool) -> None:
    home, _ = await game(pool)
    async with pool.acquire() as conn:
        await add_position(conn, await add_person(conn, "holder"), home, "100")
    seen: list[set[UUID]] = []
    for _ in range(2):
        await detect(pool, make_detection([change(home, BEFORE, AFTER)]))
        await decide_and_tell(make_parts(pool))
        rows = await pool.fetch(
            "SELECT id FROM alpha.alerts UNION ALL SELECT id FROM alpha.notifications"
            " UNION ALL SELECT id FROM alpha.deliveries UNION ALL SELECT id FROM alpha.episodes"
        )
        seen.append({row["id"] for row in rows})
        await pool.execute("DELETE FROM alpha.notifications")
        await pool.execute("DELETE FROM alpha.alert_markets")
        await pool.execute("DELETE FROM alpha.alerts")
        await pool.execute("DELETE FROM alpha.detections")
        await pool.execute("DELETE FROM alpha.episodes")
    assert len(seen[0]) == 4
    assert seen[0] == seen[1]
