"""Every row of FCM's error table: what has to be done, and who has to know."""

from datetime import timedelta
from email.utils import format_datetime

import pytest

from app.core.clock import VirtualClock
from app.domain.push import PushMessage, PushResult
from app.services.firebase import FirebaseSender
from tests.contract.firebase.scripted_google import (
    HTML,
    NAME,
    Handler,
    ScriptedGoogle,
    google_error,
    send_bytes,
)

BAD_TOKEN = "The registration token is not a valid FCM registration token"
OUR_BUG = "Invalid value at 'message.data[0].value' (TYPE_STRING), 12"

DEAD, GONE, RETRY = PushResult.DEAD, PushResult.DEVICE_GONE, PushResult.RETRY
PAUSED, UNKNOWN = PushResult.PAUSED, PushResult.UNKNOWN

ROWS: list[object] = [
    pytest.param(
        google_error(404, "NOT_FOUND", code="UNREGISTERED"),
        (GONE, "UNREGISTERED", False),
        id="404-unregistered",
    ),
    pytest.param(
        google_error(400, "INVALID_ARGUMENT", BAD_TOKEN, code="INVALID_ARGUMENT"),
        (GONE, "INVALID_ARGUMENT", False),
        id="400-bad-address",
    ),
    pytest.param(
        google_error(400, "INVALID_ARGUMENT", OUR_BUG, code="INVALID_ARGUMENT"),
        (DEAD, "INVALID_ARGUMENT", True),
        id="400-our-bug",
    ),
    pytest.param(
        google_error(400, "INVALID_ARGUMENT", BAD_TOKEN),
        (DEAD, "INVALID_ARGUMENT", True),
        id="400-not-fcm-says-token",
    ),
    pytest.param(
        google_error(403, "PERMISSION_DENIED", code="SENDER_ID_MISMATCH"),
        (GONE, "SENDER_ID_MISMATCH", True),
        id="403-sender-id-mismatch",
    ),
    pytest.param(
        google_error(403, "PERMISSION_DENIED"),
        (PAUSED, "PERMISSION_DENIED", True),
        id="403-no-permission",
    ),
    pytest.param(
        google_error(401, "UNAUTHENTICATED", code="THIRD_PARTY_AUTH_ERROR"),
        (PAUSED, "THIRD_PARTY_AUTH_ERROR", True),
        id="401-third-party-auth",
    ),
    pytest.param(
        google_error(401, "UNAUTHENTICATED", code="APNS_AUTH_ERROR"),
        (PAUSED, "APNS_AUTH_ERROR", True),
        id="401-apns-auth",
    ),
    pytest.param(
        google_error(401, "UNAUTHENTICATED"), (RETRY, "UNAUTHENTICATED", False), id="401-our-token"
    ),
    pytest.param(
        google_error(429, "RESOURCE_EXHAUSTED", code="QUOTA_EXCEEDED"),
        (PAUSED, "QUOTA_EXCEEDED", False),
        id="429-quota",
    ),
    pytest.param(send_bytes(HTML, 429), (PAUSED, "HTTP_429", False), id="429-html"),
    pytest.param(
        google_error(500, "INTERNAL", code="INTERNAL"), (RETRY, "INTERNAL", False), id="500"
    ),
    pytest.param(
        google_error(503, "UNAVAILABLE", code="UNAVAILABLE"),
        (RETRY, "UNAVAILABLE", False),
        id="503",
    ),
    pytest.param(send_bytes(b"", 503), (RETRY, "HTTP_503", False), id="503-empty"),
    pytest.param(send_bytes(HTML, 502), (UNKNOWN, "HTTP_502", False), id="502-html"),
    pytest.param(send_bytes(HTML, 504), (UNKNOWN, "HTTP_504", False), id="504-html"),
    pytest.param(send_bytes(b"", 408), (UNKNOWN, "HTTP_408", False), id="408"),
    pytest.param(send_bytes(HTML, 404), (PAUSED, "HTTP_404", True), id="404-not-fcm"),
    pytest.param(send_bytes(HTML, 400), (PAUSED, "HTTP_400", True), id="400-of-a-proxy"),
    pytest.param(send_bytes(HTML, 407), (PAUSED, "HTTP_407", True), id="407-of-a-proxy"),
    pytest.param(google_error(404, "NOT_FOUND"), (DEAD, "NOT_FOUND", True), id="404-no-code"),
    pytest.param(
        send_bytes(b'{"error":{"code":404,', 404, "application/json"),
        (RETRY, "HTTP_404", False),
        id="404-truncated-json",
    ),
    pytest.param(
        google_error(404, "canary-address", code="canary-address"),
        (DEAD, "HTTP_404", True),
        id="words-that-are-none-are-not-repeated",
    ),
]


@pytest.mark.parametrize(("answer", "expected"), ROWS)
async def test_row(
    google: ScriptedGoogle,
    sender: FirebaseSender,
    push: PushMessage,
    answer: Handler,
    expected: tuple[PushResult, str, bool],
) -> None:
    google.on_push.insert(0, answer)
    outcome = await sender.send(push)
    assert (outcome.result, outcome.error, outcome.is_alarming) == expected
    assert outcome.message_id is None
    assert (await sender.send(push)).result is PushResult.ACCEPTED  # others are unaffected
    assert len(google.pushes) == 2  # no retries inside


async def test_an_accepted_push_has_its_name(sender: FirebaseSender, push: PushMessage) -> None:
    outcome = await sender.send(push)
    assert (outcome.result, outcome.message_id, outcome.status) == (
        PushResult.ACCEPTED,
        NAME,
        200,
    )
    assert outcome.error is None


WAITS: list[object] = [
    pytest.param(429, None, (60, 60), id="429-none-is-a-minute"),
    pytest.param(429, "17", (17, 17), id="429-seconds"),
    pytest.param(429, timedelta(seconds=40), (39, 40), id="429-date"),
    pytest.param(429, timedelta(seconds=-40), (60, 60), id="429-date-gone"),
    pytest.param(429, "0", (60, 60), id="429-zero"),
    pytest.param(429, "-5", (60, 60), id="429-negative"),
    pytest.param(429, "soon", (60, 60), id="429-no-number"),
    pytest.param(429, "99999999999999999999", (600, 600), id="429-for-ever"),
    pytest.param(503, "9", (9, 9), id="503-seconds"),
    pytest.param(500, "9", (9, 9), id="500-seconds"),
]


@pytest.mark.parametrize(("status", "header", "between"), WAITS)
async def test_retry_after(
    google: ScriptedGoogle,
    sender: FirebaseSender,
    push: PushMessage,
    clock: VirtualClock,
    status: int,
    header: str | timedelta | None,
    between: tuple[float, float],
) -> None:
    if isinstance(header, timedelta):
        header = format_datetime(clock.now() + header, usegmt=True)
    headers = {} if header is None else {"Retry_After": header}
    google.on_push = [google_error(status, "UNAVAILABLE", **headers)]
    waits_s = (await sender.send(push)).retry_after_s
    assert waits_s is not None
    assert between[0] <= waits_s <= between[1]


async def test_our_own_backoff_decides_when_a_503_names_no_time(
    google: ScriptedGoogle, sender: FirebaseSender, push: PushMessage
) -> None:
    google.on_push = [google_error(503, "UNAVAILABLE")]
    assert (await sender.send(push)).retry_after_s is None
