"""Every step of the pipeline in one group of tasks, each under the one wrapper."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from app.core.loop import run_forever
from app.core.redis import Redis
from app.pipeline.attribute import attribute_due
from app.pipeline.deliver import run_dispatcher
from app.pipeline.market_monitor import run_market_monitor
from app.pipeline.notify import notify_due
from app.pipeline.parts import PipelineParts
from app.pipeline.step import Bells, run_step
from app.pipeline.sweep import sweep
from app.pipeline.word import word_due
from app.store.notify_channel import Channel

SWEEP_EVERY_S = 30.0
Body = Callable[[], Awaitable[None]]


async def run_pipeline(parts: PipelineParts, redis: Redis) -> None:
    """Run the whole pipeline until cancelled."""
    async with asyncio.TaskGroup() as tasks:
        for name, body in pipeline_loops(parts, redis).items():
            tasks.create_task(run_forever(name, body, parts.clock), name=name)


def pipeline_loops(parts: PipelineParts, redis: Redis) -> dict[str, Body]:
    """Return every endless loop of the pipeline by name, left to right."""
    bells = Bells()

    def step(work: Callable[[PipelineParts], Awaitable[int]], channel: Channel) -> Body:
        return partial(run_step, partial(work, parts), bells.ear(), channel, parts.clock)

    return {
        "bells": partial(bells.listen, parts.pool, parts.clock),
        "market_monitor": partial(run_market_monitor, parts, redis),
        "attribute": step(attribute_due, Channel.DETECTIONS),
        "word": step(word_due, Channel.ALERTS),
        "notify": step(notify_due, Channel.ALERTS),
        "deliver": partial(run_dispatcher, parts, bells.ear()),
        "sweep": partial(_sweep_on, parts),
    }


async def _sweep_on(parts: PipelineParts) -> None:
    while True:
        await sweep(parts)
        await parts.clock.sleep(SWEEP_EVERY_S)
