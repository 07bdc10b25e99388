"""Composition root of the web process."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from sqlalchemy.ext.asyncio import async_sessionmaker

from app.api.catalogue_request import request_old_catalogues
from app.api.errors import install_error_handlers
from app.api.metrics import Metrics
from app.api.middleware import Gate
from app.api.openapi import respelled
from app.api.page_cache import PageCache
from app.api.pagination import Cursors, derive_key
from app.api.rate_limit import RateLimiter
from app.api.readiness import ReadinessProbe
from app.api.routes import (
    activity,
    alerts,
    candles,
    config,
    devices,
    events,
    feed,
    follows,
    markets,
    notifications,
    operations,
    preferences,
    series,
    stream,
    trades,
    users,
)
from app.api.state import Connections, Web
from app.api.stream.engine import Sources
from app.api.stream.hub import STREAMS, Hub
from app.core.clock import Clock, SystemClock
from app.core.config import ApiCase, Environment, Settings, get_settings
from app.core.database import Pool, create_engine, create_read_pool
from app.core.firehoses import run_firehoses
from app.core.log import configure_logging
from app.core.loop_lag import watch_loop_lag
from app.core.redis import create_redis
from app.domain.spelling import Spelling, camel, snake
from app.domain.types import Exchange
from app.repositories.schema_versions import list_known_revisions
from app.services.ports import TokenVerifier
from app.services.supabase import open_tokens

EXCHANGES = (Exchange.KALSHI,)
ROUTERS = (
    markets.router,
    candles.router,
    trades.router,
    activity.router,
    events.router,
    series.router,
    feed.router,
    alerts.router,
    users.router,
    follows.router,
    devices.router,
    preferences.router,
    notifications.router,
    stream.router,
    config.router,
    operations.router,
)
SPELLINGS: dict[ApiCase, Spelling] = {ApiCase.SNAKE: snake, ApiCase.CAMEL: camel}
VERSION = "0.1.0"
_CLOSE_S = 5
_NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
}

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[Mapping[str, Hub]]]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Parts:
    """What is there before anything outside was asked."""

    settings: Settings
    clock: Clock
    limiter: RateLimiter
    metrics: Metrics
    tokens: TokenVerifier | None

    def join(self, connections: Connections) -> Web:
        """Put together what requests share."""
        app = self.settings.app
        secret = app.database_url.get_secret_value()
        sources = Sources(connections.pool, connections.redis, self.clock, EXCHANGES)
        streams = Hub(sources, SPELLINGS[app.api_case], per_client=app.streams_per_client)
        self.metrics.watch_streams(streams.counts)
        return Web(
            settings=self.settings,
            clock=self.clock,
            spelling=SPELLINGS[app.api_case],
            exchanges=EXCHANGES,
            connections=connections,
            cursors=Cursors(derive_key(secret)),
            pages=PageCache(self.clock),
            readiness=ReadinessProbe(
                connections.pool,
                self.clock,
                exchanges=EXCHANGES,
                revisions=list_known_revisions(),
            ),
            limiter=self.limiter,
            metrics=self.metrics,
            streams=streams,
            tokens=self.tokens,
        )


def create_app(
    settings: Settings | None = None,
    clock: Clock | None = None,
    *,
    connections: Connections | None = None,
) -> FastAPI:
    """Build the application; uvicorn calls this in its own process (`factory=True`).

    Args:
        connections: given by tests; else opened from the settings at start-up.
    """
    settings = settings or get_settings()
    clock = clock or SystemClock(settings.app.clock_at)
    limiter = RateLimiter(clock, settings.app.public_requests_per_minute)
    tokens = open_tokens(settings.supabase, clock)
    parts = _Parts(settings, clock, limiter, Metrics(), tokens)
    app = FastAPI(
        title="Alpha",
        version=VERSION,
        description="What is happening in prediction markets, why, and how sure we are.",
        lifespan=_lifespan(parts, connections),
        redirect_slashes=False,
        telemetry=_NO_TELEMETRY,
        **_docs(settings),
    )
    app.add_middleware(Gate, clock=clock, limiter=limiter, metrics=parts.metrics)
    install_error_handlers(app)
    for router in ROUTERS:
        app.router.routes.extend(router.routes)  # including them would match each path twice
    if settings.app.api_case is ApiCase.CAMEL:
        app.openapi_schema = respelled(app.openapi(), camel)
    return app


def _docs(settings: Settings) -> dict[str, Any]:
    if settings.app.environment is Environment.PRODUCTION:
        return {"docs_url": None, "redoc_url": None, "openapi_url": None}
    return {"docs_url": "/docs", "redoc_url": None, "openapi_url": "/openapi.json"}


def _lifespan(parts: _Parts, given: Connections | None) -> Lifespan:
    @asynccontextmanager
    async def run(app: FastAPI) -> AsyncIterator[Mapping[str, Hub]]:
        if given is not None:
            app.state.web = parts.join(given)
            yield {STREAMS: app.state.web.streams}
            await app.state.web.streams.close()
            return
        configure_logging(parts.settings.app.log_level, parts.settings.app.log_format)
        async with _open(parts.settings) as connections:
            app.state.web = parts.join(connections)
            async with _in_background(_background(parts, app.state.web)):
                yield {STREAMS: app.state.web.streams}
                await app.state.web.streams.close()

    return run


def _background(parts: _Parts, web: Web) -> Iterator[Coroutine[Any, Any, None]]:
    """Yield what this process does besides answering."""
    yield request_old_catalogues(web)
    yield watch_loop_lag(parts.clock, parts.metrics.observe_lag)
    if parts.settings.app.stream_in_web:
        yield run_firehoses(parts.settings, parts.clock)


@asynccontextmanager
async def _in_background(works: Iterable[Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(work) for work in works]
    for task in tasks:
        task.add_done_callback(_report)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


@asynccontextmanager
async def _open(settings: Settings) -> AsyncIterator[Connections]:
    """Prepare the ways to the database and to Redis; neither has to be up yet."""
    url = settings.app.database_url.get_secret_value()
    engine = create_engine(url, size=settings.app.db_pool_size)
    pool = await create_read_pool(url, size=settings.app.db_pool_size)
    redis = create_redis(settings.app.redis_url.get_secret_value())
    try:
        yield Connections(pool, async_sessionmaker(engine, expire_on_commit=False), redis)
    finally:
        await redis.aclose()
        await _close(pool)
        await engine.dispose()


async def _close(pool: Pool) -> None:
    """Let statements end; those of a database that went away never do."""
    try:
        async with asyncio.timeout(_CLOSE_S):
            await pool.close()
    except TimeoutError:
        pool.terminate()


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("background.failed", exc_info=error)
