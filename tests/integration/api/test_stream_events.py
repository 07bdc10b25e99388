"""What clients of the stream get, and in which order."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.api.schemas.stream import StreamEventOut
from app.api.stream.timing import Timing
from app.core.config import ApiCase, Settings
from app.core.database import Pool
from app.core.redis import Redis
from app.domain.ids import market_id
from app.domain.types import Exchange
from tests.factories import make_event, make_feed_state, make_market, make_quote, make_run
from tests.integration.api.streaming import (
    Serving,
    add_entry,
    located,
    piece,
    serving,
    store,
)

NOW = datetime.now(UTC).replace(microsecond=0)
NOW_MS = int(NOW.timestamp()) * 1000
LAKERS, CELTICS, QUIET = "KXLAL", "KXBOS", "KXQUIET"


@pytest.fixture
async def markets(engine: AsyncEngine, pool: Pool, clean_tables: None, redis: Redis) -> None:
    """Two markets quoted just now, one that never was, and a live feed."""
    event = make_event()
    made = {name: make_market(ext_id=name, event=event) for name in (LAKERS, CELTICS, QUIET)}
    prices = {"last": Decimal("0.48"), "bid": Decimal("0.47"), "ask": Decimal("0.49")}
    counts = {"volume": Decimal("1250.5"), "open_interest": Decimal(900)}
    quotes = [make_quote(made[name], as_of=NOW, **prices, **counts) for name in (LAKERS, CELTICS)]
    live = make_feed_state(feed="kalshi.ticks", since=NOW, as_of=NOW + timedelta(hours=1))
    await store(engine, make_run(), live, *made.values(), *quotes)


@pytest.fixture
def here(database_url: str, redis_url: str) -> Settings:
    return located(database_url, redis_url)


@pytest.fixture
async def server(here: Settings, markets: None) -> AsyncIterator[Serving]:
    async with serving(here) as running:
        yield running


async def test_first_everything_then_what_changes(server: Serving, redis: Redis) -> None:
    async with server.stream(LAKERS, QUIET) as events:
        first = await events.next()
        entry = await add_entry(
            redis, piece(LAKERS, NOW_MS + 400, 520_000), piece(CELTICS, NOW_MS + 400, 100_000)
        )
        second = await events.next()

    assert events.answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert events.answer.headers["cache-control"] == "no-store"
    assert events.answer.headers["x-accel-buffering"] == "no"
    assert 1000 <= events.retry_ms <= 4000
    assert (first.name, first.id) == ("snapshot", "0-0")
    assert [market["ext_id"] for market in first.data["markets"]] == [LAKERS, QUIET]
    assert first.market(LAKERS) == {
        "id": str(market_id(Exchange.KALSHI, LAKERS)),
        "ext_id": LAKERS,
        **{"last": "0.48", "last_american": 108, "bid": "0.47", "bid_american": 113},
        **{"ask": "0.49", "ask_american": 104, "volume": "1250.5", "open_interest": "900"},
        "as_of": f"{NOW:%Y-%m-%dT%H:%M:%S}.000Z",
    }
    assert set(first.market(QUIET).values()) == {
        str(market_id(Exchange.KALSHI, QUIET)),
        QUIET,
        None,
    }
    assert [(feed["state"], feed["is_stale"]) for feed in first.data["feeds"]] == [("live", False)]
    assert (second.name, second.id) == ("quotes", entry)
    assert second.data["markets"] == [
        first.market(LAKERS)
        | {"last": "0.52", "last_american": -108, "bid": "0.51", "bid_american": -104}
        | {"ask": "0.53", "ask_american": -113, "volume": "1251.5", "open_interest": "50"}
        | {"as_of": f"{NOW:%Y-%m-%dT%H:%M:%S}.400Z"}
    ]


async def test_events_are_what_the_document_says(server: Serving, redis: Redis) -> None:
    async with server.stream(LAKERS, QUIET) as events:
        seen = [await events.next()]
        await add_entry(redis, piece(LAKERS, NOW_MS + 1, 1), piece(QUIET, NOW_MS + 1))
        seen.append(await events.next())

    for event in seen:
        sent = {"id": event.id, "event": event.name, "data": event.data}
        assert json.loads(StreamEventOut.model_validate(sent).model_dump_json()) == sent


async def test_a_row_that_lags_behind_the_entries(server: Serving, redis: Redis) -> None:
    """A snapshot holds what entries said since the row was written, and no older entry."""
    await add_entry(
        redis,
        piece(LAKERS, NOW_MS - 500, 110_000, volume=7_000),
        piece(LAKERS, NOW_MS + 500, 520_000, volume=200),
        piece(CELTICS, NOW_MS - 500, 110_000, volume=7_000),
    )
    entry = await add_entry(redis, piece(LAKERS, NOW_MS + 900, 530_000, volume=300))

    async with server.stream(LAKERS, CELTICS) as events:
        first = await events.next()

    assert first.id == entry
    assert (first.market(LAKERS)["last"], first.market(LAKERS)["volume"]) == ("0.53", "1255.5")
    assert (first.market(CELTICS)["last"], first.market(CELTICS)["volume"]) == ("0.48", "1250.5")


async def test_values_never_go_back_in_time(server: Serving, redis: Redis) -> None:
    async with server.stream(LAKERS) as events:
        await events.next()
        await add_entry(redis, piece(LAKERS, NOW_MS - 1, 900_000))
        await add_entry(redis, piece(LAKERS, NOW_MS + 1, 500_000))
        changed = await events.next()

    assert changed.market(LAKERS)["last"] == "0.5"


async def test_many_changes_are_one_event(server: Serving, redis: Redis) -> None:
    async with server.stream(LAKERS, CELTICS) as events:
        await events.next()
        for step in range(1, 51):
            pieces = [piece(name, NOW_MS + step, 10_000 * step) for name in (LAKERS, CELTICS)]
            entry = await add_entry(redis, *pieces)
        found = [await events.next()]
        while found[-1].id != entry:
            found.append(await events.next())

    assert len(found) < 25
    assert found == sorted(found, key=lambda event: event.entry)
    assert found[-1].market(LAKERS)["last"] == "0.5"
    assert found[-1].market(LAKERS)["volume"] == "1300.5"


async def test_late_and_broken_entries_change_nothing(server: Serving, redis: Redis) -> None:
    async with server.stream(LAKERS) as events:
        await events.next()
        await redis.xadd("ticks", {"kalshi": b"garbage", "nasdaq": b"?"})
        await add_entry(redis, piece(LAKERS, NOW_MS + 1, 900_000, last_ms=0))
        entry = await add_entry(redis, piece(LAKERS, NOW_MS + 2, close=None))
        changed = await events.next()

    assert changed.id == entry
    assert changed.market(LAKERS)["last"] == "0.48"
    assert changed.market(LAKERS)["bid"] is None
    assert server.hub.counts.broken == 2


async def test_silence_is_filled_with_comments(server: Serving) -> None:
    async with server.stream(QUIET) as events:
        await events.next()
        with pytest.raises(TimeoutError):
            await events.next(within_s=1.5)

    assert events.comments == ["alive", "alive"]


async def test_a_client_that_comes_back_gets_what_changed(
    server: Serving, here: Settings, redis: Redis
) -> None:
    """On the same replica and on one that has just started."""
    await add_entry(redis, piece(LAKERS, NOW_MS + 1, 500_000))
    async with server.stream(LAKERS, CELTICS) as events:
        seen = (await events.next()).id
    await add_entry(redis, piece("KXOTHER", NOW_MS + 2, 100_000))
    entry = await add_entry(redis, piece(CELTICS, NOW_MS + 3, 300_000))

    async with serving(here) as other:
        for replica in (server, other):
            async with replica.stream(LAKERS, CELTICS, seen=seen) as events:
                told = [await events.next(), await events.next()]
            assert [event.name for event in told] == ["quotes", "feed"]  # no id before its quotes
            assert told[0].id == entry
            assert [market["ext_id"] for market in told[0].data["markets"]] == [CELTICS]


async def test_nothing_changed_since(server: Serving, redis: Redis) -> None:
    seen = await add_entry(redis, piece(LAKERS, NOW_MS + 1, 500_000))
    async with server.stream(LAKERS, seen=seen) as events:
        assert (await events.next()).name == "feed"
        with pytest.raises(TimeoutError):
            await events.next("quotes", within_s=0.5)


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param("1-0", id="trimmed"),
        pytest.param("99999999999999-0", id="from the future"),
        pytest.param("yesterday", id="not an id"),
    ],
)
async def test_who_cannot_resume_starts_anew(server: Serving, redis: Redis, seen: str) -> None:
    await add_entry(redis, piece(LAKERS, NOW_MS + 1, 500_000))
    async with server.stream(LAKERS, seen=seen) as events:
        first = await events.next()

    assert first.name == "snapshot"
    assert first.market(LAKERS)["last"] == "0.5"


async def test_a_feed_that_falls_silent_is_stale(
    server: Serving, engine: AsyncEngine, pool: Pool
) -> None:
    async with server.stream(LAKERS) as events:
        await events.next("snapshot")
        heard = NOW - timedelta(seconds=26)
        await pool.execute("UPDATE alpha.feed_states SET as_of = $1", heard)
        stale = (await events.next("feed")).data
        await pool.execute("UPDATE alpha.feed_states SET as_of = now(), since = now()")
        live = (await events.next("feed")).data

    assert (stale["state"], stale["is_stale"], stale["exchange"]) == ("stale", True, "kalshi")
    assert stale["since"] == f"{heard:%Y-%m-%dT%H:%M:%S}.000Z"
    assert (live["state"], live["is_stale"]) == ("live", False)


async def test_quotes_that_no_entry_told(here: Settings, markets: None, pool: Pool) -> None:
    """Without a key prices come by requests, and only rows know them."""
    quick = Timing(flush_s=0.1, slots=2, poll_s=0.05, reread_s=0.05)
    async with serving(here, quick) as server, server.stream(LAKERS) as events:
        await events.next()
        await pool.execute(
            "UPDATE alpha.market_quotes SET last = 0.61, as_of = now() + interval '1 minute',"
            " fingerprint = 1 WHERE market_id = $1",
            market_id(Exchange.KALSHI, LAKERS),
        )
        changed = await events.next("quotes")

    assert changed.market(LAKERS)["last"] == "0.61"


async def test_names_are_spelled_as_everywhere(
    database_url: str, redis_url: str, markets: None
) -> None:
    camel = located(database_url, redis_url, api_case=ApiCase.CAMEL)
    async with serving(camel) as server, server.stream(LAKERS) as events:
        first = await events.next()

    assert set(first.data["markets"][0]) >= {"extId", "lastAmerican", "openInterest", "asOf"}
    assert set(first.data["feeds"][0]) == {"exchange", "state", "since", "asOf", "isStale"}


async def test_the_reader_rests_when_nobody_listens(server: Serving, redis: Redis) -> None:
    async with server.stream(LAKERS) as events:
        await events.next()
    for _ in range(100):
        if not [one for one in await redis.client_list() if one["cmd"] == "xread"]:
            break
        await asyncio.sleep(0.1)
    else:
        pytest.fail("somebody still reads the stream")
    async with server.stream(LAKERS) as events:
        assert (await events.next()).name == "snapshot"
    assert server.hub.counts.streams <= 1
