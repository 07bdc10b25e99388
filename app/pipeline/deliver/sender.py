"""Claimed deliveries on their way to the gateway, so many at a time; no connection is held."""

import asyncio
from collections import deque

from app.core.crash import Crashes
from app.domain.push import PushOutcome, PushResult
from app.pipeline.deliver.claim import ClaimedDelivery, claim_due
from app.pipeline.deliver.message import to_message
from app.pipeline.deliver.pace import Pace
from app.pipeline.deliver.recorder import Recorder
from app.pipeline.deliver.settle import Sent
from app.pipeline.parts import PipelineParts
from app.services.ports import PushSender
from app.store.deliveries import DeliveryRules

_BROKEN_PROMISES = (
    LookupError,
    ValueError,
    TypeError,
    ArithmeticError,
    AttributeError,
    RuntimeError,
    OSError,
)


async def send(
    push: PushSender, claimed: ClaimedDelivery, parts: PipelineParts, within_s: float
) -> Sent:
    """Send one push; what takes too long, or breaks the port's promise, is unknown."""
    began_at = parts.clock.now()
    try:
        async with asyncio.timeout(within_s):
            outcome = await push.send(to_message(claimed))
    except TimeoutError:
        outcome = PushOutcome(PushResult.UNKNOWN, error="timeout")
    except _BROKEN_PROMISES as error:
        outcome = PushOutcome(PushResult.UNKNOWN, error=type(error).__name__, is_alarming=True)
    return Sent(claimed, outcome, began_at, parts.clock.now())


class Sender:
    """Sends what it claims in the order of urgency, `in_flight` at a time.

    A delivery that has waited too long is given back: its lease might end while it is sent.
    """

    def __init__(
        self,
        parts: PipelineParts,
        pace: Pace,
        recorder: Recorder,
        crashes: Crashes,
        tasks: asyncio.TaskGroup,
    ) -> None:
        """Begin with nothing; sends are tasks of the group."""
        self._parts = parts
        self._pace = pace
        self._recorder = recorder
        self._crashes = crashes
        self._tasks = tasks
        self._waiting: deque[tuple[ClaimedDelivery, DeliveryRules]] = deque()
        self._sends: set[asyncio.Task[None]] = set()
        self._has_room = asyncio.Event()
        self._claiming: asyncio.Task[int] | None = None
        self._is_closing = False

    async def claim(self) -> int:
        """Claim more; return how many were due.

        Whoever stops waiting does not stop it: what it has claimed must not be forgotten.
        """
        self._claiming = asyncio.create_task(self._claim())
        return await asyncio.shield(self._claiming)

    async def wait_for_room(self) -> None:
        """Return when few enough wait that more should be claimed."""
        while len(self._waiting) > self._pace.low_water:
            self._has_room.clear()
            await self._has_room.wait()

    async def drain(self) -> None:
        """Begin nothing more, give back what has not begun, and see the rest to its end."""
        self._is_closing = True
        if self._claiming is not None:
            await asyncio.wait([self._claiming])
        self._give_back()
        if self._sends:
            await asyncio.wait(self._sends)

    async def _claim(self) -> int:
        claim = await claim_due(self._parts, self._pace)
        if claim.rules is not None:
            self._crashes.at("claimed")
            self._waiting.extend((one, claim.rules) for one in claim.deliveries)
            self._fill()
        return claim.found

    def _give_back(self) -> None:
        """Hand what has not begun to whoever claims next."""
        while self._waiting:
            self._recorder.add(*self._waiting.popleft())

    def _fill(self) -> None:
        while self._waiting and len(self._sends) < self._pace.in_flight and not self._is_closing:
            task = self._tasks.create_task(self._send(*self._waiting.popleft()))
            self._sends.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._sends.discard(task)
        if not task.cancelled() and task.exception() is None:
            self._fill()
        if len(self._waiting) <= self._pace.low_water:
            self._has_room.set()

    async def _send(self, claimed: ClaimedDelivery, rules: DeliveryRules) -> None:
        push = self._parts.push
        if push is None or self._parts.clock.monotonic() > claimed.begin_by_s:
            self._recorder.add(claimed, rules)
            return
        self._crashes.at("sending")
        sent = await send(push, claimed, self._parts, self._pace.send_within_s)
        self._crashes.at("sent")
        self._recorder.add(sent, rules)
        if sent.outcome.result is PushResult.PAUSED:
            self._give_back()
