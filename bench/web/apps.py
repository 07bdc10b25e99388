"""The applications that are asked: ours, a hello behind our middleware, and the ORM route."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import async_sessionmaker

from app.api.metrics import Metrics
from app.api.middleware import Gate
from app.api.rate_limit import RateLimiter
from app.core.clock import SystemClock
from app.core.config import get_settings
from app.core.database import create_engine
from app.core.log import configure_logging
from app.main import create_app
from bench.web import orm_route

_NO_LIMIT = 1_000_000_000  # requests per minute


def hello() -> FastAPI:
    """Build the least that FastAPI can do behind our middleware."""
    app = _bare()

    @app.get("/hello")
    async def say_hello() -> dict[str, str]:
        return {"hello": "world"}

    return app


def orm() -> FastAPI:
    """Build the list of markets as it is commonly written."""
    app = _bare()
    app.include_router(orm_route.router)
    return app


def _bare() -> FastAPI:
    app = FastAPI(
        lifespan=_lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    clock = SystemClock()
    app.add_middleware(Gate, clock=clock, limiter=RateLimiter(clock, _NO_LIMIT), metrics=Metrics())
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings = get_settings().app
    configure_logging(settings.log_level, settings.log_format)
    engine = create_engine(settings.database_url.get_secret_value(), size=settings.db_pool_size)
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
    yield
    await engine.dispose()


APPS: Mapping[str, Callable[[], FastAPI]] = {"ours": create_app, "hello": hello, "orm": orm}
