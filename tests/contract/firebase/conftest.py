"""A scripted Google on a local port, and senders that talk to it."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.core.clock import VirtualClock
from app.core.config import FirebaseSettings
from app.domain.push import DeviceKind, Interruption, PushMessage
from app.services.firebase import FirebaseSender, open_firebase
from tests.contract.firebase.scripted_google import NAME, PROJECT, ScriptedGoogle, grant, send
from tests.sandbox_process import SandboxProcess, start_sandbox

MakeSender = Callable[..., FirebaseSender]
MakePush = Callable[..., PushMessage]


@pytest.fixture
async def google() -> AsyncIterator[ScriptedGoogle]:
    """Google in good health: gives tokens and takes every push."""
    scripted = ScriptedGoogle(on_push=[send({"name": NAME})], on_grant=[grant()])
    runner = web.AppRunner(scripted.app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    scripted.base_url = f"http://{host}:{port}"
    yield scripted
    await runner.cleanup()


@pytest.fixture(scope="session")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def pem(private_key: rsa.RSAPrivateKey) -> str:
    return private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def account_file(google: ScriptedGoogle, pem: str, tmp_path: Path) -> Path:
    """The file that Firebase's console would give for the scripted Google."""
    file = tmp_path / "account.json"
    fields = {
        "type": "service_account",
        "project_id": PROJECT,
        "private_key_id": "key-1",
        "private_key": pem,
        "client_email": f"push@{PROJECT}.iam.gserviceaccount.invalid",
        "token_uri": f"{google.base_url}/token",
    }
    file.write_text(json.dumps(fields))
    return file


@pytest.fixture
def clock() -> VirtualClock:
    """Our clock, which moves only when a test says so; the network's limits are real."""
    return VirtualClock(datetime.now(UTC))


@pytest.fixture
async def make_sender(
    google: ScriptedGoogle, account_file: Path, clock: VirtualClock
) -> AsyncIterator[MakeSender]:
    """Make senders to the scripted Google; they are closed at the end."""
    made: list[FirebaseSender] = []

    def make(**fields: Any) -> FirebaseSender:
        known = {
            "firebase_credentials_path": str(account_file),
            "fcm_base_url": google.base_url,
            "fcm_timeout_s": 1,
        }
        settings = FirebaseSettings.model_validate(known | fields)
        sender = open_firebase(settings, clock)
        assert sender is not None
        made.append(sender)
        return sender

    yield make
    for sender in made:
        await sender.close()


@pytest.fixture
def sender(make_sender: MakeSender) -> FirebaseSender:
    return make_sender()


@pytest.fixture
def make_push() -> MakePush:
    def make(**fields: Any) -> PushMessage:
        known: dict[str, Any] = {
            "kind": DeviceKind.FCM_TOKEN,
            "address": "canary-address",
            "title": "Hawks to win: 62c to 48c",
            "body": "Unusual move: from 62c to 48c in 4 min. No public news found yet.",
            "collapse_id": "0123456789abcdef0123456789abcdef",
            "thread_id": "event:7c8bd7a1",
            "category": "held_market",
            "interruption": Interruption.TIME_SENSITIVE,
            "apns_priority": 10,
            "expires_at": datetime.now(UTC) + timedelta(minutes=2),
            "data": {"v": "1", "notification_id": "5d0c"},
        }
        return PushMessage(**(known | fields))

    return make


@pytest.fixture
def push(make_push: MakePush) -> PushMessage:
    return make_push()


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """One sandbox for the run."""
    started = start_sandbox(tmp_path_factory.mktemp("sandbox"), "--events", "20")
    yield started
    started.process.terminate()
    started.process.wait(timeout=10)
