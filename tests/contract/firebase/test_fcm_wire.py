"""A push as FCM sees it, and what never shows."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import structlog

from app.core.log import configure_logging
from app.domain.push import DeviceKind, Interruption, PushMessage, PushResult
from app.services.firebase import FirebaseSender
from tests.contract.firebase.conftest import MakePush
from tests.contract.firebase.scripted_google import ScriptedGoogle, drop, google_error


async def test_the_whole_request(
    google: ScriptedGoogle, sender: FirebaseSender, make_push: MakePush
) -> None:
    expires_at = (datetime.now(UTC) + timedelta(seconds=600.9)).replace(microsecond=900_000)
    await sender.send(make_push(expires_at=expires_at))
    asked = google.pushes[0]
    document = asked.document()
    ttl = document["message"]["android"].pop("ttl")
    assert 590 <= int(ttl.removesuffix("s")) <= 601
    assert document == {
        "message": {
            "token": "canary-address",
            "data": {"v": "1", "notification_id": "5d0c"},
            "apns": {
                "headers": {
                    "apns-push-type": "alert",
                    "apns-priority": "10",
                    "apns-expiration": str(int(expires_at.timestamp())),
                    "apns-collapse-id": "0123456789abcdef0123456789abcdef",
                },
                "payload": {
                    "aps": {
                        "alert": {
                            "title": "Hawks to win: 62c to 48c",
                            "body": "Unusual move: from 62c to 48c in 4 min."
                            " No public news found yet.",
                        },
                        "category": "held_market",
                        "thread-id": "event:7c8bd7a1",
                        "interruption-level": "time-sensitive",
                        "mutable-content": 1,
                        "sound": "default",
                    }
                },
            },
            "android": {
                "priority": "HIGH",
                "collapse_key": "0123456789abcdef0123456789abcdef",
            },
        }
    }
    assert asked.headers["Authorization"] == "Bearer ya29.canary-token"
    assert asked.headers["Content-Type"] == "application/json"
    assert asked.headers["X-GOOG-API-FORMAT-VERSION"] == "2"


async def test_an_installation_id_has_its_own_field(
    google: ScriptedGoogle, sender: FirebaseSender, make_push: MakePush
) -> None:
    await sender.send(make_push(kind=DeviceKind.FCM_FID))
    message = google.pushes[0].document()["message"]
    assert message["fid"] == "canary-address"
    assert "token" not in message


async def test_a_quiet_push_makes_no_sound(
    google: ScriptedGoogle, sender: FirebaseSender, make_push: MakePush
) -> None:
    await sender.send(make_push(interruption=Interruption.PASSIVE, apns_priority=5))
    message = google.pushes[0].document()["message"]
    assert "sound" not in message["apns"]["payload"]["aps"]
    assert message["apns"]["headers"]["apns-priority"] == "5"
    assert message["android"]["priority"] == "NORMAL"


@pytest.mark.parametrize(
    ("fields", "word", "is_alarming"),
    [
        pytest.param({"kind": DeviceKind.APNS}, "NO_GATEWAY", True, id="apns"),
        pytest.param({"data": {"from": "x"}}, "RESERVED_KEY", True, id="reserved"),
        pytest.param({"data": {"k": "x" * 4096}}, "TOO_LONG", True, id="too-long"),
        pytest.param({"body": "\ud83d"}, "NOT_UNICODE", True, id="half-a-pair"),
        pytest.param({"expires_at": datetime.now(UTC)}, "EXPIRED", False, id="expired"),
    ],
)
async def test_what_cannot_be_sent_never_leaves(
    google: ScriptedGoogle,
    sender: FirebaseSender,
    make_push: MakePush,
    fields: dict[str, object],
    word: str,
    is_alarming: bool,
) -> None:
    outcome = await sender.send(make_push(**fields))
    assert (outcome.result, outcome.error) == (PushResult.DEAD, word)
    assert outcome.is_alarming is is_alarming
    assert not google.pushes
    assert not google.grants


@pytest.fixture
def quiet_log() -> Iterator[None]:
    """Leave logging as it was before a test set it up."""
    yield
    structlog.reset_defaults()


async def test_address_and_token_never_show(
    google: ScriptedGoogle,
    sender: FirebaseSender,
    push: PushMessage,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    quiet_log: None,
) -> None:
    configure_logging("DEBUG", "json")
    monkeypatch.setattr("app.services.firebase.tokens.log", structlog.get_logger())
    echo = "canary-address ya29.canary-token"
    google.on_push = [
        google_error(404, "NOT_FOUND", echo, code="UNREGISTERED"),
        google_error(400, "INVALID_ARGUMENT", echo, code="INVALID_ARGUMENT"),
        google_error(401, "UNAUTHENTICATED", echo),
        drop,
    ]
    outcomes = [await sender.send(push) for _ in range(4)]
    said = capsys.readouterr().err + repr([outcomes, sender, vars(sender), push])
    assert "firebase_access.renewed" in said
    assert "canary" not in said
    assert "PRIVATE KEY" not in said
