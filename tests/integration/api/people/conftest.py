"""People who are signed in: an issuer of tokens on a real socket, and its people's requests."""

from collections.abc import AsyncIterator, Callable
from itertools import groupby
from uuid import UUID, uuid4

import pytest
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.config import Settings
from app.core.database import Base
from app.models.db import User
from sandbox.issuer import TokenIssuer
from tests.factories import NOW
from tests.integration.api.serving import Client, Save
from tests.people_factories import make_user

ISSUER = TokenIssuer(5)
Bearer = Callable[[UUID], dict[str, str]]


@pytest.fixture(scope="session")
async def issuer_url() -> AsyncIterator[str]:
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
def settings(issuer_url: str) -> Settings:
    settings = Settings()
    settings.supabase = settings.supabase.model_copy(update={"jwt_issuer": issuer_url})
    return settings


@pytest.fixture
def save(session: AsyncSession) -> Save:
    """Write rows in the order given: people's rows name their parents by id only."""

    async def save_all(*rows: Base) -> None:
        for _, alike in groupby(rows, key=type):
            session.add_all(alike)
            await session.flush()

    return save_all


@pytest.fixture
def bearer(issuer_url: str) -> Bearer:
    """Return the headers of somebody who is signed in."""

    def sign(user_id: UUID) -> dict[str, str]:
        made = ISSUER.token({"sub": str(user_id)}, issuer_url, int(NOW.timestamp()))
        return {"Authorization": f"Bearer {made['access_token']}"}

    return sign


@pytest.fixture
async def me(save: Save) -> User:
    """The person who asks in most tests."""
    user = make_user()
    await save(user)
    return user


@pytest.fixture
def mine(client: Client, bearer: Bearer, me: User) -> Client:
    """The client, signed in as `me`."""
    client.headers.update(bearer(me.id))
    return client


@pytest.fixture
def new_id() -> UUID:
    """The id of somebody we have never seen."""
    return uuid4()
