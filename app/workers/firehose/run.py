"""The firehose's life in a process: wait for the lease, reign, lose it, wait again."""

import structlog

from app.core.errors import LeaseLost
from app.store.held_lease import DATABASE_AWAY, HeldLease, try_to_hold
from app.store.tick_feed import REDIS_AWAY
from app.workers.firehose.parts import FirehoseParts
from app.workers.firehose.reign import reign

log = structlog.get_logger()

LOOK_S = 0.5  # how often a process looks whether the lease is free


async def run_firehose(parts: FirehoseParts) -> None:
    """Hold the firehose whenever it is free, for ever; cancelling gives it back."""
    while True:
        lease = await _wait_for_lease(parts)
        try:
            await reign(parts, lease)
        except (LeaseLost, *DATABASE_AWAY, *REDIS_AWAY) as lost:
            log.warning("firehose.lost", exchange=parts.exchange, reason=str(lost) or "timeout")
        finally:
            await lease.release()
        await parts.clock.sleep(LOOK_S)


async def _wait_for_lease(parts: FirehoseParts) -> HeldLease:
    """Wait until the lease is ours; without Redis we do not even try."""
    name = f"firehose:{parts.exchange}"
    while True:
        try:
            await parts.redis.ping()
            lease = await try_to_hold(parts.pool, parts.clock, name, parts.holder)
        except (*DATABASE_AWAY, *REDIS_AWAY) as error:
            log.warning("firehose.waiting", exchange=parts.exchange, error=str(error) or "timeout")
            lease = None
        if lease is not None:
            return lease
        await parts.clock.sleep(LOOK_S)
