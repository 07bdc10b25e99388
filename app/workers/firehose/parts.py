"""What a firehose is made of; put together at a composition root."""

from collections.abc import Callable
from dataclasses import dataclass

from app.core.clock import Clock
from app.core.config import Settings
from app.core.database import Pool
from app.core.redis import Redis
from app.domain.types import Exchange
from app.services.ports import MarketSource, PriceSource, TickStream


@dataclass(frozen=True, slots=True)
class FirehoseParts:
    """One exchange's firehose in one process.

    Attributes:
        holder: this process, as leases name it.
        stream: makes the stream of one reign; None = there is no key, so prices are polled.
    """

    exchange: Exchange
    settings: Settings
    clock: Clock
    pool: Pool
    redis: Redis
    holder: str
    markets: MarketSource
    prices: PriceSource
    stream: Callable[[], TickStream] | None
