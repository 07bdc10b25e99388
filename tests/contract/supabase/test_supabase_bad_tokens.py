"""Good tokens of the sandbox's issuer are taken, and every bad one is refused without a word."""

from datetime import timedelta
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from app.core.clock import VirtualClock
from app.core.errors import Unauthenticated
from app.services.supabase import SupabaseTokens
from tests.contract.supabase.bad_tokens import CLAIMS, HEADERS, SHAPES, SIGNATURES, Make
from tests.contract.supabase.conftest import MakeTokens
from tests.contract.supabase.forge import NOW, NOW_S, USER, Forger
from tests.sandbox_process import SandboxProcess

BAD = {**CLAIMS, **SIGNATURES, **HEADERS, **SHAPES}


@pytest.fixture(scope="session")
def asked(sandbox: SandboxProcess) -> str:
    """A token as the sandbox gives it to whoever asks."""
    wish = {"sub": USER, "email": "ann@example.com"}
    return str(sandbox.control("/_token", "POST", wish)["access_token"])


@pytest.fixture
def verifier(sandbox: SandboxProcess, make_tokens: MakeTokens) -> SupabaseTokens:
    return make_tokens(sandbox.url, timeout_s=5)


async def test_who_a_token_speaks_for(verifier: SupabaseTokens, asked: str) -> None:
    found = await verifier.verify(asked)

    assert (found.user_id, found.is_anonymous) == (UUID(USER), False)
    assert found.expires_at == NOW + timedelta(hours=1)
    assert await verifier.verify(asked) == found


@pytest.mark.parametrize("make", [pytest.param(make, id=name) for name, make in BAD.items()])
async def test_a_bad_token_is_refused(
    verifier: SupabaseTokens, forger: Forger, asked: str, make: Make
) -> None:
    token = make(forger)
    await verifier.verify(asked)  # a key is there, and one good token was seen

    with capture_logs() as logs, pytest.raises(Unauthenticated) as refused:
        await verifier.verify(token)

    assert (refused.value.status, refused.value.code) == (401, "unauthenticated")
    assert refused.value.detail in {
        "The access token is not valid.",
        "The access token has expired.",
    }
    told = f"{refused.value.detail} {logs}"
    assert not [part for part in token.split(".") if len(part) > 8 and part in told]
    with pytest.raises(Unauthenticated):
        await verifier.verify(token)


def test_the_table_is_large() -> None:
    assert len(BAD) >= 25


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"exp": NOW_S - 29}, id="expired within the leeway"),
        pytest.param({"exp": NOW_S + 60.5}, id="exp with a fraction"),
        pytest.param({"iat": NOW_S + 29}, id="issued by a clock that is ahead"),
        pytest.param({"nbf": NOW_S + 29}, id="valid in a moment"),
        pytest.param({"aud": ["other", "authenticated"]}, id="one of several audiences"),
        pytest.param({"is_anonymous": ...}, id="nothing about being anonymous"),
        pytest.param({"user_metadata": {"role": "service_role"}}, id="what users write themselves"),
    ],
)
async def test_a_good_token_is_taken(
    verifier: SupabaseTokens, forger: Forger, changes: dict[str, object]
) -> None:
    assert (await verifier.verify(forger.good(**changes))).user_id == UUID(USER)


async def test_anonymous_people_are_told_apart(verifier: SupabaseTokens, forger: Forger) -> None:
    assert (await verifier.verify(forger.good(is_anonymous=True))).is_anonymous


async def test_unneeded_headers_are_ignored(verifier: SupabaseTokens, forger: Forger) -> None:
    """An address in a header is never asked."""
    token = forger.sign(forger.claims(), jku="http://127.0.0.1:1/", x5u="http://127.0.0.1:1/")

    assert (await verifier.verify(token)).user_id == UUID(USER)


async def test_a_believed_token_ends_in_time(
    verifier: SupabaseTokens, forger: Forger, clock: VirtualClock
) -> None:
    token = forger.good(exp=NOW_S + 20)
    await verifier.verify(token)

    clock.advance(timedelta(seconds=49))
    await verifier.verify(token)
    clock.advance(timedelta(seconds=1))
    with pytest.raises(Unauthenticated, match="expired"):
        await verifier.verify(token)


async def test_time_is_the_clocks_and_not_the_machines(
    sandbox: SandboxProcess, forger: Forger, make_tokens: MakeTokens, clock: VirtualClock
) -> None:
    clock.advance(timedelta(days=3_650))
    later = int(clock.now().timestamp())

    verifier = make_tokens(sandbox.url, timeout_s=5)

    assert await verifier.verify(forger.good(iat=later, exp=later + 60))
    with pytest.raises(Unauthenticated, match="expired"):
        await verifier.verify(forger.good())
