"""Paging: complete, without repeats, bound to its filters, at an end that is an empty string."""

from datetime import UTC, datetime

import pytest

from sandbox.world.units import MINUTE
from tests.contract.sandbox.conftest import Talk, Talks


@pytest.mark.parametrize(
    ("path", "name", "limits"),
    [
        pytest.param("/markets", "markets", (7, 100, 1000), id="markets"),
        pytest.param("/events", "events", (3, 50, 200), id="events"),
        pytest.param("/historical/markets", "markets", (7, 1000), id="historical"),
    ],
)
async def test_any_page_size_gives_the_same_rows(
    talk: Talk, path: str, name: str, limits: tuple[int, ...]
) -> None:
    key = "event_ticker" if name == "events" else "ticker"
    walks = [[row[key] for row in await talk.walk(path, name, limit=limit)] for limit in limits]
    assert len(walks[0]) == len(set(walks[0])) > 10
    assert all(walk == walks[0] for walk in walks)


async def test_trades_page_through_the_whole_tape(talk: Talk) -> None:
    rows = await talk.walk("/markets", "markets", limit=1000, status="open")
    busy = next(row for row in rows if 200 < float(row["volume_fp"]) < 4000)
    trades = await talk.walk("/markets/trades", "trades", ticker=busy["ticker"], limit=37)
    assert len({trade["trade_id"] for trade in trades}) == len(trades) > 1
    total = sum(round(float(trade["count_fp"]) * 100) for trade in trades)
    assert total == round(float(busy["volume_fp"]) * 100)
    assert trades[0]["yes_price_dollars"] == busy["last_price_dollars"]
    times = [datetime.fromisoformat(trade["created_time"]) for trade in trades]
    assert times == sorted(times, reverse=True)


async def test_trades_of_all_markets_are_newest_first(talk: Talk) -> None:
    trades = (await talk.json("/markets/trades", limit=300))["trades"]
    times = [datetime.fromisoformat(trade["created_time"]) for trade in trades]
    assert times == sorted(times, reverse=True)
    assert len({trade["ticker"] for trade in trades}) > 5
    low = int(times[100].astimezone(UTC).timestamp())
    window = await talk.walk("/markets/trades", "trades", min_ts=low, limit=1000)
    assert [t["trade_id"] for t in window] == [
        t["trade_id"] for t, at in zip(trades, times, strict=True) if at.timestamp() > low
    ]
    assert (await talk.json("/markets/trades", is_block_trade="true"))["trades"] == []


async def test_a_cursor_belongs_to_its_filters(talk: Talk) -> None:
    cursor = (await talk.json("/markets", limit=5))["cursor"]
    assert (await talk.get("/markets", limit=9, cursor=cursor)).status_code == 200
    response = await talk.get("/markets", limit=5, cursor=cursor, status="open")
    assert response.status_code == 400
    assert "cursor" in response.json()["error"]["details"]
    assert (await talk.get("/historical/markets", limit=5, cursor=cursor)).status_code == 400


async def test_events_listed_during_a_walk_disturb_nothing(talks: Talks) -> None:
    talk = talks()
    whole = [row["ticker"] for row in await talk.walk("/markets", "markets", limit=1000)]
    seen: list[str] = []
    cursor = ""
    while True:
        body = await talk.json("/markets", limit=40, **({"cursor": cursor} if cursor else {}))
        seen += [row["ticker"] for row in body["markets"]]
        cursor = body["cursor"]
        if not cursor:
            break
        talk.sandbox.clock.advance(MINUTE)
    assert len(seen) == len(set(seen))
    assert set(whole) - set(seen) <= {row for row in whole if row not in seen}
    assert len(set(whole) - set(seen)) < 5  # became historical meanwhile


async def test_same_seed_and_clock_give_the_same_bytes(talks: Talks) -> None:
    one, two = talks(), talks()
    for path in ("/series", "/events?with_nested_markets=true", "/markets?limit=1000"):
        first, second = await one.get(path), await two.get(path)
        assert first.content == second.content
    other = talks(seed=8)
    assert (await other.get("/markets")).content != (await one.get("/markets")).content
