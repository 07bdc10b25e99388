"""Composition root of the firehoses: one line per exchange; `web` and `alpha stream` run them."""

import asyncio
import os
import secrets
import socket
from collections.abc import Awaitable, Callable
from functools import partial

from app.core.clock import Clock
from app.core.config import Settings
from app.core.database import create_pool
from app.core.loop import run_forever
from app.core.redis import create_redis
from app.domain.types import Exchange
from app.services.kalshi import KalshiMarkets, open_kalshi
from app.services.kalshi.prices import KalshiPrices
from app.services.kalshi.stream import KalshiActivity, KalshiStream, open_source, open_stream
from app.workers.firehose.parts import FirehoseParts
from app.workers.firehose.run import run_firehose

_POOL_SIZE = 10  # lease, rows, announcements, catching up, six steps of reconciliation


async def run_firehoses(settings: Settings, clock: Clock) -> None:
    """Run every exchange's firehose until cancelled; each waits for its lease."""
    async with asyncio.TaskGroup() as tasks:
        for exchange, run in FIREHOSES.items():
            body = partial(run, settings, clock)
            tasks.create_task(run_forever(f"firehose:{exchange}", body, clock))


async def _run_kalshi(settings: Settings, clock: Clock) -> None:
    share = {"read_share": settings.kalshi.stream_read_share}
    client = open_kalshi(settings.kalshi.model_copy(update=share), clock)
    activity = KalshiActivity(client, clock)
    source = open_source(settings.kalshi.ws_library)

    def make_stream() -> KalshiStream:
        return open_stream(
            settings.kalshi, clock, source=source, expects_ticks=activity.expects_ticks
        )

    redis = create_redis(settings.app.redis_url.get_secret_value())
    try:
        pool = await create_pool(settings.app.database_url.get_secret_value(), size=_POOL_SIZE)
        try:
            await run_firehose(
                FirehoseParts(
                    exchange=Exchange.KALSHI,
                    settings=settings,
                    clock=clock,
                    pool=pool,
                    redis=redis,
                    holder=f"{socket.gethostname()}:{secrets.token_hex(4)}:{os.getpid()}",
                    markets=KalshiMarkets(client, include_combos=settings.kalshi.include_combos),
                    prices=KalshiPrices(client),
                    stream=make_stream if settings.kalshi.has_key else None,
                )
            )
        finally:
            pool.terminate()
    finally:
        await redis.aclose()
        await client.close()


FIREHOSES: dict[Exchange, Callable[[Settings, Clock], Awaitable[None]]] = {
    Exchange.KALSHI: _run_kalshi,
}
