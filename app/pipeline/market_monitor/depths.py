"""How much is offered at the best prices of a market, asked for only when it matters."""

from typing import Any, Protocol

from app.core.redis import Redis
from app.domain.detectors.scene import Depth
from app.domain.ticks import to_centis
from app.domain.types import Exchange
from app.store.tick_feed import REDIS_AWAY, market_key


class DepthSource(Protocol):
    """Where best offers' sizes come from."""

    async def read(self, exchange: Exchange, market_ext_id: str) -> Depth | None:
        """Return what is offered now; None when nobody knows."""


class RedisDepths:
    """The sizes that the firehose keeps in `market:{ext_id}`."""

    def __init__(self, redis: Redis) -> None:
        """Read from this Redis."""
        self._redis = redis

    async def read(self, exchange: Exchange, market_ext_id: str) -> Depth | None:
        """See `DepthSource.read`; a Redis that is away knows nothing."""
        del exchange  # names of different exchanges' markets never meet
        try:
            asked: Any = self._redis.hmget(market_key(market_ext_id), ["bid_size", "ask_size"])
            bid, ask = [to_centis(text.decode()) if text else None for text in await asked]
        except (*REDIS_AWAY, ValueError):
            return None
        return None if bid is None and ask is None else Depth(bid, ask)
