"""`alpha token` and the doctor's line about sign-in, beside a real sandbox."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from app.core.clock import SystemClock
from app.core.config import SupabaseSettings
from app.services.supabase import open_tokens
from tests.sandbox_process import PREFIX, SandboxProcess, start_sandbox

ROOT = Path(__file__).resolve().parents[2]
USER = "0b9a6f0e-2f2a-4f0e-9a53-0a4a6f7f1c11"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    running = start_sandbox(tmp_path_factory.mktemp("sandbox"), "--events", "10")
    yield running
    running.process.terminate()
    running.process.wait(10)


@pytest.fixture
def environ(sandbox: SandboxProcess, tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "ALPHA_HOME": str(tmp_path / "home"),
        "KALSHI_BASE_API_URL": f"{sandbox.url}{PREFIX}",
        "SUPABASE_JWT_ISSUER": f"{sandbox.url}/auth/v1",
    }


def run(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app.cli", *arguments]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done


async def user_of(environ: dict[str, str], printed: str) -> UUID:
    """Verify what a command printed as the API would."""
    settings = SupabaseSettings(jwt_issuer=environ["SUPABASE_JWT_ISSUER"])
    tokens = open_tokens(settings, SystemClock())
    assert tokens is not None
    return (await tokens.verify(printed.strip())).user_id


@pytest.mark.parametrize("given", [USER, USER.upper()])
async def test_a_token_for_an_id(environ: dict[str, str], given: str) -> None:
    done = run(environ, "token", "--user", given)

    assert done.returncode == 0, done.stderr
    assert await user_of(environ, done.stdout) == UUID(USER)


async def test_tokens_for_people_of_the_sandbox(
    environ: dict[str, str], sandbox: SandboxProcess
) -> None:
    people = sandbox.control("/_people")["people"]
    by_name = next(p for p in people if p["name"].lower() == people[2]["name"].lower())

    for arguments, person in (
        ((), people[0]),
        (("--user", "1"), people[1]),
        (("--user", people[2]["name"].upper()), by_name),
    ):
        done = run(environ, "token", *arguments)
        assert done.returncode == 0, done.stderr
        assert await user_of(environ, done.stdout) == UUID(person["id"])


@pytest.mark.parametrize(
    ("changes", "user", "words"),
    [
        pytest.param({}, "nobody", "has no 'nobody' among its people", id="no such person"),
        pytest.param({}, "999999", "has no '999999'", id="no such number"),
        pytest.param({"SUPABASE_JWT_ISSUER": ""}, USER, "./alpha up", id="no sandbox"),
        pytest.param(
            {"SUPABASE_JWT_ISSUER": "http://127.0.0.1:1/auth/v1"},
            USER,
            "gave no token (HTTP status 0)",
            id="sandbox gone",
        ),
        pytest.param(
            {"SUPABASE_JWT_ISSUER": "https://abcdefgh.supabase.co/auth/v1"},
            USER,
            "is no sandbox",
            id="a real issuer",
        ),
        pytest.param(
            {
                "ENVIRONMENT": "production",
                "SUPABASE_JWT_ISSUER": "https://abcdefgh.supabase.co/auth/v1",
            },
            USER,
            "in production people sign in",
            id="production",
        ),
        pytest.param({"ENVIRONMENT": "production"}, USER, "https addresses", id="test issuer"),
    ],
)
def test_one_line_says_why_there_is_no_token(
    environ: dict[str, str], changes: dict[str, str], user: str, words: str
) -> None:
    done = run(environ | changes, "token", "--user", user)

    assert (done.returncode, done.stdout) == (1, "")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("issuer", "state", "words"),
    [
        pytest.param(None, "on", "1 public key", id="on"),
        pytest.param("", "off", "nobody can sign in", id="off"),
        pytest.param("http://127.0.0.1:1/auth/v1", "failing", "SUPABASE_JWKS_URL", id="down"),
        pytest.param("word", "failing", "http(s) address", id="no address"),
    ],
)
def test_what_the_doctor_says(
    environ: dict[str, str], issuer: str | None, state: str, words: str
) -> None:
    given = environ if issuer is None else environ | {"SUPABASE_JWT_ISSUER": issuer}
    done = run(given, "doctor", "--json", "--port", "0")

    (found,) = (
        c for c in json.loads(done.stdout.splitlines()[-1])["checks"] if c["name"] == "sign-in"
    )
    assert found["state"] == state
    assert words in found["detail"]
