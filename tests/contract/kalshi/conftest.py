"""A scripted exchange on a local port, and clients that talk to it."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.core.clock import SystemClock
from app.core.config import KalshiSettings
from app.services.kalshi.auth import KalshiSigner
from app.services.kalshi.backoff import RetryPolicy
from app.services.kalshi.client import KalshiClient
from app.services.kalshi.source import KalshiMarkets
from tests.contract.kalshi.scripted_exchange import PREFIX, QUICK, MakeClient, ScriptedExchange
from tests.sandbox_process import SandboxProcess, start_sandbox


@pytest.fixture
async def exchange() -> AsyncIterator[ScriptedExchange]:
    scripted = ScriptedExchange()
    app = web.Application(handler_args={"access_log": None})
    app.router.add_route("*", "/{tail:.*}", scripted.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    scripted.base_url = f"http://{host}:{port}{PREFIX}"
    yield scripted
    await runner.cleanup()


@pytest.fixture(scope="session")
def private_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@pytest.fixture(scope="session")
def signer(private_key: Ed25519PrivateKey) -> KalshiSigner:
    pem = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return KalshiSigner("0b3b2f1c-5f6e-4a57-9d7c-2f9d1d1f4e11", pem)


@pytest.fixture
async def make_client(exchange: ScriptedExchange) -> AsyncIterator[MakeClient]:
    """Make clients of the scripted exchange; they are closed at the end."""
    made: list[KalshiClient] = []

    def make(
        *,
        signer: KalshiSigner | None = None,
        retry: RetryPolicy = QUICK,
        max_body_bytes: int = 1_000_000,
        **fields: Any,
    ) -> KalshiClient:
        known = {"base_api_url": exchange.base_url, "timeout_s": 5, "read_tokens_per_s": 5_000}
        settings = KalshiSettings.model_validate(known | fields)
        client = KalshiClient(
            settings, SystemClock(), signer=signer, retry=retry, max_body_bytes=max_body_bytes
        )
        made.append(client)
        return client

    yield make
    for client in made:
        await client.close()


@pytest.fixture
def client(make_client: MakeClient) -> KalshiClient:
    return make_client()


@pytest.fixture
def source(client: KalshiClient) -> KalshiMarkets:
    return KalshiMarkets(client)


@pytest.fixture
def combo_source(client: KalshiClient) -> KalshiMarkets:
    return KalshiMarkets(client, include_combos=True)


@pytest.fixture(scope="session")
def now() -> datetime:
    return datetime(2026, 8, 9, 21, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """One sandbox for the run; its clock stands still, so signatures may be a day off."""
    still = ("--events", "60", "--speed", "0", "--skew", "86400")
    started = start_sandbox(tmp_path_factory.mktemp("sandbox"), *still)
    yield started
    started.process.terminate()
    started.process.wait(timeout=10)


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess) -> Iterator[SandboxProcess]:
    """The one sandbox of this run, without faults, at the right time, counting from zero."""
    sandbox_process.control("/_faults", "DELETE")
    sandbox_process.control("/_stats", "DELETE")
    sandbox_process.control("/_clock", "PUT", {"now": datetime.now(UTC).isoformat()})
    yield sandbox_process
    sandbox_process.control("/_faults", "DELETE")
