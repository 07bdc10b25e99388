"""What the requests of one web process share; `app.main` puts it together."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.api.metrics import Metrics
from app.api.page_cache import PageCache
from app.api.pagination import Cursors
from app.api.rate_limit import RateLimiter
from app.api.readiness import ReadinessProbe
from app.api.stream.hub import Hub
from app.core.clock import Clock
from app.core.config import Settings
from app.core.database import Pool
from app.core.redis import Redis
from app.domain.spelling import Spelling
from app.domain.types import Exchange
from app.services.ports import TokenVerifier


@dataclass(frozen=True, slots=True)
class Connections:
    """Ways to the database and to Redis; they connect on first use."""

    pool: Pool
    sessions: async_sessionmaker[AsyncSession]
    redis: Redis


@dataclass(frozen=True, slots=True)
class Web:
    """Everything a request may need; made when the process starts."""

    settings: Settings
    clock: Clock
    spelling: Spelling
    exchanges: Sequence[Exchange]
    connections: Connections
    cursors: Cursors
    pages: PageCache
    readiness: ReadinessProbe
    limiter: RateLimiter
    metrics: Metrics
    streams: Hub
    tokens: TokenVerifier | None  # None: nobody can sign in here
