"""Who gets in, how it is kept alive, and how it is shown out."""

import asyncio
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from tests.contract.sandbox.conftest import Serve
from tests.contract.sandbox.stream.conftest import Dial, Online, signed, stream_of
from tests.kalshi_socket import until


@pytest.mark.parametrize("key_type", ["ed25519", "rsa"])
async def test_a_signed_handshake_is_accepted(serve: Serve, dial: Dial, key_type: str) -> None:
    talk = await serve()
    line = await dial(talk, headers=signed(talk.sandbox.keys.first(key_type)))
    assert (await line.ask("list_subscriptions"))["msg"] == []


@pytest.mark.parametrize(
    ("spoil", "status"),
    [
        pytest.param(lambda headers: {}, 401, id="unsigned"),
        pytest.param(lambda h: h | {"KALSHI-ACCESS-KEY": "nobody"}, 401, id="unknown-key"),
        pytest.param(lambda h: h | {"KALSHI-ACCESS-TIMESTAMP": "1"}, 401, id="old"),
        pytest.param(lambda h: h | {"KALSHI-ACCESS-SIGNATURE": "AAAA"}, 401, id="wrong"),
    ],
)
async def test_a_bad_signature_is_a_401(serve: Serve, dial: Dial, spoil: Any, status: int) -> None:
    talk = await serve()
    with pytest.raises(InvalidStatus) as caught:
        await dial(talk, headers=spoil(signed(talk.sandbox.keys.first("ed25519"))))
    assert caught.value.response.status_code == status
    assert (await talk.stats())["unauthorized"] == 1


async def test_a_signature_for_another_path_is_refused(serve: Serve, dial: Dial) -> None:
    talk = await serve()
    headers = signed(talk.sandbox.keys.first("ed25519"), path="/trade-api/v2/markets")
    with pytest.raises(InvalidStatus) as caught:
        await dial(talk, headers=headers)
    assert caught.value.response.status_code == 401


async def test_no_other_path_speaks_websocket(serve: Serve, dial: Dial) -> None:
    talk = await serve()
    with pytest.raises(InvalidStatus) as caught:
        await dial(talk, path="/trade-api/ws/v1")
    assert caught.value.response.status_code == 400


@pytest.mark.parametrize("status", [401, 403, 429, 500, 502, 503, 504])
async def test_handshakes_are_refused_on_demand(serve: Serve, dial: Dial, status: int) -> None:
    talk = await serve()
    await talk.put_faults(ws_refuse={"count": 1, "status": status, "retry_after": 7})
    with pytest.raises(InvalidStatus) as caught:
        await dial(talk)
    assert caught.value.response.status_code == status
    assert caught.value.response.headers["Retry-After"] == "7"
    await dial(talk)
    assert (await talk.stats())["faults"] == {"ws_refuse": 1}


async def test_a_redirect_names_a_place(serve: Serve, dial: Dial) -> None:
    talk = await serve()
    await talk.put_faults(ws_refuse={"count": 2, "status": 302})
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the library follows it to a 400
        await dial(talk)
    assert isinstance(caught.value, InvalidStatus)


async def test_a_slow_handshake_is_answered_late(serve: Serve, dial: Dial) -> None:
    talk = await serve()
    await talk.put_faults(ws_slow_handshake={"count": 1, "seconds": 0.3})
    began = asyncio.get_running_loop().time()
    line = await dial(talk)
    assert asyncio.get_running_loop().time() - began >= 0.3
    assert (await line.ask("list_subscriptions"))["type"] == "ok"


async def test_heartbeats_are_pings_with_a_body(online: Online) -> None:
    line = await online()
    assert line.stream.times.ping_s == 10
    line.stream.times.ping_s = 0.02
    await until(lambda: len(line.socket.pings) >= 5)
    assert set(line.socket.pings) == {b"heartbeat"}


async def test_who_does_not_answer_pings_is_closed(online: Online) -> None:
    line = await online()
    line.stream.times.ping_s = 0.02
    line.socket.transport.pause_reading()
    await until(lambda: not line.stream.sockets)
    line.socket.transport.resume_reading()
    assert await line.closed() == 1011


async def test_our_pings_are_answered(online: Online) -> None:
    line = await online()
    await asyncio.wait_for(await line.socket.ping(b"there?"), 5)


async def test_maintenance_closes_sockets_and_keeps_them_out(online: Online, dial: Dial) -> None:
    line = await online()
    await line.subscribe("ticker")
    await line.talk.put_faults(maintenance=True)
    assert await line.closed() == 1001
    with pytest.raises(InvalidStatus) as caught:
        await dial(line.talk)
    assert caught.value.response.status_code == 503
    status = await line.talk.get("/exchange/status")
    assert status.json()["exchange_active"] is False
    await line.talk.put_faults()
    await dial(line.talk)


async def test_the_server_says_goodbye_when_it_ends(online: Online) -> None:
    line = await online()
    for socket in list(stream_of(line.talk).sockets.values()):
        socket.shutdown()
    assert await line.closed() == 1001
