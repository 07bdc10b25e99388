"""The access token: asked for once, renewed ahead of time, and what its absence means."""

import asyncio
from datetime import timedelta
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from app.core.clock import VirtualClock
from app.domain.push import PushMessage, PushResult
from app.services.firebase import FirebaseSender
from tests.contract.firebase.conftest import MakePush, MakeSender
from tests.contract.firebase.scripted_google import (
    HTML,
    PROJECT,
    Handler,
    ScriptedGoogle,
    cut_off,
    drop,
    google_error,
    grant,
    hang,
    send,
    send_bytes,
)

REFUSED = google_error(401, "UNAUTHENTICATED")
INVALID_GRANT = send({"error": "invalid_grant", "error_description": "Invalid JWT."}, 400)


def bearers(google: ScriptedGoogle) -> list[str]:
    return [push.headers["Authorization"].removeprefix("Bearer ") for push in google.pushes]


async def test_the_assertion_is_what_google_wants(
    google: ScriptedGoogle,
    sender: FirebaseSender,
    push: PushMessage,
    private_key: rsa.RSAPrivateKey,
) -> None:
    await sender.send(push)
    form = parse_qs(google.grants[0].body.decode())
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    assertion = form["assertion"][0]
    claims = jwt.decode(
        assertion, private_key.public_key(), ["RS256"], audience=f"{google.base_url}/token"
    )
    assert claims["iss"] == f"push@{PROJECT}.iam.gserviceaccount.invalid"
    assert claims["scope"] == "https://www.googleapis.com/auth/firebase.messaging"
    assert claims["exp"] - claims["iat"] == 3600
    assert jwt.get_unverified_header(assertion)["kid"] == "key-1"


async def test_many_pushes_ask_for_one_token(
    google: ScriptedGoogle, sender: FirebaseSender, push: PushMessage
) -> None:
    outcomes = await asyncio.gather(*(sender.send(push) for _ in range(50)))
    assert {outcome.result for outcome in outcomes} == {PushResult.ACCEPTED}
    assert len(google.grants) == 1
    assert set(bearers(google)) == {"ya29.canary-token"}


async def test_a_token_is_renewed_while_the_old_one_serves(
    google: ScriptedGoogle, sender: FirebaseSender, make_push: MakePush, clock: VirtualClock
) -> None:
    push = make_push(expires_at=clock.now() + timedelta(hours=2))
    google.on_grant = [grant("first", lives_s=3600), hang]
    await sender.send(push)
    clock.advance(timedelta(minutes=47))
    assert (await sender.send(push)).result is PushResult.ACCEPTED
    assert len(google.grants) == 1
    clock.advance(timedelta(minutes=2))
    async with asyncio.timeout(0.5):
        assert (await sender.send(push)).result is PushResult.ACCEPTED
    await google.was_asked_for_tokens(2)
    assert bearers(google) == ["first"] * 3


async def test_a_token_about_to_end_is_replaced_before_sending(
    google: ScriptedGoogle, sender: FirebaseSender, push: PushMessage, clock: VirtualClock
) -> None:
    google.on_grant = [grant("first", lives_s=60), grant("second")]
    await sender.send(push)
    clock.advance(timedelta(seconds=58))
    assert (await sender.send(push)).result is PushResult.ACCEPTED
    assert bearers(google) == ["first", "second"]


async def test_a_refused_token_is_renewed_once_for_all(
    google: ScriptedGoogle, sender: FirebaseSender, push: PushMessage
) -> None:
    google.on_grant = [grant("first"), grant("second")]
    google.on_push = [REFUSED] * 5 + google.on_push
    outcomes = await asyncio.gather(*(sender.send(push) for _ in range(5)))
    assert [(each.result, each.is_alarming) for each in outcomes] == [(PushResult.RETRY, False)] * 5
    assert (await sender.send(push)).result is PushResult.ACCEPTED
    assert bearers(google)[-1] == "second"
    assert len(google.grants) == 2


async def test_tokens_refused_in_a_row_pause_everybody_and_alarm(
    google: ScriptedGoogle, sender: FirebaseSender, push: PushMessage
) -> None:
    google.on_push = [REFUSED]
    first, second, third = [await sender.send(push) for _ in range(3)]
    assert first.result is PushResult.RETRY
    for outcome in (second, third):
        assert (outcome.result, outcome.error) == (PushResult.PAUSED, "UNAUTHENTICATED")
        assert outcome.is_alarming
        assert outcome.retry_after_s is not None
    assert (len(google.grants), len(google.pushes)) == (2, 2)


DOWN: list[object] = [
    pytest.param(send_bytes(b"", 500), "ACCESS_UNAVAILABLE", False, id="500"),
    pytest.param(send_bytes(HTML, 502), "ACCESS_UNAVAILABLE", False, id="502-html"),
    pytest.param(send_bytes(HTML), "ACCESS_UNAVAILABLE", False, id="200-html"),
    pytest.param(send_bytes(HTML, 403), "ACCESS_UNAVAILABLE", False, id="403-of-a-proxy"),
    pytest.param(send({}), "ACCESS_UNAVAILABLE", False, id="200-without-token"),
    pytest.param(
        send({"access_token": "a\r\nHost: b", "expires_in": 3599}),
        "ACCESS_UNAVAILABLE",
        False,
        id="200-token-with-line-ends",
    ),
    pytest.param(
        send({"access_token": "a", "expires_in": 0}), "ACCESS_UNAVAILABLE", False, id="200-no-life"
    ),
    pytest.param(cut_off(), "ACCESS_UNAVAILABLE", False, id="cut-off"),
    pytest.param(drop, "ACCESS_UNAVAILABLE", False, id="reset"),
    pytest.param(hang, "ACCESS_UNAVAILABLE", False, id="hang"),
    pytest.param(INVALID_GRANT, "ACCESS_REFUSED", True, id="invalid-grant"),
    pytest.param(send({"error": "unauthorized_client"}, 401), "ACCESS_REFUSED", True, id="401"),
]


@pytest.mark.parametrize(("answer", "word", "is_alarming"), DOWN)
async def test_without_a_token_everybody_waits(
    google: ScriptedGoogle,
    make_sender: MakeSender,
    push: PushMessage,
    clock: VirtualClock,
    answer: Handler,
    word: str,
    is_alarming: bool,
) -> None:
    sender = make_sender(fcm_timeout_s=0.3)
    google.on_grant = [answer, grant()]
    outcomes = await asyncio.gather(*(sender.send(push) for _ in range(3)))
    for outcome in outcomes:
        assert (outcome.result, outcome.error) == (PushResult.PAUSED, word)
        assert outcome.is_alarming is is_alarming
        assert outcome.retry_after_s is not None
        assert 0 < outcome.retry_after_s <= 1
    assert not google.pushes
    assert (await sender.send(push)).result is PushResult.PAUSED  # not asked again at once
    assert len(google.grants) == 1
    clock.advance(timedelta(seconds=1))
    assert (await sender.send(push)).result is PushResult.ACCEPTED


async def test_the_waits_for_a_token_grow_to_half_a_minute(
    google: ScriptedGoogle, sender: FirebaseSender, make_push: MakePush, clock: VirtualClock
) -> None:
    push = make_push(expires_at=clock.now() + timedelta(hours=1))
    google.on_grant = [send_bytes(b"", 500)]
    waits_s = []
    for _ in range(7):
        wait_s = (await sender.send(push)).retry_after_s
        assert wait_s is not None
        waits_s.append(round(wait_s))
        clock.advance(timedelta(seconds=wait_s))
    assert waits_s == [1, 2, 4, 8, 16, 30, 30]
    assert len(google.grants) == 7


async def test_the_token_endpoint_says_when_to_ask_again(
    google: ScriptedGoogle, sender: FirebaseSender, push: PushMessage
) -> None:
    google.on_grant = [send_bytes(b"", 503, Retry_After="20")]
    wait_s = (await sender.send(push)).retry_after_s
    assert wait_s is not None
    assert 15 < wait_s <= 20


async def test_a_waiting_push_that_is_cancelled_cancels_no_renewal(
    google: ScriptedGoogle, sender: FirebaseSender, push: PushMessage
) -> None:
    waiting = asyncio.create_task(sender.send(push))
    await google.was_asked_for_tokens(1)
    waiting.cancel()
    await asyncio.wait({waiting})
    assert (await sender.send(push)).result is PushResult.ACCEPTED
    assert len(google.grants) == 1


async def test_closing_ends_a_renewal(
    google: ScriptedGoogle, sender: FirebaseSender, push: PushMessage
) -> None:
    google.on_grant = [hang]
    waiting = asyncio.create_task(sender.send(push))
    await google.was_asked_for_tokens(1)
    await sender.close()
    assert (await waiting).result is PushResult.PAUSED
