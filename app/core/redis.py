"""Redis client of one process: ticks, queues, nothing a person is owed."""

import redis.asyncio as aioredis

from app.core.errors import OperatorError

Redis = aioredis.Redis


def create_redis(url: str) -> Redis:
    """Create a client; connects on first use.

    Args:
        url: `redis://`, `rediss://` or `unix:///path/redis.sock`.

    Raises:
        OperatorError: no or a malformed URL.
    """
    if not url:
        raise OperatorError("REDIS_URL is not set: set it, or run through ./alpha.")
    try:
        client: Redis = aioredis.from_url(  # type: ignore[no-untyped-call]
            url, socket_timeout=5, socket_connect_timeout=2, health_check_interval=15
        )
    except ValueError as error:
        raise OperatorError(f"REDIS_URL is malformed: {error}.") from error
    return client
