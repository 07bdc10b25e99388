"""Recorded frames: what is played when, to whom, and what REST says of it."""

import asyncio
import gzip
import itertools
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.contract.sandbox.conftest import Serve, Talk
from tests.contract.sandbox.stream.conftest import Dial, Line, Online, tick
from tests.kalshi_socket import until

FILES = {
    "asyncapi_examples_2026-10.json": 45,
    "lifecycle_and_misc_real_frames.jsonl": 9,
    "mixed_ticker_orderbook_kxbtc15m_2026-05-11T1851.jsonl.gz": 58_033,
    "orderbook_stream_mlb_2026-08-07.json.gz": 269,
    "ticker_kxbtc15m_2026-05-11_12.jsonl.gz": 37_737,
}
TICKERS = "ticker_kxbtc15m_2026-05-11_12.jsonl.gz"


async def read_all(line: Line) -> list[dict[str, Any]]:
    """Read until everything was played and has arrived."""
    found: list[dict[str, Any]] = []
    while True:
        try:
            found.append(json.loads(await asyncio.wait_for(line.socket.recv(), 0.5)))
        except TimeoutError:
            assert line.stream.replay is not None
            if line.stream.replay.is_done:
                return found


async def position(talk: Talk) -> dict[str, Any]:
    state: dict[str, Any] = (await talk.client.get("/_stream/replay")).json()
    return state


@pytest.mark.parametrize("name", FILES)
async def test_every_recording_is_played_whole(
    online: Online, shared_data: Path, name: str
) -> None:
    line = await online(frames=(shared_data / "kalshi" / "ws" / name,), frames_speed=0.0)
    assert (await position(line.talk))["position"] == 0
    await line.subscribe("ticker")
    found = await read_all(line)
    state = await position(line.talk)
    assert (state["position"], state["sent"], state["missed"]) == (FILES[name], FILES[name], 0)
    assert len(found) == FILES[name]


async def test_the_order_of_a_market_is_kept_when_sessions_overlap(
    online: Online, shared_data: Path
) -> None:
    path = shared_data / "kalshi" / "ws" / TICKERS
    line = await online(frames=(path,), frames_by="replay_ms", frames_speed=0.0)
    await line.subscribe("ticker")
    found = await read_all(line)
    assert len(found) == FILES[TICKERS]
    newest: dict[str, tuple[int, Decimal]] = {}
    for message in found:
        msg = message["msg"]
        here = msg["ts_ms"], Decimal(msg["volume_fp"])
        assert newest.get(msg["market_ticker"], here) <= here
        newest[msg["market_ticker"]] = here
    names = [message["msg"]["market_ticker"] for message in found]
    switches = sum(a != b for a, b in itertools.pairwise(names))
    assert switches > 10_000  # sessions overlap
    with gzip.open(path) as rows:
        last = {(m := json.loads(row)["frame"]["msg"])["market_ticker"]: m for row in rows}
    assert {t: m["ts_ms"] for t, m in last.items()} == {t: ts for t, (ts, _) in newest.items()}


async def test_copies_have_their_own_names_and_the_same_event(online: Online, write: Any) -> None:
    rows = [{"recv_ms": n, "frame": tick("KXA-1-B", 60_000 + n, "0.5000", "9.00")} for n in (1, 2)]
    line = await online(frames=(write(rows),), frames_speed=0.0, frames_copies=3)
    await line.subscribe("ticker")
    found = await read_all(line)
    names = ["KXA-1-B", "KXA-1-BX1", "KXA-1-BX2"]
    assert [m["msg"]["market_ticker"] for m in found] == names * 2
    assert [m["msg"]["market_id"] for m in found[:3]] == [f"id-{name}" for name in names]
    assert {m["sid"] for m in found} == {1}
    events = await line.talk.walk("/events", "events", with_nested_markets="true", status="open")
    assert [event["event_ticker"] for event in events] == ["KXA-1"]
    assert [market["ticker"] for market in events[0]["markets"]] == names
    assert (await line.talk.json("/markets/KXA-1-BX2"))["market"]["status"] == "active"
    assert (await line.talk.json("/series"))["series"][0]["ticker"] == "KXA"
    assert (await line.talk.json("/markets/trades"))["trades"] == []


async def test_other_frames_are_sent_as_they_are(online: Online, write: Any) -> None:
    delta = {"type": "orderbook_delta", "sid": 9, "seq": 4, "msg": {"side": "yes"}}
    rows = [{"frame": delta}, {"frame": tick("KXA-1-B", 1, "", "0.00")}]
    line = await online(frames=(write(rows),), frames_speed=0.0, frames_copies=2)
    await line.subscribe("ticker")
    assert await line.next() == delta
    assert len(await line.take(2, "ticker")) == 2


async def test_what_falls_due_without_a_listener_is_missed(
    online: Online, dial: Dial, write: Any
) -> None:
    rows = [
        {"recv_ms": n * 100, "frame": tick("KXA-1-B", 60_000 + n, "0.5000", f"{n}.00")}
        for n in range(20)
    ]
    line = await online(frames=(write(rows),))
    await line.subscribe("ticker")
    await line.take(3, "ticker")
    await line.socket.close()
    await until(lambda: line.stream.replay is not None and line.stream.replay.missed >= 5)
    again = await dial(line.talk)
    await again.subscribe("ticker")
    first = await again.next("ticker")
    assert first["msg"]["ts_ms"] > 60_005
    await until(lambda: line.stream.replay is not None and line.stream.replay.is_done)
    state = await position(line.talk)
    assert state["sent"] + state["missed"] == state["position"] == 20


async def test_a_paused_replay_stands_still(online: Online, write: Any) -> None:
    rows = [
        {"recv_ms": n * 20, "frame": tick("KXA-1-B", 60_000 + n, "0.5000", "1.00")}
        for n in range(500)
    ]
    line = await online(frames=(write(rows),))
    await line.subscribe("ticker")
    await line.take(3, "ticker")
    stopped = (await line.talk.client.put("/_stream/replay", json={"paused": True})).json()
    await asyncio.sleep(0.2)
    assert (await position(line.talk))["position"] == stopped["position"] < 500
    going = {"paused": False, "speed": 100}
    assert (await line.talk.client.put("/_stream/replay", json=going)).json()["speed"] == 100
    await until(lambda: line.stream.replay is not None and line.stream.replay.is_done)


async def test_a_replay_by_control_route_takes_the_place_of_the_world(
    serve: Serve, dial: Dial, write: Any
) -> None:
    talk = await serve()
    path = write([{"frame": tick("KXA-1-B", 60_000, "0.5000", "1.00")}])
    worlds = await talk.json("/series")
    answer = await talk.client.put("/_stream/replay", json={"files": [str(path)], "speed": 0})
    assert answer.json()["total"] == 1
    assert [row["ticker"] for row in (await talk.json("/series"))["series"]] == ["KXA"]
    truth = (await talk.client.get("/_truth/kalshi/catalogue?kind=markets")).json()
    assert [row["ticker"] for row in truth["rows"]] == ["KXA-1-B"]
    line = await dial(talk)
    await line.subscribe("ticker")
    assert (await line.next("ticker"))["msg"]["market_ticker"] == "KXA-1-B"
    await talk.client.delete("/_stream/replay")
    assert await talk.json("/series") == worlds
    talk.sandbox.clock.change_speed(1)
    await line.put_flood(tickers_per_second=100)
    assert (await line.next("ticker"))["msg"]["market_ticker"] in talk.sandbox.world.markets


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param({}, "files is required", id="nothing"),
        pytest.param({"files": ["/nowhere.jsonl"]}, "No such file", id="no-file"),
        pytest.param({"files": []}, "no file to replay", id="no-files"),
        pytest.param({"files": "x"}, "list of paths", id="not-a-list"),
        pytest.param({"files": ["x"], "by": "luck"}, "recv_ms or replay_ms", id="by"),
        pytest.param({"files": ["x"], "copies": "many"}, "copies must be", id="copies"),
    ],
)
async def test_unusable_replays(serve: Serve, body: dict[str, Any], said: str) -> None:
    talk = await serve()
    answer = await talk.client.put("/_stream/replay", json=body)
    assert answer.status_code == 400
    assert said in answer.json()["detail"]
