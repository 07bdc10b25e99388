"""Requests that need a person: 401 without a good token, 503 when nobody can tell."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from app.api.state import Connections
from app.core.clock import VirtualClock
from app.core.config import Settings
from app.main import create_app
from sandbox.issuer import TokenIssuer
from tests.factories import NOW
from tests.integration.api.person_routes import router
from tests.integration.api.serving import Client, serve

USER = "0b9a6f0e-2f2a-4f0e-9a53-0a4a6f7f1c11"
ISSUER = TokenIssuer(3)


@pytest.fixture
async def issuer_url() -> AsyncIterator[str]:
    """An issuer on a real socket."""

    async def answer(_: web.Request) -> web.Response:
        return web.json_response(ISSUER.jwks())

    app = web.Application(handler_args={"access_log": None})
    app.router.add_get("/auth/v1/.well-known/jwks.json", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}/auth/v1"
    await runner.cleanup()


@pytest.fixture
async def people(
    settings: Settings, clock: VirtualClock, connections: Connections, issuer_url: str
) -> AsyncIterator[Client]:
    """A client of a server where people can sign in."""
    async with _served(settings, clock, connections, issuer_url) as client:
        yield client


def _served(
    settings: Settings, clock: VirtualClock, connections: Connections, issuer: str
) -> AbstractAsyncContextManager[Client]:
    """Serve the application with routes that need a person."""
    settings.supabase = settings.supabase.model_copy(
        update={"jwt_issuer": issuer, "jwks_url": "", "timeout_s": 2}
    )
    app = create_app(settings, clock, connections=connections)
    app.router.routes.extend(router.routes)
    return serve(app)


def bearer(issuer: str, **claims: object) -> dict[str, str]:
    """Return the header of whoever is signed in."""
    made = ISSUER.token({"sub": USER, **claims}, issuer, int(NOW.timestamp()))
    return {"Authorization": f"Bearer {made['access_token']}"}


async def test_a_good_token_names_its_user(people: Client, issuer_url: str) -> None:
    for scheme in ("Bearer", "bearer"):
        header = bearer(issuer_url)["Authorization"].replace("Bearer", scheme)
        answer = await people.get("/v1/test/me", headers={"Authorization": header})
        assert (answer.status_code, answer.json()) == (200, {"user_id": USER})


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param("Bearer", id="no token"),
        pytest.param("Bearer ", id="an empty token"),
        pytest.param("Basic dXNlcjpwYXNz", id="a password"),
        pytest.param("Bearer canary-of-a-token", id="no JWT"),
        pytest.param("canary-of-a-token", id="no scheme"),
        pytest.param("Bearer canary-of-a-token\xff", id="not ASCII"),
        pytest.param("Bearer a.b.c, Bearer canary-of-a-token", id="two"),
        pytest.param("Bearer " + "canary-of-a-token" * 1_000, id="long"),
    ],
)
async def test_without_a_good_token(people: Client, header: str | None) -> None:
    headers = [] if header is None else [(b"Authorization", header.encode("latin-1"))]

    with capture_logs() as logs:
        answer = await people.get("/v1/test/me", params={"number": "bad"}, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert set(answer.json()) == {"detail", "code"}
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "canary" not in answer.text + str(logs)


async def test_an_expired_token_says_so(people: Client, issuer_url: str) -> None:
    answer = await people.get("/v1/test/me", headers=bearer(issuer_url, expires_in=-60))

    assert answer.status_code == 401
    assert answer.json()["detail"] == "The access token has expired."


async def test_anonymous_people_may_not_do_everything(people: Client, issuer_url: str) -> None:
    anonymous = bearer(issuer_url, is_anonymous=True)

    assert (await people.get("/v1/test/me", headers=anonymous)).status_code == 200
    refused = await people.get("/v1/test/named", headers=anonymous)
    assert (refused.status_code, refused.json()["code"]) == (403, "anonymous_user")
    named = await people.get("/v1/test/named", headers=bearer(issuer_url))
    assert named.status_code == 200


async def test_public_routes_ask_for_nothing(people: Client) -> None:
    assert (
        await people.get("/v1/config", headers={"Authorization": "Bearer x"})
    ).status_code == 200


async def test_without_an_issuer(
    settings: Settings, clock: VirtualClock, connections: Connections, issuer_url: str
) -> None:
    async with _served(settings, clock, connections, "") as client:
        answer = await client.get("/v1/test/me", headers=bearer(issuer_url))
        health = await client.get("/health/ready")

    assert (answer.status_code, answer.json()["code"]) == (503, "sign_in_off")
    assert answer.headers["retry-after"]
    states = {check["name"]: check["state"] for check in health.json()["checks"]}
    assert states["sign_in"] == "off"


async def test_while_the_issuer_is_down(
    settings: Settings, clock: VirtualClock, connections: Connections
) -> None:
    down = "http://127.0.0.1:1/auth/v1"
    async with _served(settings, clock, connections, down) as client:
        answer = await client.get("/v1/test/me", headers=bearer(down))

    assert (answer.status_code, answer.json()["code"]) == (503, "sign_in_unavailable")
    assert answer.headers["retry-after"] == "5"
