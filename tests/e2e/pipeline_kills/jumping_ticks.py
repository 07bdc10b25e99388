"""Ticks of events with two markets each, `A` and `B`: quiet, until one is told to jump."""

import asyncio
import time
from uuid import UUID

from app.core.redis import Redis
from app.domain import ids
from app.domain.fold import MicroCandle
from app.domain.types import Exchange
from tests.tick_entries import add_entry, piece

CENT = 10_000  # micro-dollars
PAST_S, EVERY_S = 1_200, 10
PACE_S = 0.4
STEPS, STEP_CENTS = 4, 4
CALM, BUSY = 20, 900  # contracts traded in a tick


class Ticks:
    """The firehose's side of the stream `ticks`."""

    def __init__(self, redis: Redis, events: list[str]) -> None:
        """Begin with every first market at 60 cents, every second one at 40."""
        self._redis = redis
        self._numbers = {ids.event_id(Exchange.KALSHI, name): n for n, name in enumerate(events)}
        self._cents = {name: 60 for name in events}
        self._left = dict.fromkeys(events, 0)

    def number_of(self, event: UUID) -> int:
        """Return which of the events this is."""
        return {UUID(str(each)): number for each, number in self._numbers.items()}[event]

    def jump(self, event: str) -> None:
        """Let an event's markets move by 16 cents within the next ticks, traded all the way."""
        self._left[event] = STEPS

    async def write_past(self) -> None:
        """Write twenty quiet minutes."""
        now_ms = int(time.time() * 1_000)
        for ago_s in range(PAST_S, 0, -EVERY_S):
            await add_entry(self._redis, self._tick(now_ms - ago_s * 1_000))

    async def run(self) -> None:
        """Tick until cancelled."""
        while True:
            await add_entry(self._redis, self._tick(int(time.time() * 1_000)))
            await asyncio.sleep(PACE_S)

    def _tick(self, at_ms: int) -> list[MicroCandle]:
        made = []
        for event, left in self._left.items():
            if left:
                self._left[event] -= 1
                self._cents[event] -= STEP_CENTS
            contracts, cents = BUSY if left else CALM, self._cents[event]
            made.append(_piece(f"{event}-A", at_ms, cents, contracts))
            made.append(_piece(f"{event}-B", at_ms, 100 - cents, contracts))
        return made


def _piece(ext_id: str, at_ms: int, cents: int, contracts: int) -> MicroCandle:
    price = cents * CENT
    return piece(
        at_ms // 60_000,
        ext_id,
        open=price,
        high=price,
        low=price,
        close=price,
        bid=price - CENT,
        ask=price + CENT,
        volume=contracts * 100,
        last_ms=at_ms,
    )
