"""The sender against the sandbox's Google: key, grant, push, and faults as they are dealt."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from app.core.clock import VirtualClock
from app.core.config import FirebaseSettings
from app.domain.push import DeviceKind, PushMessage, PushResult
from app.services.firebase import FirebaseSender, open_firebase
from tests.contract.firebase.conftest import MakePush
from tests.sandbox_process import SandboxProcess


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess) -> Iterator[SandboxProcess]:
    """The one sandbox of this run, without faults and with an empty log."""
    for path in ("/_faults", "/_pushes", "/_devices"):
        sandbox_process.control(path, "DELETE")
    yield sandbox_process
    sandbox_process.control("/_faults", "DELETE")


@pytest.fixture
async def gateway(sandbox: SandboxProcess, tmp_path: Path) -> AsyncIterator[FirebaseSender]:
    file = tmp_path / "account.json"
    file.write_bytes(orjson.dumps(sandbox.control("/_keys/firebase")))
    settings = FirebaseSettings(
        firebase_credentials_path=str(file), fcm_base_url=sandbox.url, fcm_timeout_s=1
    )
    sender = open_firebase(settings, VirtualClock(datetime.now(UTC)))
    assert sender is not None
    yield sender
    await sender.close()


def log_of(sandbox: SandboxProcess) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = sandbox.control("/_pushes")["pushes"]
    return rows


async def test_a_push_arrives_as_it_was_meant(
    sandbox: SandboxProcess, gateway: FirebaseSender, push: PushMessage
) -> None:
    outcome = await gateway.send(push)
    assert outcome.result is PushResult.ACCEPTED
    (row,) = log_of(sandbox)
    assert row["name"] == outcome.message_id
    assert (row["target"], row["address"], row["outcome"]) == (
        "token",
        "canary-address",
        "accepted",
    )
    assert (row["title"], row["body"], row["data"]) == (push.title, push.body, dict(push.data))
    assert row["collapse_id"] == push.collapse_id
    assert row["aps"]["interruption-level"] == "time-sensitive"


async def test_the_longest_push_is_not_too_long(
    sandbox: SandboxProcess, gateway: FirebaseSender, make_push: MakePush
) -> None:
    long = make_push(body='"a" \\ ' * 2000, kind=DeviceKind.FCM_FID)
    assert (await gateway.send(long)).result is PushResult.ACCEPTED
    (row,) = log_of(sandbox)
    assert row["target"] == "fid"
    assert row["body"].endswith("…")


BEHAVIOURS: list[object] = [
    pytest.param("unregistered", PushResult.DEVICE_GONE, False, id="unregistered"),
    pytest.param("invalid_registration", PushResult.DEVICE_GONE, False, id="bad-address"),
    pytest.param("sender_id_mismatch", PushResult.DEVICE_GONE, True, id="sender-id-mismatch"),
    pytest.param("invalid_argument", PushResult.DEAD, True, id="invalid-argument"),
    pytest.param("third_party_auth_error", PushResult.PAUSED, True, id="third-party-auth"),
    pytest.param("apns_auth_error", PushResult.PAUSED, True, id="apns-auth"),
    pytest.param("unauthenticated", PushResult.RETRY, False, id="unauthenticated"),
    pytest.param("quota_exceeded", PushResult.PAUSED, False, id="quota"),
    pytest.param("internal", PushResult.RETRY, False, id="internal"),
    pytest.param("unavailable", PushResult.RETRY, False, id="unavailable"),
    pytest.param("bad_gateway", PushResult.UNKNOWN, False, id="bad-gateway"),
    pytest.param("html", PushResult.UNKNOWN, False, id="html"),
    pytest.param("truncate", PushResult.UNKNOWN, False, id="truncate"),
    pytest.param("no_name", PushResult.UNKNOWN, False, id="no-name"),
    pytest.param("reset", PushResult.UNKNOWN, False, id="reset"),
    pytest.param("reset_accepted", PushResult.UNKNOWN, False, id="reset-accepted"),
    pytest.param("hang", PushResult.UNKNOWN, False, id="hang"),
    pytest.param("hang_accepted", PushResult.UNKNOWN, False, id="hang-accepted"),
]


@pytest.mark.parametrize(("behaviour", "result", "is_alarming"), BEHAVIOURS)
async def test_a_device_that_misbehaves_concerns_nobody_else(
    sandbox: SandboxProcess,
    gateway: FirebaseSender,
    make_push: MakePush,
    behaviour: str,
    result: PushResult,
    is_alarming: bool,
) -> None:
    address = f"device:{behaviour}"
    sandbox.control(f"/_devices/{quote(address)}", "PUT", {"behaviour": behaviour, "count": 1})
    bad = await gateway.send(make_push(address=address))
    assert (bad.result, bad.is_alarming) == (result, is_alarming)
    good = await gateway.send(make_push(address="device:good"))
    assert good.result is PushResult.ACCEPTED


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        ("oauth_500", "ACCESS_UNAVAILABLE"),
        ("oauth_html", "ACCESS_UNAVAILABLE"),
        ("oauth_unavailable", "ACCESS_UNAVAILABLE"),
        ("oauth_truncate", "ACCESS_UNAVAILABLE"),
        ("oauth_reset", "ACCESS_UNAVAILABLE"),
        ("oauth_hang", "ACCESS_UNAVAILABLE"),
        ("oauth_invalid_grant", "ACCESS_REFUSED"),
    ],
)
async def test_without_grants_everybody_waits(
    sandbox: SandboxProcess, gateway: FirebaseSender, push: PushMessage, fault: str, word: str
) -> None:
    sandbox.control("/_faults", "PUT", {"firebase": {fault: {"rate": 1}}})
    outcome = await gateway.send(push)
    assert (outcome.result, outcome.error) == (PushResult.PAUSED, word)
    assert not log_of(sandbox)


async def test_the_probe_sends_nothing(sandbox: SandboxProcess, gateway: FirebaseSender) -> None:
    outcome = await gateway.probe()
    assert outcome.result in {PushResult.ACCEPTED, PushResult.DEVICE_GONE}
    assert sandbox.control("/_pushes/counts")["accepted"] == 0
