"""Every fault of the socket: what arrives, and that it is counted."""

import asyncio
import contextlib
import json
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import Opcode

from tests.contract.sandbox.stream.conftest import Dial, Line, Online
from tests.kalshi_socket import until

RATE = 200.0


async def flooded(online: Online, channel: str = "market_lifecycle_v2", **knobs: Any) -> Line:
    """Return a line with one subscription and true states on it, faults switched on."""
    line: Line = await online()
    await line.subscribe(channel)
    await line.talk.put_faults(**knobs)
    await line.put_flood(tickers_per_second=RATE, lifecycle_per_second=RATE)
    return line


async def faults_of(line: Line) -> dict[str, int]:
    counted: dict[str, int] = (await line.talk.stats())["faults"]
    return counted


async def fall_silent(line: Line) -> None:
    """Read what is on its way until nothing more comes."""
    with contextlib.suppress(TimeoutError):
        for _ in range(10_000):
            await asyncio.wait_for(line.socket.recv(), 0.3)
        raise AssertionError("it goes on and on")


def seqs(messages: list[dict[str, Any]]) -> list[int]:
    return [message["seq"] for message in messages]


async def sent_rows(line: Line, kind: str) -> list[list[Any]]:
    answer = await line.talk.client.get("/_stream/sent", params={"limit": 50_000})
    rows: list[list[Any]] = answer.json()[kind]
    return rows


async def test_a_gap_consumes_its_number(online: Online) -> None:
    line = await flooded(online, ws_gap={"count": 1})
    assert seqs(await line.take(5)) == [2, 3, 4, 5, 6]
    assert (await faults_of(line))["ws_gap"] == 1
    assert (await sent_rows(line, "lifecycle"))[0][-1] == "ws_gap"


async def test_tickers_are_lost_only_when_named(online: Online) -> None:
    line = await flooded(online, "ticker", ws_gap={"count": 1})
    await line.take(10)
    assert "ws_gap" not in await faults_of(line)
    await line.talk.put_faults(ws_gap={"count": 3, "route": "ticker"})
    await line.take(20)
    assert (await faults_of(line))["ws_gap"] == 3
    lost = [row for row in await sent_rows(line, "tickers") if row[-1] == "ws_gap"]
    tickers = [m["msg"] for m in line.seen if m["type"] == "ticker"]
    heard = {(msg["market_ticker"], msg["ts_ms"]) for msg in tickers}
    assert len(lost) == 3
    assert not {(row[2], row[3]) for row in lost} & heard


async def test_a_repeat_comes_twice(online: Online) -> None:
    line = await flooded(online, ws_repeat={"count": 1})
    assert seqs(await line.take(4)) == [1, 1, 2, 3]


async def test_neighbours_change_places(online: Online) -> None:
    line = await flooded(online, ws_reorder={"count": 1})
    assert seqs(await line.take(4)) == [2, 1, 3, 4]


async def test_a_held_message_does_not_wait_for_ever(online: Online) -> None:
    line = await flooded(online, ws_reorder={"count": 1})
    await line.put_flood(lifecycle_per_second=2, seconds=0.7)  # one message
    assert (await line.next())["type"] == "market_lifecycle_v2"


def subs_of(line: Line) -> list[Any]:
    return [s for socket in line.stream.sockets.values() for s in socket.subscriptions.values()]


async def test_fragments_are_one_message(online: Online) -> None:
    line = await flooded(online, "ticker", ws_fragments=True)
    await line.take(3)
    assert Opcode.CONT in line.socket.opcodes


async def test_an_unknown_type(online: Online) -> None:
    line = await flooded(online, ws_unknown_type={"count": 1})
    first, second = await line.take(2)
    assert first["type"] == "market_lifecycle_v2_v9"
    assert seqs([first, second]) == [1, 2]


async def test_half_a_message(online: Online) -> None:
    line = await flooded(online, ws_half_json={"count": 1})
    with pytest.raises(json.JSONDecodeError):
        json.loads(await line.raw())
    assert (await line.next())["seq"] == 2


async def test_a_binary_message(online: Online) -> None:
    line = await flooded(online, ws_binary={"count": 1})
    await line.take(2)
    assert Opcode.BINARY in line.socket.opcodes


async def test_bad_utf8(online: Online) -> None:
    line = await flooded(online, ws_bad_utf8={"count": 1})
    with pytest.raises(UnicodeDecodeError):
        bytes(await line.raw()).decode()  # type: ignore[arg-type]
    assert (await line.next())["seq"] == 2


async def test_oversize(online: Online) -> None:
    line = await flooded(online, ws_oversize={"count": 1})
    assert len(await line.raw()) > 4 * 1024 * 1024


@pytest.mark.parametrize(
    ("kind", "token"),
    [
        pytest.param("negative", b'"price_dollars":"-0.0500"', id="negative"),
        pytest.param("above_one", b'"price_dollars":"1.7000"', id="above-one"),
        pytest.param("nan", b'"price_dollars":"NaN"', id="nan"),
        pytest.param("bare_nan", b'"price_dollars":NaN', id="bare-nan"),
        pytest.param("huge_exponent", b'"price_dollars":1e400', id="huge-exponent"),
        pytest.param("huge_volume", b'"volume_fp":"9999999999', id="huge-volume"),
    ],
)
async def test_absurd_figures(online: Online, kind: str, token: bytes) -> None:
    knob = {"count": 1, "kinds": [kind]}
    line = await flooded(online, "ticker", ws_absurd_prices=knob)
    assert token in bytes(await line.raw())  # type: ignore[arg-type]
    assert token not in bytes(await line.raw())  # type: ignore[arg-type]
    assert (await faults_of(line))["ws_absurd_prices"] == 1


async def test_a_time_far_ahead(online: Online) -> None:
    knob = {"count": 1, "kinds": ["far_future"]}
    line = await flooded(online, "ticker", ws_absurd_prices=knob)
    first, second = await line.take(2)
    assert first["msg"]["ts_ms"] - second["msg"]["ts_ms"] > 9 * 365 * 86_400_000


@pytest.mark.parametrize("code", [10, 25])
async def test_terminal_codes_end_a_subscription(online: Online, code: int) -> None:
    line = await flooded(online)
    before = await line.next()
    await line.talk.put_faults(**{f"ws_code{code}": {"count": 1}})
    error = await line.next("error")
    assert (error["sid"], error["msg"]["code"]) == (1, code)
    assert error["seq"] > before["seq"]
    assert (await line.ask("list_subscriptions"))["msg"] == []
    assert await line.subscribe("market_lifecycle_v2") == 2
    assert (await line.next())["seq"] == 1


async def test_terminal_codes_of_one_channel(online: Online) -> None:
    line = await flooded(online)
    await line.subscribe("ticker")
    await line.talk.put_faults(ws_code25={"count": 1, "route": "ticker"})
    assert (await line.next("error"))["sid"] == 2
    assert [row["sid"] for row in (await line.ask("list_subscriptions"))["msg"]] == [1]


async def test_who_does_not_read_gets_code_25(online: Online) -> None:
    line = await flooded(online, "ticker")
    line.socket.transport.pause_reading()
    await line.put_flood(tickers_per_second=30_000)
    await until(lambda: not subs_of(line), within_s=20)
    line.socket.transport.resume_reading()
    error = await line.next("error")
    assert (error["sid"], error["msg"]["code"]) == (1, 25)


async def test_a_goodbye(online: Online) -> None:
    line = await flooded(online, ws_disconnect={"count": 1})
    assert await line.closed() == 1001


async def test_a_cut(online: Online) -> None:
    line = await flooded(online, ws_cut={"count": 1})
    assert await line.closed() == 1006


async def test_every_connection_is_cut_at_an_age(online: Online, dial: Dial) -> None:
    line = await flooded(online, ws_cut={"count": 3, "seconds": 0.2})
    assert await line.closed() == 1006
    for _ in range(2):
        again = await dial(line.talk)
        await again.subscribe("ticker")
        await again.next("ticker")
        assert await again.closed() == 1006
    assert (await faults_of(line))["ws_cut"] == 3


async def test_a_black_hole_neither_sends_nor_answers(online: Online, dial: Dial) -> None:
    line = await flooded(online)
    await line.talk.put_faults(ws_black_hole={"count": 1})
    await until(lambda: any(socket.is_muted for socket in line.stream.sockets.values()))
    await fall_silent(line)
    line.stream.times.ping_s = 0.02
    pong = await line.socket.ping()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(pong, 0.3)
    assert not line.socket.pings
    again = await dial(line.talk)
    await again.subscribe("market_lifecycle_v2")
    assert (await again.next())["seq"] == 1


@pytest.mark.parametrize("is_open", [True, False])
async def test_a_stall_is_silent_but_alive(online: Online, is_open: bool) -> None:
    line = await flooded(online, "ticker")
    await line.subscribe("trade")
    await line.talk.put_faults(**{"ws_stall_open" if is_open else "ws_stall_closed": True})
    await asyncio.sleep(0.1)
    line.stream.times.ping_s = 0.05
    await fall_silent(line)
    assert line.socket.pings
    assert (await line.talk.json("/exchange/status"))["trading_active"] is is_open
    begin = line.talk.sandbox.clock.now_us() // 1_000_000 + 1  # not the second it began in
    line.talk.sandbox.clock.advance(300_000_000)
    await asyncio.sleep(0.2)  # some rounds, so that the stream has followed
    trades = await line.talk.json("/markets/trades", min_ts=begin, limit=10)
    assert bool(trades["trades"]) is is_open
    await line.talk.put_faults()
    assert (await line.next("ticker"))["type"] == "ticker"


async def test_the_end_of_a_connection_leaves_nothing_behind(online: Online) -> None:
    line = await flooded(online)
    await line.socket.close()
    await until(lambda: not line.stream.sockets)
    assert not line.stream.publisher.has_followers()
    with pytest.raises(ConnectionClosed):
        await line.socket.recv()
