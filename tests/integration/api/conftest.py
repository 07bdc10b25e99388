"""The whole application on one transaction that is rolled back."""

from collections.abc import AsyncIterator
from typing import cast

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, async_sessionmaker

from app.api.state import Connections
from app.core.clock import VirtualClock
from app.core.config import Settings
from app.core.database import Base, Conn, Pool
from app.core.redis import Redis
from app.main import create_app
from tests.factories import NOW, make_feed_state, make_run
from tests.integration.api.serving import Client, OneConnection, Save, serve


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def one(conn: Conn) -> OneConnection:
    return OneConnection(conn)


@pytest.fixture
def connections(connection: AsyncConnection, one: OneConnection, redis: Redis) -> Connections:
    sessions = async_sessionmaker(
        connection, join_transaction_mode="create_savepoint", expire_on_commit=False
    )
    return Connections(cast(Pool, one), sessions, redis)


@pytest.fixture
def save(session: AsyncSession) -> Save:
    """Write rows, parents first, so that requests see them."""

    async def save_all(*rows: Base) -> None:
        session.add_all(rows)
        await session.flush()

    return save_all


@pytest.fixture
async def empty_client(
    settings: Settings, clock: VirtualClock, connections: Connections
) -> AsyncIterator[Client]:
    """A client of a server that has never synced anything."""
    async with serve(create_app(settings, clock, connections=connections)) as client:
        yield client


@pytest.fixture
async def client(empty_client: Client, save: Save) -> Client:
    """A client of a server that is ready: a full sync has ended and the feed is live."""
    await save(make_run(), make_feed_state())
    return empty_client
