"""Messages of the world: their fields, their numbers, and that REST says the same."""

import asyncio
import itertools
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from sandbox.world.model import Status
from tests.contract.sandbox.stream.conftest import MINUTE, Dial, Online, advance, quiet
from tests.kalshi_socket import until

UPDATE = "update_subscription"
ALL = ("ticker", "trade", "market_lifecycle_v2", "multivariate_market_lifecycle")
HOUR_S = 3_600


@pytest.fixture
def examples(shared_data: Path) -> dict[str, list[Any]]:
    """The AsyncAPI document's own examples by message."""
    path = shared_data / "kalshi" / "ws" / "asyncapi_examples_2026-10.json"
    if not path.exists():
        pytest.skip("the AsyncAPI examples are not here")
    found: dict[str, list[Any]] = json.loads(path.read_bytes())
    return found


def keys_of(message: dict[str, Any]) -> tuple[frozenset[str], frozenset[str]]:
    msg = message.get("msg")
    return frozenset(message), frozenset(msg) if isinstance(msg, dict) else frozenset()


async def test_every_message_has_the_documents_fields(
    online: Online, examples: dict[str, list[Any]]
) -> None:
    line = await online(events=120)
    world = line.talk.sandbox.world
    tickers = [
        m.ticker
        for m in world.markets.values()
        if m.flow.sides == "both" and (s := world.state(m)) and s.status is Status.ACTIVE
    ][:20]
    await line.subscribe("ticker", market_tickers=tickers)
    await line.subscribe("trade", market_tickers=tickers)
    await line.subscribe("market_lifecycle_v2")
    await line.subscribe("multivariate_market_lifecycle")
    await line.subscribe("orderbook_delta", market_tickers=tickers[:3])
    await line.ask(UPDATE, sid=5, action="add_markets", market_tickers=tickers[:3])
    await line.ask("list_subscriptions")
    await line.ask("unsubscribe", sids=[99])
    await line.put_flood(tickers_per_second=50, lifecycle_per_second=50, seconds=0.2)
    for _ in range(24):
        await advance(line, HOUR_S)
        line.seen += await quiet(line, within_s=0.1)
    await line.ask("unsubscribe", sids=[1])
    known = [e["payload"] for cases in examples.values() for e in cases if e["payload"]]
    known = [payload for payload in known if isinstance(payload, dict) and "type" in payload]
    kinds: Counter[str] = Counter()
    for message in line.seen:
        kinds[message["type"]] += 1
        frame, msg = keys_of(message)
        shapes = [keys_of(payload) for payload in known if payload["type"] == message["type"]]
        fitting = [m for f, m in shapes if f == frame]
        assert fitting or message["type"] == "error", message
        if message["type"] in EXACT:
            assert msg in fitting, message
        elif msg:
            assert msg <= OPTIONAL[message["type"]] | frozenset().union(*fitting), message
    sys.stdout.write(f"\nkinds of messages compared: {dict(kinds)}\n")
    assert set(kinds) >= (EXACT | set(OPTIONAL)) - {"event_fee_update"}


EXACT = {"ticker", "trade", "orderbook_delta", "event_fee_update", "subscribed", "ok", "error"}
# fields the document has (kalshi-asyncapi.yaml) but no example shows
OPTIONAL: dict[str, frozenset[str]] = {
    "orderbook_snapshot": frozenset(),
    "market_lifecycle_v2": frozenset(
        {
            "is_deactivated",
            "determination_ts",
            "result",
            "settlement_value",
            "settled_ts",
            "close_ts",
            "custom_strike",
        }
    ),
    "multivariate_market_lifecycle": frozenset(
        {
            "is_deactivated",
            "determination_ts",
            "result",
            "settlement_value",
            "settled_ts",
            "close_ts",
        }
    ),
    "event_lifecycle": frozenset({"strike_date"}),
    "unsubscribed": frozenset(),
}


async def test_numbers_are_gapless_and_tickers_have_none(online: Online) -> None:
    line = await online(events=120)
    for channel in ALL:
        await line.subscribe(channel)
    for _ in range(6):
        await advance(line, HOUR_S)
        line.seen += await quiet(line, within_s=0.1)
    numbers: dict[int, list[int]] = {}
    for message in line.seen:
        if message["type"] == "ticker":
            assert "seq" not in message
        elif "seq" in message:
            numbers.setdefault(message["sid"], []).append(message["seq"])
    assert set(numbers) >= {2, 3}
    for found in numbers.values():
        assert found == list(range(1, len(found) + 1))


async def test_a_ticker_says_what_rest_says(online: Online) -> None:
    line = await online(speed=0.0)
    world = line.talk.sandbox.world
    tickers = [
        market.ticker
        for market in world.markets.values()
        if (state := world.state(market)) and world.is_live(state)
    ][:200]
    await line.subscribe("ticker", market_tickers=tickers, send_initial_snapshot=True)
    compared = 0
    for message in await line.take(len(tickers), "ticker"):
        msg = message["msg"]
        row = (await line.talk.json(f"/markets/{msg['market_ticker']}"))["market"]
        for field in ("yes_bid_dollars", "yes_ask_dollars", "volume_fp", "open_interest_fp"):
            assert msg[field] == row[field]
            compared += 1
        assert msg["price_dollars"] == row["last_price_dollars"]
        assert msg["yes_bid_size_fp"] == row["yes_bid_size_fp"]
        assert msg["ts"] == msg["ts_ms"] // 1_000
    sys.stdout.write(f"\nfields compared: {compared}\n")


@pytest.mark.parametrize("prices", ["seeded", "book"])
async def test_trades_are_those_of_rest(online: Online, prices: str) -> None:
    line = await online(events=40, prices=prices)
    await line.subscribe("trade")
    begin = line.talk.sandbox.clock.now_us() + 1_000_000
    await advance(line, 240)
    sent = [message["msg"] for message in await quiet(line, within_s=1)]
    end_ms = sent[-1]["ts_ms"]
    rows = await line.talk.walk(
        "/markets/trades", "trades", min_ts=begin // 1_000_000, max_ts=end_ms // 1_000, limit=1000
    )
    cutoff = end_ms // 1_000 * 1_000
    first = begin // 1_000_000 * 1_000
    sent_ids = {trade["trade_id"] for trade in sent if first < trade["ts_ms"] < cutoff}
    assert len(sent_ids) > 3
    assert sent_ids <= {row["trade_id"] for row in rows}
    by_id = {row["trade_id"]: row for row in rows}
    for trade in sent:
        if trade["trade_id"] in sent_ids:
            row = by_id[trade["trade_id"]]
            for field in ("yes_price_dollars", "no_price_dollars", "count_fp", "taker_book_side"):
                assert trade[field] == row[field]


def announced_of(market: Any, begin: int, end: int) -> list[str]:
    """Say what Kalshi announces of a market between two times, from its life alone."""
    words: list[str] = []
    life = market.life
    for number, at in enumerate(life.times):
        if not begin < at <= end or (market.removed_us or end + 1) <= at:
            continue
        state, before = life.states[number], life.states[number - 1] if number else None
        if before is None:
            words.append("created")
            continue
        if state.close_us != before.close_us:
            words.append("close_date_updated")
        steps = {
            ("active", "inactive"): "deactivated",
            ("inactive", "active"): "activated",
            ("closed", "active"): "activated",
            ("closed", "determined"): "determined",
            ("disputed", "amended"): "determined",
            ("determined", "finalized"): "settled",
            ("amended", "finalized"): "settled",
        }
        if (before.status, state.status) in steps:
            words.append(steps[(str(before.status), str(state.status))])
    return words


async def test_announcements_are_those_of_the_lives(online: Online) -> None:
    line = await online(events=120)
    world = line.talk.sandbox.world
    await line.subscribe("market_lifecycle_v2")
    known = dict(world.markets)
    begin = line.stream.feed.at_us
    for _ in range(10):
        await advance(line, 2 * HOUR_S)
        line.seen += await quiet(line, within_s=0.2)
        known |= world.markets
    heard: dict[str, list[str]] = {}
    for message in line.seen:
        if message["type"] == "market_lifecycle_v2":
            msg = message["msg"]
            heard.setdefault(msg["market_ticker"], []).append(msg["event_type"])
    end = line.stream.feed.at_us
    extra = {"metadata_updated", "price_level_structure_updated"}
    compared = 0
    for market in known.values():
        if market.event.collection is not None:
            continue
        words = [word for word in heard.get(market.ticker, []) if word not in extra]
        assert words == announced_of(market, begin, end), market.ticker
        compared += len(words)
    sys.stdout.write(f"\nannouncements compared: {compared}\n")
    assert compared > 100


async def test_tickers_keep_about_a_second_between_each_other(online: Online) -> None:
    line = await online(events=60)
    await line.subscribe("ticker")
    for _ in range(15):  # a minute of the world in a second and a half
        await advance(line, 4)
        await asyncio.sleep(0.1)
    times: dict[str, list[int]] = {}
    for message in await quiet(line):
        times.setdefault(message["msg"]["market_ticker"], []).append(message["sending_ts_ms"])
    assert times
    rows = (await line.talk.client.get("/_stream/sent?limit=50000")).json()["tickers"]
    spoken: dict[str, list[int]] = {}
    for _, at_us, ticker, *_ in rows:
        spoken.setdefault(ticker, []).append(at_us)
    gaps = [b - a for found in spoken.values() for a, b in itertools.pairwise(found)]
    assert min(gaps, default=1_000_000) > 900_000


async def test_two_clients_have_their_own_numbers(online: Online, dial: Dial) -> None:
    line = await online(events=60)
    await line.subscribe("ticker")
    await line.subscribe("trade")
    other = await dial(line.talk)
    assert await other.subscribe("trade") == 1
    await advance(line, MINUTE / 1_000_000)
    mine, theirs = await line.next("trade"), await other.next("trade")
    assert (mine["sid"], theirs["sid"]) == (2, 1)
    assert mine["seq"] == theirs["seq"] == 1
    assert mine["msg"] == theirs["msg"]


async def test_listing_new_trades_does_not_look_at_every_market(online: Online) -> None:
    line = await online(events=60)
    await line.subscribe("trade")
    begin = line.talk.sandbox.clock.now_us() // 1_000_000 + 1
    await advance(line, 90)
    await line.take(5, "trade")
    line.talk.sandbox.clock.change_speed(0)
    line.seen += await quiet(line)
    asked = {"min_ts": begin, "limit": 1_000}
    quick = await line.talk.walk("/markets/trades", "trades", **asked)
    await line.socket.close()
    await until(lambda: not line.stream.sockets)
    await asyncio.sleep(0.1)
    assert await line.talk.walk("/markets/trades", "trades", **asked) == quick
    assert len(quick) >= 5
