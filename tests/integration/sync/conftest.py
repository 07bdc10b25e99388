"""A sandbox on a real socket, and a sync from it into the test database."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.actions.sync_catalogue import CatalogueSync
from app.core.clock import VirtualClock
from app.core.database import Pool
from app.services.kalshi import KalshiMarkets
from app.services.kalshi.auth import KalshiSigner
from app.services.kalshi.backoff import RetryPolicy
from app.services.kalshi.client import KalshiClient
from tests.sandbox_process import SandboxProcess, start_sandbox

NOON = datetime(2026, 11, 22, 12, 7, tzinfo=UTC)
IMPATIENT = RetryPolicy(attempts=12, first_s=0.01, longest_s=0.2, patience_s=1)

MakeSync = Callable[..., CatalogueSync]


@pytest.fixture(autouse=True)
def _empty_tables(clean_tables: None) -> None:
    """Ask for the emptying; the fixture does the work."""


@pytest.fixture(scope="module")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """A sandbox of 60 events whose time stands still at noon."""
    folder: Path = tmp_path_factory.mktemp("sandbox")
    running = start_sandbox(
        folder, "--events", "60", "--seed", "11", "--speed", "0", "--now", NOON.isoformat()
    )
    yield running
    running.process.terminate()
    running.process.wait(10)


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess) -> Iterator[SandboxProcess]:
    """That sandbox without faults, its counters at zero."""
    sandbox_process.control("/_stats", "DELETE")
    yield sandbox_process
    sandbox_process.control("/_faults", "DELETE")
    sandbox_process.control("/_clock", "PUT", {"now": NOON.isoformat()})


@pytest.fixture
async def make_sync(sandbox: SandboxProcess, pool: Pool) -> AsyncIterator[MakeSync]:
    """Make syncs from the sandbox; they share a client, so also its budget."""
    settings = sandbox.settings(key_type="ed25519", timeout_s=2, connect_timeout_s=1)
    clock = VirtualClock(NOON)
    signer = KalshiSigner(settings.api_key_id, settings.private_key.get_secret_value())
    client = KalshiClient(settings, clock, signer=signer, retry=IMPATIENT)
    source = KalshiMarkets(client)
    yield lambda: CatalogueSync(pool, source, clock)
    await source.close()


@pytest.fixture
async def sync(make_sync: MakeSync) -> Callable[[], Awaitable[dict[str, int]]]:
    """Run one full sync and return its counts."""

    async def run() -> dict[str, int]:
        return dict(await make_sync().run_full())

    return run
