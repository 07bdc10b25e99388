"""Who is told again, who is corrected, and what it meant for them: the awkward cases."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from app.core.database import Pool
from app.domain.detections import DetectionKind, Prices
from app.domain.types import MarketId
from app.domain.words import render
from app.pipeline.attribute import attribute_due
from app.store.alert_control import retract_alert
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
SPIKE, MOVE = DetectionKind.VOLUME_SPIKE, DetectionKind.LINE_MOVE


async def add_game(pool: Pool) -> tuple[MarketId, MarketId]:
    """Add a game with a market for each team."""
    async with pool.acquire() as conn:
        home = await add_market(conn, "KXGAME-1-BOS")
        return home, await add_market(conn, "KXGAME-1-MIA", outcome="Miami")


async def say(
    pool: Pool, minute: int, *changes: tuple[MarketId, Prices, Prices], **fields: Any
) -> None:
    """Detect something so many minutes after the beginning, and run every step."""
    now = NOW + timedelta(minutes=minute)
    moved = [change(market, before, after, as_of=now) for market, before, after in changes]
    await detect(pool, make_detection(moved, now=now, key=str(minute), **fields))
    await decide_and_tell(make_parts(pool, now=now))


async def count_told(pool: Pool, name: str) -> int:
    found: int = await pool.fetchval(
        "SELECT count(*) FROM alpha.notifications n JOIN alpha.users u ON u.id = n.user_id"
        " WHERE u.display_name = $1",
        name,
    )
    return found


async def test_a_move_is_news_after_mere_trading(pool: Pool) -> None:
    home, _ = await add_game(pool)
    async with pool.acquire() as conn:
        await add_position(conn, await add_person(conn, "holder"), home, "100")
        await add_follow(conn, await add_person(conn, "follower"), home)
    await say(pool, 0, (home, BEFORE, BEFORE), kind=SPIKE, strength="9")
    await say(pool, 2, (home, BEFORE, AFTER), kind=MOVE, strength="2")
    assert await count_told(pool, "holder") == 2
    assert await count_told(pool, "follower") == 2
    body = await pool.fetchval("SELECT body FROM alpha.alerts WHERE kind = 'line_move'")
    assert body.startswith("Unusual move: "), "it was not moving before"


async def test_heavy_trading_after_a_move_belongs_to_it(pool: Pool) -> None:
    home, _ = await add_game(pool)
    async with pool.acquire() as conn:
        await add_follow(conn, await add_person(conn, "follower"), home)
    await say(pool, 0, (home, BEFORE, AFTER), strength="2")
    await say(pool, 2, (home, AFTER, AFTER), kind=SPIKE, strength="9")
    assert await count_told(pool, "follower") == 1


async def test_nothing_twice_is_still_nothing(pool: Pool) -> None:
    home, away = await add_game(pool)
    async with pool.acquire() as conn:
        await add_position(conn, await add_person(conn, "holder"), home, "100")
    await say(pool, 0, (home, BEFORE, BEFORE), kind=SPIKE, strength="2")
    await say(pool, 2, (away, BEFORE, BEFORE), kind=SPIKE, strength="2")
    assert await pool.fetchval("SELECT count(*) FROM alpha.alerts") == 2
    assert await count_told(pool, "holder") == 1


async def test_whose_impact_is_unknown_now_is_told_by_the_size_of_the_move(pool: Pool) -> None:
    home, away = await add_game(pool)
    async with pool.acquire() as conn:
        await add_position(conn, await add_person(conn, "holder"), away, "100")
    unknown = prices(None, None, "0.5")
    await say(pool, 0, (home, BEFORE, AFTER), (away, BEFORE, AFTER), strength="2")
    await say(pool, 2, (home, BEFORE, AFTER), (away, BEFORE, unknown), strength="9")
    assert await count_told(pool, "holder") == 2


async def test_no_share_of_a_value_that_is_known_in_part(pool: Pool) -> None:
    home, away = await add_game(pool)
    async with pool.acquire() as conn:
        holder = await add_person(conn, "holder")
        await add_position(conn, holder, home, "100")
        await add_position(conn, holder, away, "100")
    await say(pool, 0, (home, BEFORE, AFTER), (away, prices(None, "0.3", "0.4"), AFTER))
    row = await pool.fetchrow("SELECT * FROM alpha.notifications")
    assert row is not None
    assert row["value_before_usd"] is None
    assert "%" not in render(row["template"], row["numbers"], show_amounts=True).body


async def test_buyers_who_came_with_the_move_are_not_denied(pool: Pool) -> None:
    home, _ = await add_game(pool)
    async with pool.acquire() as conn:
        await add_position(conn, await add_person(conn, "holder"), home, "100")
    await say(pool, 0, (home, prices("0.62", None, "0.64"), AFTER))
    row = await pool.fetchrow("SELECT * FROM alpha.notifications")
    assert row is not None
    body = render(row["template"], row["numbers"], show_amounts=True).body
    assert "down $14.00 (23%) at mid price." in body
    assert "nobody" not in body


async def test_a_volume_is_that_of_its_five_minutes_in_an_update_too(pool: Pool) -> None:
    home, away = await add_game(pool)
    await say(pool, 0, (home, BEFORE, BEFORE), kind=SPIKE, strength="2")
    await say(pool, 25, (away, BEFORE, BEFORE), kind=SPIKE, strength="2")
    body = await pool.fetchval("SELECT body FROM alpha.alerts WHERE reason = 'update'")
    assert "contracts in 5 minutes" in body


async def test_a_market_that_was_never_named_is_not_still_moving(pool: Pool) -> None:
    home, away = await add_game(pool)
    await say(pool, 0, (home, BEFORE, AFTER))
    await say(pool, 20, (away, BEFORE, AFTER))
    body = await pool.fetchval("SELECT body FROM alpha.alerts WHERE reason = 'update'")
    assert body.startswith("Unusual move: from 62¢ to 48¢ in 5 minutes.")
    await say(pool, 25, (away, BEFORE, AFTER), strength="9")
    body = await pool.fetchval("SELECT body FROM alpha.alerts WHERE strength = 9")
    assert body.startswith("Still moving: from 62¢ to 48¢ in 30 minutes.")


async def accept(pool: Pool, alert_id: UUID, state: str = "accepted") -> None:
    """Let the gateway have taken an alert's deliveries."""
    lease = ", lease_token = id, lease_until = $2" if state == "sending" else ""
    await pool.execute(
        f"UPDATE alpha.deliveries SET state = $3::alpha.delivery_state, sent_at = $2{lease},"
        " accepted_at = CASE WHEN $3::text = 'accepted' THEN $2::timestamptz END"
        " WHERE alert_id = $1 AND state = 'pending'",
        alert_id,
        NOW,
        state,
    )


async def retract(pool: Pool, alert_id: UUID) -> list[str]:
    """Take an alert back; return who gets a correction."""
    async with pool.acquire() as conn, conn.transaction():
        await retract_alert(conn, alert_id, reason="wrong", now=NOW + timedelta(minutes=9))
    await decide_and_tell(make_parts(pool, now=NOW + timedelta(minutes=9)))
    rows = await pool.fetch(
        "SELECT u.display_name FROM alpha.notifications n JOIN alpha.users u ON u.id = n.user_id"
        " JOIN alpha.alerts a ON a.id = n.alert_id AND a.reason = 'correction' ORDER BY 1"
    )
    return [row["display_name"] for row in rows]


async def test_only_who_got_what_is_taken_back_is_corrected(pool: Pool) -> None:
    home, away = await add_game(pool)
    async with pool.acquire() as conn:
        await add_position(conn, await add_person(conn, "first"), home, "100")
        await add_position(conn, await add_person(conn, "second"), away, "100")
    await say(pool, 0, (home, BEFORE, AFTER))
    first = await pool.fetchval("SELECT id FROM alpha.alerts")
    await accept(pool, first)
    await say(pool, 2, (away, BEFORE, AFTER))
    second = await pool.fetchval("SELECT id FROM alpha.alerts WHERE id <> $1", first)
    await accept(pool, second)
    assert await retract(pool, second) == ["second"]


@pytest.mark.parametrize("state", ["sending", "unknown"])
async def test_who_may_have_got_it_is_corrected_too(pool: Pool, state: str) -> None:
    home, _ = await add_game(pool)
    async with pool.acquire() as conn:
        await add_position(conn, await add_person(conn, "holder"), home, "100")
    await say(pool, 0, (home, BEFORE, AFTER))
    alert_id = await pool.fetchval("SELECT id FROM alpha.alerts")
    await accept(pool, alert_id, state)
    assert await retract(pool, alert_id) == ["holder"]


async def test_a_correction_without_a_device_says_so(pool: Pool) -> None:
    home, _ = await add_game(pool)
    async with pool.acquire() as conn:
        await add_position(conn, await add_person(conn, "holder"), home, "100")
    await say(pool, 0, (home, BEFORE, AFTER))
    alert_id = await pool.fetchval("SELECT id FROM alpha.alerts")
    await accept(pool, alert_id)
    await pool.execute("UPDATE alpha.devices SET disabled_at = $1, disabled_reason = 'x'", NOW)
    assert await retract(pool, alert_id) == ["holder"]
    reasons = await pool.fetch("SELECT suppressed_reason FROM alpha.notifications ORDER BY 1")
    assert {row[0] for row in reasons} == {None, "no_device"}


async def test_what_is_taken_back_before_anybody_heard_is_not_told(pool: Pool) -> None:
    home, _ = await add_game(pool)
    async with pool.acquire() as conn:
        await add_position(conn, await add_person(conn, "holder"), home, "100")
    await detect(pool, make_detection([change(home, BEFORE, AFTER)]))
    parts = make_parts(pool)
    await attribute_due(parts)
    alert_id = await pool.fetchval("SELECT id FROM alpha.alerts")
    assert await retract(pool, alert_id) == []
    assert await count_told(pool, "holder") == 0


async def test_an_amount_that_no_column_holds_is_left_unsaid(pool: Pool) -> None:
    home, away = await add_game(pool)
    async with pool.acquire() as conn:
        whale = await add_person(conn, "whale")
        for market in (home, away):
            await add_position(conn, whale, market, "9999999999999999")
            await add_position(conn, whale, market, "9999999999999999", side="no")
    await say(pool, 0, (home, BEFORE, AFTER), (away, BEFORE, AFTER))
    row = await pool.fetchrow("SELECT * FROM alpha.notifications")
    assert row is not None
    assert row["value_before_usd"] is None
    assert row["impact_mid_usd"] == Decimal(0)
