"""Every command, reply and error code."""

import json
from typing import Any

import pytest

from tests.contract.sandbox.stream.conftest import Line, Online

SUBSCRIBE, UPDATE = "subscribe", "update_subscription"
A, B = "KX-26-A", "KX-26-B"
MANY = [f"KX-26-{number}" for number in range(10_001)]

# command as sent (sid 1 is ticker, 2 orderbook, 3 lifecycle, 4 and 5 index channels), code
REFUSED = [
    pytest.param("not json", 1, id="1-not-json"),
    pytest.param("[1]", 1, id="1-not-an-object"),
    pytest.param({"cmd": SUBSCRIBE}, 2, id="2-no-params"),
    pytest.param({"cmd": SUBSCRIBE, "params": {}}, 3, id="3-no-channels"),
    pytest.param({"cmd": SUBSCRIBE, "params": {"channels": []}}, 3, id="3-empty-channels"),
    pytest.param({"cmd": "unsubscribe", "params": {}}, 4, id="4-no-sids"),
    pytest.param({"cmd": "dance", "params": {}}, 5, id="5-unknown-command"),
    pytest.param({"params": {}}, 5, id="5-no-command"),
    pytest.param({"cmd": "unsubscribe", "params": {"sids": [99]}}, 7, id="7-unknown-sid"),
    pytest.param({"cmd": UPDATE, "params": {"sid": 99, "action": "x"}}, 7, id="7-update"),
    pytest.param({"cmd": SUBSCRIBE, "params": {"channels": ["ticker_v2"]}}, 8, id="8-channel"),
    pytest.param({"cmd": SUBSCRIBE, "id": "one", "params": {}}, 11, id="11-id"),
    pytest.param(
        {
            "cmd": SUBSCRIBE,
            "params": {"channels": ["ticker"], "market_ticker": A, "market_tickers": [B]},
        },
        11,
        id="11-both-market-fields",
    ),
    pytest.param(
        {"cmd": SUBSCRIBE, "params": {"channels": ["trade"], "market_ids": ["x"]}},
        11,
        id="11-ids-are-for-tickers-only",
    ),
    pytest.param({"cmd": UPDATE, "params": {"action": "add_markets"}}, 12, id="12-no-sid"),
    pytest.param({"cmd": UPDATE, "params": {"sids": [1, 2]}}, 12, id="12-two-sids"),
    pytest.param({"cmd": UPDATE, "params": {"sid": 1, "action": "x"}}, 13, id="13-action"),
    pytest.param(
        {"cmd": UPDATE, "params": {"sid": 3, "action": "add_markets", "market_ticker": A}},
        13,
        id="13-lifecycle-takes-no-markets",
    ),
    pytest.param({"cmd": SUBSCRIBE, "params": {"channels": ["orderbook_delta"]}}, 14, id="14"),
    pytest.param({"cmd": UPDATE, "params": {"sid": 2, "action": "get_snapshot"}}, 14, id="14-up"),
    pytest.param({"cmd": UPDATE, "params": {"sid": 1}}, 15, id="15-no-action"),
    pytest.param(
        {"cmd": SUBSCRIBE, "params": {"channels": ["communications"], "shard_factor": 0}},
        19,
        id="19-shards",
    ),
    pytest.param(
        {"cmd": SUBSCRIBE, "params": {"channels": ["communications"], "shard_key": 0}},
        20,
        id="20-shards",
    ),
    pytest.param(
        {
            "cmd": SUBSCRIBE,
            "params": {"channels": ["communications"], "shard_key": 3, "shard_factor": 3},
        },
        21,
        id="21-shards",
    ),
    pytest.param(
        {"cmd": SUBSCRIBE, "params": {"channels": ["communications"], "shard_factor": 101}},
        22,
        id="22-shards",
    ),
    pytest.param(
        {"cmd": UPDATE, "params": {"sid": 4, "action": "subscribe_indices"}}, 24, id="24-indices"
    ),
    pytest.param(
        {"cmd": SUBSCRIBE, "params": {"channels": ["ticker"], "market_tickers": MANY}},
        26,
        id="26-too-many-markets",
    ),
    pytest.param(
        {"cmd": UPDATE, "params": {"sid": 5, "action": "subscribe_underlyings"}},
        28,
        id="28-underlyings",
    ),
]


async def with_subscriptions(line: Line) -> None:
    await line.subscribe("ticker", market_ticker=A)
    await line.subscribe("orderbook_delta", market_ticker=A)
    await line.subscribe("market_lifecycle_v2")
    await line.subscribe("cfbenchmarks_value")
    await line.subscribe("pyth_value")


async def test_documented_errors(online: Online) -> None:
    line = await online(speed=0.0)
    await with_subscriptions(line)
    for case in REFUSED:
        sent: Any
        sent, code = case.values
        command = sent if isinstance(sent, str) else json.dumps({"id": 900, **sent})
        await line.socket.send(command)
        reply = await line.next()
        assert reply["type"] == "error", case.id
        assert reply["msg"]["code"] == code, case.id
        has_id = isinstance(sent, dict) and isinstance(sent.get("id", 0), int)
        assert reply.get("id") == (900 if has_id else None), case.id
    counted = (await line.talk.stats())["requests"]
    assert counted["WS error 1"] == 2


async def test_a_binary_command_is_refused(online: Online) -> None:
    line = await online(speed=0.0)
    await line.socket.send(b'{"id":1,"cmd":"list_subscriptions"}')
    assert (await line.next())["msg"]["code"] == 1


async def test_too_many_commands_for_one_subscription(online: Online) -> None:
    line = await online(speed=0.0)
    sid = await line.subscribe("ticker", market_ticker=A)
    for _ in range(1_001):
        await line.command(UPDATE, sid=sid, action="add_markets", market_ticker=B)
    *_, last = await line.take(1_001, "ok", "error")
    assert last["msg"]["code"] == 27


@pytest.mark.parametrize("code", [9, 18, 23, 27])
async def test_any_code_on_demand(online: Online, code: int) -> None:
    line = await online(speed=0.0)
    await line.talk.put_faults(ws_error={"count": 1, "code": code, "route": SUBSCRIBE})
    assert (await line.ask("list_subscriptions"))["type"] == "ok"
    reply = await line.ask(SUBSCRIBE, channels=["ticker"])
    assert (reply["type"], reply["msg"]["code"]) == ("error", code)
    await line.subscribe("ticker")


async def test_one_reply_per_channel_with_sids_of_the_connection(online: Online) -> None:
    line = await online(speed=0.0)
    await line.command(SUBSCRIBE, channels=["ticker", "trade", "fill"])
    replies = await line.take(3)
    assert [(r["id"], r["msg"]) for r in replies] == [
        (1, {"channel": "ticker", "sid": 1}),
        (1, {"channel": "trade", "sid": 2}),
        (1, {"channel": "fill", "sid": 3}),
    ]
    assert (await line.ask("list_subscriptions"))["msg"] == [r["msg"] for r in replies]


@pytest.mark.parametrize(
    "channel",
    ["fill", "user_orders", "market_positions", "order_group_updates", "communications"],
)
async def test_private_channels_are_silent_for_a_key_without_positions(
    online: Online, channel: str
) -> None:
    line = await online(speed=0.0)
    assert await line.subscribe(channel) == 1


async def test_markets_are_added_and_removed(online: Online) -> None:
    line = await online(speed=0.0)
    sid = await line.subscribe("trade", market_ticker=A)
    added = await line.ask(UPDATE, sids=[sid], action="add_markets", market_tickers=[B, A])
    assert (added["sid"], added["seq"], added["msg"]) == (sid, 1, {"market_tickers": [A, B]})
    removed = await line.ask(UPDATE, sid=sid, action="delete_markets", market_ticker=A)
    assert (removed["seq"], removed["msg"]) == (2, {"market_tickers": [B]})
    ended = await line.ask("unsubscribe", sids=[sid])
    assert (ended["type"], ended["sid"], ended["seq"]) == ("unsubscribed", sid, 3)
    assert (await line.ask("list_subscriptions"))["msg"] == []


async def test_short_acknowledgements(online: Online) -> None:
    line = await online(speed=0.0)
    sid = await line.subscribe("ticker", market_ticker=A, skip_ticker_ack=True)
    reply = await line.ask(UPDATE, sid=sid, action="add_markets", market_ticker=B)
    assert reply["msg"] == {}


async def test_tickers_by_market_id(online: Online) -> None:
    line = await online(speed=0.0)
    ticker = next(iter(line.talk.sandbox.world.markets))
    await line.subscribe("ticker", market_ticker=ticker, send_initial_snapshot=True)
    market_id = (await line.next("ticker"))["msg"]["market_id"]
    sid = await line.subscribe("ticker", market_ids=[market_id], send_initial_snapshot=True)
    again = await line.next("ticker")
    assert (again["sid"], again["msg"]["market_ticker"]) == (sid, ticker)
    reply = await line.ask(UPDATE, sid=sid, action="add_markets", market_ids=[market_id])
    assert reply["msg"] == {"market_tickers": [ticker], "market_ids": [market_id]}


async def test_no_id_and_zero_are_the_same(online: Online) -> None:
    line = await online(speed=0.0)
    for command in ({"cmd": "list_subscriptions"}, {"id": 0, "cmd": "list_subscriptions"}):
        await line.socket.send(json.dumps(command))
        assert "id" not in await line.next()


async def test_indexes_and_underlyings(online: Online) -> None:
    line = await online(speed=0.0)
    index = await line.subscribe("cfbenchmarks_value", index_ids=["BRTI"])
    listed = await line.ask(UPDATE, sid=index, action="indexlist")
    assert (listed["type"], listed["seq"]) == ("cfbenchmarks_value_indexlist", 1)
    added = await line.ask(UPDATE, sid=index, action="subscribe_indices", index_ids=["all"])
    assert added["msg"] == {"index_ids": ["all"]}
    pyth = await line.subscribe("pyth_value")
    gone = await line.ask(
        UPDATE, sid=pyth, action="unsubscribe_underlyings", underlying_tickers=["Metal.XAU/USD"]
    )
    assert gone["msg"] == {"underlying_tickers": []}
