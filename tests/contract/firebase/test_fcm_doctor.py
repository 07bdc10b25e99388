"""What `alpha doctor` says of push: on, off, or what to do."""

from pathlib import Path

from app.cli.doctor.findings import Finding, State
from app.cli.doctor.vendors import examine_push
from app.core.clock import SystemClock
from app.core.config import FirebaseSettings
from tests.contract.firebase.scripted_google import (
    HTML,
    ScriptedGoogle,
    google_error,
    send,
    send_bytes,
)


async def examine(google: ScriptedGoogle, file: Path | str) -> Finding:
    settings = FirebaseSettings(
        firebase_credentials_path=str(file), fcm_base_url=google.base_url, fcm_timeout_s=1
    )
    (finding,) = await examine_push(settings, SystemClock())
    assert finding.name == "push"
    assert "\n" not in finding.detail
    assert "canary" not in finding.detail
    return finding


async def test_on(google: ScriptedGoogle, account_file: Path) -> None:
    bad_address = "The registration token is not a valid FCM registration token"
    google.on_push = [google_error(400, "INVALID_ARGUMENT", bad_address, code="INVALID_ARGUMENT")]
    finding = await examine(google, account_file)
    assert finding.state is State.ON
    assert "alpha-test" in finding.detail
    assert google.pushes[0].document()["validate_only"] is True


async def test_off(google: ScriptedGoogle) -> None:
    finding = await examine(google, "")
    assert finding.state is State.OFF
    assert "FIREBASE_CREDENTIALS_PATH" in finding.detail


async def test_a_file_that_is_not_there(google: ScriptedGoogle) -> None:
    finding = await examine(google, "/no/such/file")
    assert finding.state is State.FAILING
    assert "FIREBASE_CREDENTIALS_PATH" in finding.detail


async def test_a_refused_key(google: ScriptedGoogle, account_file: Path) -> None:
    google.on_grant = [send({"error": "invalid_grant"}, 400)]
    finding = await examine(google, account_file)
    assert finding.state is State.FAILING
    assert "FIREBASE_CREDENTIALS_PATH" in finding.detail


async def test_another_service_answers(google: ScriptedGoogle, account_file: Path) -> None:
    google.on_push = [send_bytes(HTML, 404)]
    finding = await examine(google, account_file)
    assert finding.state is State.FAILING
    assert "FCM_BASE_URL" in finding.detail


async def test_no_rights(google: ScriptedGoogle, account_file: Path) -> None:
    google.on_push = [google_error(403, "PERMISSION_DENIED")]
    finding = await examine(google, account_file)
    assert finding.state is State.FAILING
    assert "may not send" in finding.detail


async def test_no_grants(google: ScriptedGoogle, account_file: Path) -> None:
    google.on_grant = [send_bytes(HTML, 502)]
    finding = await examine(google, account_file)
    assert finding.state is State.FAILING
    assert "token_uri" in finding.detail
