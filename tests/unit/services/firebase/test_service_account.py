"""The credentials file: what is wrong with it is said in one line, and never what is in it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from app.core.clock import SystemClock
from app.core.config import FirebaseSettings
from app.core.errors import OperatorError
from app.services.firebase import open_firebase
from app.services.firebase.credentials import read_service_account

WriteFile = Callable[..., str]
_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def to_pem(key: Any, lock: KeySerializationEncryption | None = None) -> str:
    pem: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock or NoEncryption())
    return pem.decode()


def fields(**changed: object) -> dict[str, object]:
    known: dict[str, object] = {
        "type": "service_account",
        "project_id": "alpha-test",
        "private_key_id": "key-1",
        "private_key": to_pem(_RSA),
        "client_email": "push@alpha-test.invalid",
        "token_uri": "https://oauth2.invalid/token",
    }
    return known | changed


@pytest.fixture
def write_file(tmp_path: Path) -> WriteFile:
    def write(text: str | bytes) -> str:
        file = tmp_path / "account.json"
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return str(file)

    return write


def test_a_good_file(write_file: WriteFile) -> None:
    account = read_service_account(write_file(json.dumps(fields())))
    assert (account.project_id, account.token_url) == (
        "alpha-test",
        "https://oauth2.invalid/token",
    )
    assert account.make_assertion(datetime(2026, 8, 9, tzinfo=UTC)).count(".") == 2
    assert repr(account) == "ServiceAccount(alpha-test)"


CANARY = "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n"
WRONG: list[object] = [
    pytest.param("", "holds no JSON", id="empty"),
    pytest.param("canary", "holds no JSON", id="text"),
    pytest.param(b"\xff\xfe\x00", "holds no JSON", id="bytes"),
    pytest.param('["canary"]', "no JSON object", id="list"),
    pytest.param('{"type":"service_account"', "holds no JSON", id="truncated"),
    pytest.param(fields(type="authorized_user"), "no service account", id="a-users-file"),
    pytest.param({"web": {"client_secret": "canary"}}, "no service account", id="a-web-clients"),
    pytest.param(fields(project_id=""), "has no project_id", id="no-project"),
    pytest.param(fields(client_email=7), "has no client_email", id="email-is-a-number"),
    pytest.param(fields(private_key_id=None), "has no private_key_id", id="no-key-id"),
    pytest.param(fields(private_key=""), "has no private_key:", id="no-key"),
    pytest.param(fields(private_key=CANARY), "malformed private_key", id="key-is-garbage"),
    pytest.param(
        fields(private_key=to_pem(_RSA, BestAvailableEncryption(b"x"))),
        "malformed private_key",
        id="key-is-encrypted",
    ),
    pytest.param(
        fields(private_key=to_pem(ec.generate_private_key(ec.SECP256R1()))),
        "malformed private_key",
        id="key-is-ec",
    ),
    pytest.param(
        fields(private_key=to_pem(ed25519.Ed25519PrivateKey.generate())),
        "malformed private_key",
        id="key-is-ed25519",
    ),
    pytest.param(fields(token_uri="file:///etc"), "no http(s) address", id="token-uri-file"),
    pytest.param(fields(token_uri="http://[::1"), "no http(s) address", id="token-uri-broken"),
    pytest.param("x" * 100_000, "holds no JSON", id="huge"),
]


@pytest.mark.parametrize(("content", "says"), WRONG)
def test_a_wrong_file(write_file: WriteFile, content: object, says: str) -> None:
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    with pytest.raises(OperatorError) as raised:
        read_service_account(write_file(text))
    message = str(raised.value)
    assert says in message
    assert message.startswith("FIREBASE_CREDENTIALS_PATH ")
    assert "\n" not in message
    assert "canary" not in message
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


@pytest.mark.parametrize("path", ["/no/such/file.json", "/", "\x00", "~nobody-here/file.json"])
def test_a_file_that_cannot_be_read(path: str) -> None:
    with pytest.raises(OperatorError, match="cannot be read"):
        read_service_account(path)


def test_without_a_file_push_is_off() -> None:
    settings = FirebaseSettings(firebase_credentials_path="")
    assert not settings.has_credentials
    assert open_firebase(settings, SystemClock()) is None


@pytest.mark.parametrize("url", ["", "fcm.invalid", "ftp://fcm.invalid", "http://[", "http://a/?b"])
def test_a_wrong_base_url(write_file: WriteFile, url: str) -> None:
    path = write_file(json.dumps(fields()))
    settings = FirebaseSettings(firebase_credentials_path=path, fcm_base_url=url)
    with pytest.raises(OperatorError, match="FCM_BASE_URL"):
        open_firebase(settings, SystemClock())


def test_names_of_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIREBASE_CREDENTIALS_PATH", "/a.json")
    monkeypatch.setenv("FCM_BASE_URL", "http://127.0.0.1:1")
    settings = FirebaseSettings()
    assert settings.has_credentials
    assert settings.fcm_base_url == "http://127.0.0.1:1"
