"""Issuers on real sockets, and verifiers that ask them."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from aiohttp import web

from app.core.clock import VirtualClock
from app.core.config import SupabaseSettings
from app.services.supabase import SupabaseTokens, open_tokens
from sandbox.issuer import TokenIssuer
from tests.contract.supabase.forge import NOW, Forger
from tests.contract.supabase.scripted_issuer import PATH, ScriptedIssuer
from tests.sandbox_process import SandboxProcess, start_sandbox

SEED = 11
MakeTokens = Callable[..., SupabaseTokens]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """A sandbox whose clock stands at `NOW`."""
    arguments = ("--events", "10", "--speed", "0", "--now", NOW.isoformat(), "--seed", str(SEED))
    started = start_sandbox(tmp_path_factory.mktemp("sandbox"), *arguments)
    yield started
    started.process.terminate()
    started.process.wait(timeout=10)


@pytest.fixture(scope="session")
def forger(sandbox: SandboxProcess) -> Forger:
    """Somebody who even has the sandbox's key."""
    return Forger(TokenIssuer(SEED), f"{sandbox.url}/auth/v1")


@pytest.fixture
async def issuer() -> AsyncIterator[ScriptedIssuer]:
    scripted = ScriptedIssuer()
    app = web.Application(handler_args={"access_log": None})
    app.router.add_route("*", "/{tail:.*}", scripted.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    scripted.url = f"http://{host}:{port}"
    yield scripted
    await runner.cleanup()


@pytest.fixture
def make_tokens(clock: VirtualClock) -> MakeTokens:
    """Make a verifier for the issuer at a URL."""

    def make(url: str, **fields: object) -> SupabaseTokens:
        known = {"jwt_issuer": f"{url}/auth/v1", "jwks_url": f"{url}{PATH}", "timeout_s": 0.5}
        made = open_tokens(SupabaseSettings.model_validate(known | fields), clock)
        assert made is not None
        return made

    return make


@pytest.fixture
def tokens(make_tokens: MakeTokens, issuer: ScriptedIssuer) -> SupabaseTokens:
    """A verifier that has asked for nothing yet."""
    return make_tokens(issuer.url)
