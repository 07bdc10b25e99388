"""Announcements: each once, in the order of the exchange, beside what requests say."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from app.core.database import Pool
from app.domain.catalogue import CataloguePage
from app.domain.lifecycle_events import LifecycleEvent, Subject
from app.domain.types import Exchange, MarketStatus, Price
from app.store import catalogue, lifecycle
from app.store.lifecycle import Recorded
from tests.domain_factories import NOW, make_market, make_quote

KALSHI = Exchange.KALSHI
S = MarketStatus
SECOND = timedelta(seconds=1)
MARKET = make_market()
NAMED = frozenset({MARKET.ext_id})
LATER = NOW + timedelta(hours=1)


def told(kind: str, at: datetime = NOW, **fields: Any) -> LifecycleEvent:
    payload = {"market_ticker": MARKET.ext_id, "event_type": kind}
    close_at: datetime | None = fields.get("close_at")
    event = LifecycleEvent(
        exchange=KALSHI,
        subject=Subject.MARKET,
        ext_id=MARKET.ext_id,
        kind=kind,
        received_at=at + timedelta(milliseconds=80),
        payload=payload | ({"close": close_at.isoformat()} if close_at else {}),
        sent_at=at,
        status={"activated": S.OPEN, "deactivated": S.PAUSED}.get(kind),
    )
    return replace(event, **fields)


def determined(result: str, at: datetime = NOW, **fields: Any) -> LifecycleEvent:
    price = Price(Decimal(result == "yes"))
    return told(
        "determined",
        at,
        status=S.DETERMINED,
        happened_at=at,
        result=result,
        settlement_price=price,
        payload={"result": result},
        **fields,
    )


def settled(at: datetime = NOW, **fields: Any) -> LifecycleEvent:
    return told("settled", at, status=S.SETTLED, happened_at=at, **fields)


async def record(pool: Pool, *events: LifecycleEvent, now: datetime = NOW) -> Recorded:
    async with pool.acquire() as conn, conn.transaction():
        return await lifecycle.record_events(conn, events, now=now)


async def read(pool: Pool, read_at: datetime, **fields: Any) -> None:
    """Write what a request says of the market."""
    market = replace(MARKET, **fields)
    page = CataloguePage(markets=[market], quotes=[make_quote(as_of=read_at)])
    async with pool.acquire() as conn:
        await catalogue.write_page(conn, KALSHI, page, now=read_at)


async def row(pool: Pool) -> dict[str, Any]:
    found = await pool.fetchrow(
        """
        SELECT *, (SELECT array_agg(is_winner ORDER BY position) FROM alpha.market_outcomes
            WHERE market_id = markets.id) AS winners FROM alpha.markets
        """
    )
    assert found is not None
    return dict(found)


@pytest.fixture(autouse=True)
async def _known(pool: Pool, _empty_tables: None) -> None:
    """The catalogue has the market since a minute."""
    await read(pool, NOW - timedelta(minutes=1))


async def test_an_announcement_is_stored_once_and_applied(pool: Pool) -> None:
    assert await record(pool, told("deactivated")) == Recorded(stored=1, applied=1)
    assert await record(pool, told("deactivated")) == Recorded(repeated=1)
    market = await row(pool)
    assert (market["status"], market["lifecycle_ts"], market["fingerprint"]) == ("paused", NOW, 0)
    (stored,) = await pool.fetch("SELECT * FROM alpha.lifecycle_events")
    assert (stored["exchange_ts"], stored["event_type"], stored["applied_at"]) == (
        NOW,
        "deactivated",
        NOW,
    )
    assert stored["payload"] == {"market_ticker": MARKET.ext_id, "event_type": "deactivated"}


REPEATS = {
    "the same frame": ([told("deactivated"), told("deactivated")], 1),
    "sent again": ([told("deactivated"), told("deactivated", NOW + SECOND)], 1),
    "again after another": (
        [
            told("deactivated"),
            told("activated", NOW + SECOND),
            told("deactivated", NOW + 2 * SECOND),
        ],
        3,
    ),
    "again much later": ([told("deactivated"), told("deactivated", LATER)], 2),
    "with a time of its own, received later": (
        [settled(), settled(sent_at=LATER, received_at=LATER)],
        1,
    ),
    "the same time, another payload": ([determined("yes"), determined("no")], 2),
    "nothing said when it was sent": (
        [told("deactivated", sent_at=None), told("deactivated", NOW + SECOND, sent_at=None)],
        1,
    ),
}


@pytest.mark.parametrize("name", REPEATS)
@pytest.mark.parametrize("together", [True, False])
async def test_repeats(pool: Pool, name: str, together: bool) -> None:
    events, expected = REPEATS[name]
    for batch in [events] if together else [[event] for event in events]:
        await record(pool, *batch, now=LATER)
    assert await pool.fetchval("SELECT count(*) FROM alpha.lifecycle_events") == expected


async def test_keys_in_another_order_are_the_same_announcement(pool: Pool) -> None:
    await record(pool, told("x", payload={"a": 1, "b": Decimal("0.50")}))
    assert (await record(pool, told("x", payload={"b": Decimal("0.50"), "a": 1}))).repeated == 1


ORDERS = {
    "pause, then end of pause": ([told("deactivated"), told("activated", NOW + SECOND)], "open"),
    "end of a life": (
        [told("deactivated"), determined("yes", NOW + SECOND), settled(NOW + 2 * SECOND)],
        "settled",
    ),
    "decided before it was announced": (
        [told("deactivated"), determined("yes", NOW - 20 * SECOND)],
        "determined",
    ),
}


@pytest.mark.parametrize("name", ORDERS)
@pytest.mark.parametrize("backwards", [True, False])
@pytest.mark.parametrize("together", [True, False])
async def test_any_order_of_arrival_ends_the_same(
    pool: Pool, name: str, backwards: bool, together: bool
) -> None:
    events, expected = ORDERS[name]
    ordered = events[::-1] if backwards else events
    for batch in [ordered] if together else [[event] for event in ordered]:
        await record(pool, *batch)
    assert (await row(pool))["status"] == expected


async def test_an_end_looks_as_a_request_would_tell_it(pool: Pool) -> None:
    await record(pool, determined("no", NOW), settled(NOW + SECOND))
    by_stream = await row(pool)
    await read(
        pool,
        LATER,
        status=S.SETTLED,
        result="no",
        settlement_value=Price(Decimal(0)),
        settled_at=NOW + SECOND,
        outcomes=(
            replace(MARKET.outcomes[0], is_winner=False),
            replace(MARKET.outcomes[1], is_winner=True),
        ),
    )
    by_request = await row(pool)
    own = {"fingerprint", "updated_at", "lifecycle_ts"}
    assert {k: v for k, v in by_stream.items() if k not in own} == {
        k: v for k, v in by_request.items() if k not in own
    }
    assert by_request["fingerprint"] != 0
    assert by_stream["winners"] == [False, True]


async def test_a_result_that_names_no_side_has_no_winner(pool: Pool) -> None:
    await record(pool, determined("yes"))
    assert (await row(pool))["winners"] == [True, False]
    await record(pool, determined("scalar", NOW + SECOND))
    market = await row(pool)
    assert (market["result"], market["winners"]) == ("scalar", [None, None])


async def test_a_settled_market_never_goes_back(pool: Pool) -> None:
    await record(pool, determined("yes"), settled())
    found = await record(pool, told("activated", NOW + 5 * SECOND))
    assert found == Recorded(stored=1, applied=1, doubtful=NAMED)
    assert (await row(pool))["status"] == "settled"


async def test_another_result_that_came_late_is_for_a_request_to_decide(pool: Pool) -> None:
    await read(pool, NOW + 60 * SECOND, status=S.DETERMINED, result="yes")
    assert (await record(pool, determined("no"))).doubtful == {MARKET.ext_id}
    assert (await row(pool))["result"] == "yes"


async def test_what_was_read_before_an_announcement_does_not_undo_it(pool: Pool) -> None:
    await record(pool, determined("yes"))
    await read(pool, NOW - SECOND, title="read too early")
    await read(pool, NOW + 2 * SECOND, title="read while it was announced")
    market = await row(pool)
    assert (market["status"], market["title"], market["winners"]) == (
        "determined",
        MARKET.title,
        [True, False],
    )


async def test_what_was_read_after_an_announcement_stands(pool: Pool) -> None:
    await record(pool, told("deactivated"))
    await read(pool, LATER)  # word for word what was read before the announcement
    assert (await row(pool))["status"] == "open"
    await record(pool, told("deactivated", NOW + 60 * SECOND))  # came too late
    assert (await row(pool))["status"] == "open"
    await record(pool, told("deactivated", LATER + SECOND))
    assert (await row(pool))["status"] == "paused"


async def test_a_new_close_counts_though_other_news_was_faster(pool: Pool) -> None:
    new_close = NOW + timedelta(days=9)
    await record(pool, told("activated", NOW + 2 * SECOND))
    await record(pool, told("close_date_updated", NOW + SECOND, close_at=new_close))
    await record(pool, told("close_date_updated", NOW, close_at=LATER))
    market = await row(pool)
    assert (market["close_at"], market["status"]) == (new_close, "open")


async def test_a_close_that_has_passed_closes(pool: Pool) -> None:
    await record(pool, told("close_date_updated", close_at=NOW - SECOND))
    assert (await row(pool))["status"] == "closed"


async def test_a_new_close_of_a_closed_market_has_to_be_asked_about(pool: Pool) -> None:
    await record(pool, told("close_date_updated", close_at=NOW - SECOND))
    found = await record(pool, told("close_date_updated", NOW + SECOND, close_at=LATER))
    assert found.doubtful == {MARKET.ext_id}
    assert (await record(pool, told("activated", NOW + 2 * SECOND))).doubtful == frozenset()
    assert (await row(pool))["status"] == "open"


async def test_created_says_nothing_new_of_a_market_we_have(pool: Pool) -> None:
    await record(pool, told("created", status=S.UPCOMING, close_at=LATER))
    market = await row(pool)
    assert (market["status"], market["close_at"]) == ("open", LATER)


async def test_an_unknown_kind_is_stored_and_changes_nothing(pool: Pool) -> None:
    assert await record(pool, told("renamed")) == Recorded(stored=1, applied=1)
    assert (await row(pool))["status"] == "open"


async def test_announcements_wait_for_their_market(pool: Pool) -> None:
    await pool.execute("UPDATE alpha.markets SET is_deleted = true")
    found = await record(
        pool, told("deactivated", NOW + SECOND), determined("yes", NOW + 9 * SECOND)
    )
    assert found == Recorded(stored=2, unknown=NAMED)
    async with pool.acquire() as conn:
        early = await lifecycle.apply_waiting(conn, KALSHI, [MARKET.ext_id, "other"], now=NOW)
        assert early.known == frozenset()
        waiting = await lifecycle.list_waiting(conn, KALSHI, since=NOW, limit=5)
        assert waiting == {MARKET.ext_id: False}
    await read(pool, NOW + 2 * SECOND)
    async with pool.acquire() as conn:
        assert await lifecycle.list_waiting(conn, KALSHI, since=NOW, limit=5) == {
            MARKET.ext_id: True
        }
        caught = await lifecycle.apply_waiting(conn, KALSHI, [MARKET.ext_id], now=NOW)
        assert await lifecycle.list_waiting(conn, KALSHI, since=NOW, limit=5) == {}
    assert caught == lifecycle.Caught(frozenset({MARKET.ext_id}))
    market = await row(pool)
    assert (market["status"], market["winners"]) == ("determined", [True, False])


async def test_what_waited_does_not_undo_what_was_read_later(pool: Pool) -> None:
    await pool.execute("UPDATE alpha.markets SET is_deleted = true")
    await record(pool, told("deactivated"))
    await read(pool, LATER)
    async with pool.acquire() as conn:
        await lifecycle.apply_waiting(conn, KALSHI, [MARKET.ext_id], now=LATER)
    assert (await row(pool))["status"] == "open"
    assert await pool.fetchval("SELECT applied_at FROM alpha.lifecycle_events") == LATER


async def test_a_sync_that_is_writing_is_not_waited_for(pool: Pool) -> None:
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("SELECT pg_advisory_xact_lock(hashtext('catalogue:kalshi'))")
        found = await record(pool, told("deactivated"))
    assert found == Recorded(stored=1, unknown=NAMED)
    later = await record(pool, told("close_date_updated", NOW + SECOND, close_at=LATER))
    assert later.applied == 1
    market = await row(pool)
    assert (market["status"], market["close_at"]) == ("paused", LATER)
    assert (
        await pool.fetchval("SELECT count(*) FROM alpha.lifecycle_events WHERE applied_at IS NULL")
        == 0
    )


async def test_announcements_of_events_are_kept_and_named(pool: Pool) -> None:
    event = told("event_created", subject=Subject.EVENT, ext_id="KXNEW-26")
    assert await record(pool, event) == Recorded(
        stored=1, applied=1, events=frozenset({"KXNEW-26"})
    )
    assert await record(pool, event) == Recorded(repeated=1)


REFUSED: dict[str, tuple[LifecycleEvent, type[Exception]]] = {
    "NUL": (told("x", payload={"a": "\x00"}), asyncpg.DataError),
    "lone surrogate": (told("x", payload={"a": "\ud800"}), ValueError),
    "NUL in its id": (told("x", ext_id="a\x00"), asyncpg.DataError),
    "far ahead": (settled(NOW + timedelta(days=400), received_at=NOW), ValueError),
    "absurd price": (told("x", settlement_price=Price(Decimal(7))), ValueError),
    "a number beyond NUMERIC": (told("x", payload={"a": Decimal("1e200000")}), asyncpg.DataError),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_cannot_be_stored_is_refused_whole(pool: Pool, name: str) -> None:
    event, error = REFUSED[name]
    with pytest.raises(error):
        await record(pool, told("deactivated"), event)
    assert await pool.fetchval("SELECT count(*) FROM alpha.lifecycle_events") == 0


async def test_old_announcements_are_forgotten(pool: Pool) -> None:
    await record(pool, told("a"), told("b", LATER), told("c", LATER + SECOND))
    async with pool.acquire() as conn:
        assert await lifecycle.delete_old_events(conn, before=LATER, limit=10) == 1
        assert await lifecycle.delete_old_events(conn, before=LATER + 9 * SECOND, limit=1) == 1
    assert await pool.fetchval("SELECT count(*) FROM alpha.lifecycle_events") == 1
