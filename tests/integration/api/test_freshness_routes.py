"""Stale shows everywhere a price does, and PostgreSQL and Python judge alike."""

from datetime import timedelta
from typing import Any

import pytest

from app.api.schemas.base import time_text
from app.core.clock import VirtualClock
from app.core.database import Conn
from app.domain.freshness import Feed, PriceFeeds, freshness, standing
from app.models.db import Market
from tests.factories import NOW, make_feed_state, make_market, make_quote, make_run
from tests.integration.api.serving import Client, Save

REPEAT = "UPDATE alpha.feed_states SET as_of = $1 WHERE feed = 'kalshi.ticks'"
SECOND = timedelta(seconds=1)
AGES = {"now": 0 * SECOND, "26 s": 26 * SECOND, "1 h": 3600 * SECOND}
STATES = ("live", "polling", "degraded", "stale")
TICKS: list[Any] = [
    None,
    *((state, age) for state in STATES for age in (*AGES.values(), None)),
]


async def shown(client: Client, market: Market) -> list[dict[str, Any]]:
    """Ask everywhere a price is shown; the feed of a page comes in a list."""
    one = (await client.get(f"/v1/markets/{market.id}")).json()
    candles = (await client.get(f"/v1/markets/{market.id}/candles")).json()
    trades = (await client.get(f"/v1/markets/{market.id}/trades")).json()
    found = [one, candles, trades]
    for path in ("/v1/markets", f"/v1/events/{market.event_id}"):
        page = (await client.get(path)).json()
        feed = next(iter(page["feeds"]), None)
        found.append({**page["markets"][0], "feed": feed})
    return [{name: part[name] for name in ("as_of", "is_stale", "feed")} for part in found]


@pytest.mark.parametrize("ticks", TICKS, ids=str)
@pytest.mark.parametrize("catalogue", [None, ("polling", "now"), ("degraded", "1 h")], ids=str)
@pytest.mark.parametrize("quoted", [None, "26 s", "1 h"], ids=str)
async def test_everywhere_the_same(
    empty_client: Client,
    save: Save,
    ticks: tuple[str, timedelta | None] | None,
    catalogue: tuple[str, str] | None,
    quoted: str | None,
) -> None:
    market = make_market()
    await save(market, make_run())
    quoted_at = NOW - AGES[quoted] if quoted else None
    if quoted_at:
        await save(make_quote(market, as_of=quoted_at))
    since = NOW - timedelta(hours=3)
    said: dict[str, Feed] = {}
    if catalogue:
        said["catalogue"] = Feed(catalogue[0], since, NOW - AGES[catalogue[1]])
    if ticks:
        said["ticks"] = Feed(ticks[0], since, None if ticks[1] is None else NOW - ticks[1])
    for name, feed in said.items():
        fields = {"state": feed.state, "since": feed.since, "as_of": feed.as_of}
        await save(make_feed_state(feed=f"kalshi.{name}", **fields))

    expected = freshness(quoted_at, PriceFeeds(**said), now=NOW)
    known = standing(said["ticks"], now=NOW) if ticks else None
    as_json = {
        "as_of": expected.as_of and time_text(expected.as_of),
        "is_stale": expected.is_stale,
        "feed": known
        and {"exchange": "kalshi", "state": known.state, "since": time_text(known.since)},
    }
    assert await shown(empty_client, market) == [as_json] * 5


async def test_a_dead_leader_shows_within_30_s(
    client: Client, save: Save, conn: Conn, clock: VirtualClock
) -> None:
    """It repeats itself every 2 s until it is killed; answers are kept for a second."""
    market = make_market()
    await save(market, make_quote(market, as_of=NOW), make_feed_state(feed="kalshi.ticks"))
    for _ in range(3):
        await conn.execute(REPEAT, clock.now())
        assert not any(part["is_stale"] for part in await shown(client, market))
        await clock.sleep(2)
    killed_at = clock.now()

    while not all(part["is_stale"] for part in await shown(client, market)):
        await clock.sleep(0.5)
        assert clock.now() - killed_at < 29 * SECOND, "a client keeps it for one more second"

    states = {part["feed"]["state"] for part in await shown(client, market)}
    assert states == {"stale"}
    await conn.execute(REPEAT, clock.now())
    await clock.sleep(1.1)
    assert not any(part["is_stale"] for part in await shown(client, market))


async def test_one_exchange_does_not_speak_for_another(client: Client, save: Save) -> None:
    market = make_market()
    await save(market, make_quote(market, as_of=NOW))
    await save(make_feed_state(feed="polymarket.ticks", state="stale"))

    page = (await client.get("/v1/markets")).json()

    assert [feed["exchange"] for feed in page["feeds"]] == ["polymarket"]
    assert page["markets"][0]["is_stale"] is False
    assert (await client.get(f"/v1/markets/{market.id}")).json()["feed"] is None


async def test_config_tells_how_prices_arrive(
    client: Client, save: Save, clock: VirtualClock
) -> None:
    assert (await client.get("/v1/config")).json()["exchanges"][0]["prices"] is None
    await save(make_feed_state(feed="kalshi.ticks"))
    await clock.sleep(1.1)

    live = (await client.get("/v1/config")).json()["exchanges"][0]["prices"]
    await clock.sleep(30)
    lost = (await client.get("/v1/config")).json()["exchanges"][0]["prices"]

    assert (live["state"], live["is_stale"]) == ("live", False)
    assert (lost["state"], lost["is_stale"], lost["since"]) == ("stale", True, live["as_of"])


@pytest.mark.parametrize(
    ("fields", "age", "state", "words"),
    [
        pytest.param({"state": "live"}, 1, "on", "live since", id="live"),
        pytest.param({"state": "polling"}, 1, "on", "no key: the socket needs one", id="polling"),
        pytest.param(
            {"state": "stale", "detail": {"reason": "no data for 8 s"}},
            61,
            "failing",
            "no data for 8 s",
            id="stale for over a minute",
        ),
        pytest.param({"state": "stale"}, 59, "on", "stale since", id="stale for less"),
        pytest.param({"state": "live"}, 61, "failing", "its writer is gone", id="dead leader"),
    ],
)
async def test_health_tells_how_prices_arrive(
    client: Client,
    save: Save,
    clock: VirtualClock,
    fields: dict[str, Any],
    age: int,
    state: str,
    words: str,
) -> None:
    await save(make_feed_state(feed="kalshi.ticks", **fields))
    await clock.sleep(age)

    health = (await client.get("/health/ready")).json()

    (check,) = [check for check in health["checks"] if check["name"] == "kalshi.ticks"]
    assert (check["state"], words in check["detail"]) == (state, True)
    assert health["ready"] is True, "old prices are shown as old, not withheld"
