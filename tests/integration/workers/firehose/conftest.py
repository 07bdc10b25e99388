"""A lease that is held, and what a firehose is made of, over the test database."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import cast

import pytest

from app.core.clock import Clock, SystemClock
from app.core.config import Settings
from app.core.database import Pool
from app.core.errors import LeaseLost
from app.core.redis import Redis
from app.domain.types import Exchange
from app.services.ports import MarketSource, PriceSource
from app.store.held_lease import HeldLease, try_to_hold
from app.workers.firehose.parts import FirehoseParts

MakeParts = Callable[..., FirehoseParts]


@pytest.fixture
async def lease(pool: Pool) -> AsyncIterator[HeldLease]:
    """The firehose's lease, kept alive."""
    held = await try_to_hold(pool, SystemClock(), "firehose:kalshi", "test:1")
    assert held is not None
    keeping = asyncio.create_task(held.keep())
    yield held
    keeping.cancel()
    with suppress(asyncio.CancelledError, LeaseLost):
        await keeping


@pytest.fixture
def make_parts(pool: Pool, redis: Redis) -> MakeParts:
    """Make parts; without sources nothing may be asked for."""

    def make(
        clock: Clock | None = None,
        markets: MarketSource | None = None,
        prices: PriceSource | None = None,
        settings: Settings | None = None,
    ) -> FirehoseParts:
        return FirehoseParts(
            exchange=Exchange.KALSHI,
            settings=settings or Settings(),
            clock=clock or SystemClock(),
            pool=pool,
            redis=redis,
            holder="test:1",
            markets=cast(MarketSource, markets),
            prices=cast(PriceSource, prices),
            stream=None,
        )

    return make
