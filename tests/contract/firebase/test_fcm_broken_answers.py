"""Answers that say nothing: what may have been taken is unknown, what never left is tried again."""

import asyncio
import socket

import pytest
from aiohttp import web

from app.domain.push import PushMessage, PushResult
from app.services.firebase import FirebaseSender
from tests.contract.firebase.conftest import MakeSender
from tests.contract.firebase.scripted_google import (
    HTML,
    NAME,
    Handler,
    ScriptedGoogle,
    cut_off,
    drop,
    hang,
    no_http,
    redirect,
    send,
    send_bytes,
    stall,
)

MAYBE_TAKEN: list[object] = [
    pytest.param(send_bytes(HTML), id="200-html"),
    pytest.param(send_bytes(b""), id="200-empty"),
    pytest.param(send_bytes(b'{"name":"projects/alp'), id="200-truncated-json"),
    pytest.param(send({}), id="200-without-name"),
    pytest.param(send({"name": ""}), id="200-empty-name"),
    pytest.param(send({"name": 7}), id="200-name-is-a-number"),
    pytest.param(send([NAME]), id="200-list"),
    pytest.param(send({"name": NAME, "pad": "x" * 200_000}), id="200-oversized"),
    pytest.param(send_bytes(b"", 204), id="204"),
    pytest.param(cut_off(), id="200-fewer-bytes-than-promised"),
    pytest.param(cut_off(502), id="502-cut-off"),
    pytest.param(stall(), id="200-stalls"),
    pytest.param(hang, id="hang"),
    pytest.param(drop, id="reset"),
    pytest.param(no_http, id="no-http"),
]


@pytest.mark.parametrize("answer", MAYBE_TAKEN)
async def test_what_may_have_been_taken_is_unknown(
    google: ScriptedGoogle, make_sender: MakeSender, push: PushMessage, answer: Handler
) -> None:
    sender = make_sender(fcm_timeout_s=0.3)
    google.on_push.insert(0, answer)
    outcome = await sender.send(push)
    assert outcome.result is PushResult.UNKNOWN
    assert outcome.error
    assert (await sender.send(push)).result is PushResult.ACCEPTED
    assert len(google.pushes) == 2


DEFINITELY_NOT: list[object] = [
    pytest.param(cut_off(503), id="503-cut-off"),
    pytest.param(cut_off(404), id="404-cut-off"),
    pytest.param(stall(500), id="500-stalls"),
    pytest.param(send_bytes(b"x" * 200_000, 503), id="503-oversized"),
]


@pytest.mark.parametrize("answer", DEFINITELY_NOT)
async def test_a_status_that_says_no_counts_without_its_body(
    google: ScriptedGoogle, make_sender: MakeSender, push: PushMessage, answer: Handler
) -> None:
    google.on_push.insert(0, answer)
    outcome = await make_sender(fcm_timeout_s=0.3).send(push)
    assert outcome.result is PushResult.RETRY


async def test_a_redirect_is_not_followed(
    google: ScriptedGoogle, sender: FirebaseSender, push: PushMessage
) -> None:
    google.on_push = [redirect]
    outcome = await sender.send(push)
    assert (outcome.result, outcome.error, outcome.is_alarming) == (
        PushResult.PAUSED,
        "HTTP_302",
        True,
    )
    assert len(google.pushes) == 1


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_what_never_left_is_tried_again(
    google: ScriptedGoogle, make_sender: MakeSender, push: PushMessage
) -> None:
    nowhere = {
        "refused": f"http://127.0.0.1:{free_port()}",
        "dns": "http://fcm.invalid",
        "tls": google.base_url.replace("http:", "https:"),
    }
    found = {}
    for name, base_url in nowhere.items():
        outcome = await make_sender(fcm_base_url=base_url).send(push)
        found[name] = outcome.result
        assert "invalid" not in str(outcome)
    assert found == dict.fromkeys(nowhere, PushResult.RETRY)
    assert not google.pushes


async def test_a_push_that_waits_for_a_connection_never_left(
    google: ScriptedGoogle, make_sender: MakeSender, push: PushMessage
) -> None:
    sender = make_sender(fcm_connections=1, fcm_connect_timeout_s=0.2)
    google.on_push = [hang]
    first, second = await asyncio.gather(sender.send(push), sender.send(push))
    assert {first.result, second.result} == {PushResult.UNKNOWN, PushResult.RETRY}
    assert len(google.pushes) == 1


async def close_soon(request: web.Request) -> web.StreamResponse:
    """Answer, and close the idle connection a moment later."""
    assert request.transport is not None
    asyncio.get_running_loop().call_later(0.02, request.transport.close)
    return web.json_response({"name": NAME})


async def test_a_connection_closed_while_idle_costs_nothing(
    google: ScriptedGoogle, sender: FirebaseSender, push: PushMessage
) -> None:
    google.on_push = [close_soon]
    for _ in range(3):
        assert (await sender.send(push)).result is PushResult.ACCEPTED
        await asyncio.sleep(0.1)


async def test_one_hanging_push_holds_nobody_up(
    google: ScriptedGoogle, make_sender: MakeSender, push: PushMessage
) -> None:
    sender = make_sender(fcm_timeout_s=5)
    await sender.send(push)
    google.on_push.insert(0, hang)
    hanging = asyncio.create_task(sender.send(push))
    async with asyncio.timeout(2):
        others = await asyncio.gather(*(sender.send(push) for _ in range(40)))
    assert [each.result for each in others].count(PushResult.ACCEPTED) >= 39
    hanging.cancel()
    await asyncio.wait({hanging})
    assert (await sender.send(push)).result is PushResult.ACCEPTED


async def test_after_closing_a_sender_opens_anew(sender: FirebaseSender, push: PushMessage) -> None:
    assert (await sender.send(push)).result is PushResult.ACCEPTED
    await sender.close()
    await sender.close()
    assert (await sender.send(push)).result is PushResult.ACCEPTED


async def test_a_proxy_of_the_environment_is_not_used(
    monkeypatch: pytest.MonkeyPatch, sender: FirebaseSender, push: PushMessage
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    assert (await sender.send(push)).result is PushResult.ACCEPTED
