"""The dispatcher: claims while it sends, records while it claims, until it is stopped."""

import asyncio

import structlog

from app.core.crash import Crashes
from app.core.errors import first_of
from app.pipeline.deliver.claim import claim_due
from app.pipeline.deliver.pace import Pace, pace_of
from app.pipeline.deliver.recorder import Recorder
from app.pipeline.deliver.sender import Sender, send
from app.pipeline.parts import PipelineParts
from app.pipeline.step import POLL_S, Bell
from app.store import switches
from app.store.deliveries import expire_late, return_lost
from app.store.held_lease import DATABASE_AWAY
from app.store.notify_channel import Channel

log = structlog.get_logger()

_AGAIN_S = 0.5  # while the database is away


async def run_dispatcher(parts: PipelineParts, bell: Bell, pace: Pace | None = None) -> None:
    """Deliver for ever, beside as many other dispatchers as there are.

    Cancelled, it claims and begins nothing more, gives back what it has not begun, waits for
    what is under way (some seconds at most) and records it: a clean stop doubles nothing.

    Raises:
        OperatorError: the rules of delivery are not complete.
    """
    pace = pace or pace_of(parts.settings.firebase)
    recorder = Recorder(parts, pace, parts.crashes)
    try:
        async with asyncio.TaskGroup() as sends:
            sender = Sender(parts, pace, recorder, parts.crashes, sends)
            try:
                async with asyncio.TaskGroup() as loops:
                    loops.create_task(_claim(parts, bell, sender, recorder))
                    loops.create_task(recorder.run())
                    loops.create_task(_look_after(parts, pace, recorder))
            finally:
                await sender.drain()
                await _flush_last(recorder)
    except BaseExceptionGroup as failed:
        raise first_of(failed) from None


async def deliver_all_due(parts: PipelineParts) -> int:
    """Deliver what is due, one after the other, most urgent first; return how many were looked at.

    For the virtual clock: the order and every outcome are the same each time.
    """
    pace, crashes = Pace(), Crashes()
    total = 0
    while (claim := await claim_due(parts, pace)).found:
        total += claim.found
        recorder = Recorder(parts, pace, crashes)
        for one in claim.deliveries:
            if parts.push is not None and claim.rules is not None:
                recorder.add(await send(parts.push, one, parts, pace.send_within_s), claim.rules)
        await recorder.flush()
    await _look_once(parts)
    return total


async def _claim(parts: PipelineParts, bell: Bell, sender: Sender, recorder: Recorder) -> None:
    """Keep the sender supplied; wait for news only when nothing is due."""
    while True:
        await sender.wait_for_room()
        try:
            found = 0 if recorder.is_behind else await sender.claim()
        except DATABASE_AWAY as error:
            log.warning("deliveries.not_claimed", error=str(error) or type(error).__name__)
            await parts.clock.sleep(_AGAIN_S)
            continue
        if not found:
            await bell.wait(Channel.DELIVERIES, at_most_s=POLL_S)


async def _look_after(parts: PipelineParts, pace: Pace, recorder: Recorder) -> None:
    """Take back what dispatchers left behind when they died.

    Not while our own outcomes wait for the database: they would be the first taken for lost.
    """
    while True:
        try:
            if not recorder.is_behind:
                await _look_once(parts)
        except DATABASE_AWAY as error:
            log.warning("leases.not_checked", error=str(error) or type(error).__name__)
        await parts.clock.sleep(pace.look_every_s)


async def _look_once(parts: PipelineParts) -> None:
    now = parts.clock.now()
    async with parts.pool.acquire() as conn:
        lost = await return_lost(conn, before=now, now=now)
        if parts.push is None or await switches.is_on(conn, switches.PAUSE_PUSH, now=now):
            await expire_late(conn, now=now)
    if lost:
        log.warning("deliveries.lost", deliveries=lost)


async def _flush_last(recorder: Recorder) -> None:
    """Record what is left; without a database it ends as lost leases."""
    try:
        await recorder.flush()
    except DATABASE_AWAY as error:
        log.warning("outcomes.not_recorded", error=str(error) or type(error).__name__)
