"""Composition root of the pipeline: its pool, its Redis and its push gateway."""

import os
import secrets
import socket

from app.core.clock import Clock
from app.core.config import Settings
from app.core.crash import Crashes
from app.core.database import create_pool
from app.core.garbage import calm_collector
from app.core.redis import create_redis
from app.pipeline.parts import PipelineParts
from app.pipeline.run import run_pipeline
from app.services.firebase import open_firebase

_POOL_SIZE = 12  # a connection that listens, the monitor's lease, one or two per step


async def run_whole_pipeline(settings: Settings, clock: Clock) -> None:
    """Run the pipeline with everything it needs until cancelled.

    Raises:
        OperatorError: a setting is wrong, or the database does not answer.
    """
    crashes = Crashes.read(os.environ, settings.app.environment)
    push = open_firebase(settings.firebase, clock)
    redis = create_redis(settings.app.redis_url.get_secret_value())
    try:
        pool = await create_pool(settings.app.database_url.get_secret_value(), size=_POOL_SIZE)
        try:
            calm_collector()  # a push costs a quarter less
            holder = f"{socket.gethostname()}:{secrets.token_hex(4)}:{os.getpid()}"
            parts = PipelineParts(settings, clock, pool, holder, push, crashes)
            await run_pipeline(parts, redis)
        finally:
            pool.terminate()
    finally:
        await redis.aclose()
        if push is not None:
            await push.close()
