"""What the stream missed or only mentioned, asked for by request until it is known."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta

import structlog

from app.core.errors import SourceError
from app.services.ports import StreamGap, StreamKind
from app.store import lifecycle
from app.store.held_lease import DATABASE_AWAY, HeldLease
from app.workers.firehose import asking
from app.workers.firehose.parts import FirehoseParts
from app.workers.firehose.wanted import WantList
from app.workers.firehose.windows import GapBook, Window

log = structlog.get_logger()

LOOK_S = 0.25  # how often it looks whether there is something to do
SETTLE_S = 3.0  # so long after a gap the exchange's request interface knows of it
RECHECK_S = 8.0  # so long after an announcement what a request says outweighs it
SWEEP_S = 60.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 30.0
_BATCH = 500
_WAITING_SINCE = timedelta(hours=6)
_PRICES = (StreamKind.TICKS, StreamKind.TRADES)


class Reconciler:
    """Asks for windows that may lack messages, and for markets and events by name.

    The stream's task calls `note`, `want`, `recheck` and `want_events`, which only take
    notes; `run` does the work. What it writes any process may write: it is guarded by the
    time of the request, not by the fence.
    """

    def __init__(self, parts: FirehoseParts, lease: HeldLease) -> None:
        """Begin with nothing missing."""
        self._parts = parts
        self._lease = lease
        self._gaps = GapBook()
        self._untold: set[str] = set()
        self._markets = WantList()
        self._events = WantList()
        self._has_overflown = False
        self._sweep_s = 0.0

    @property
    def is_behind(self) -> bool:
        """Tell whether a window was not asked for yet."""
        return bool(self._gaps)

    def note(self, gap: StreamGap) -> None:
        """Have a window asked for; windows of a kind become one."""
        self._gaps.note(gap)

    def want(self, ext_ids: Collection[str]) -> None:
        """Have markets fetched that the catalogue lacks, and what waits for them applied."""
        self._untold.update(ext_ids)

    def recheck(self, ext_ids: Collection[str]) -> None:
        """Have markets fetched once a request outweighs what was announced."""
        self._add(self._markets, ext_ids, RECHECK_S)

    def want_events(self, ext_ids: Collection[str]) -> None:
        """Have events fetched that something was announced about."""
        self._add(self._events, ext_ids, 0)

    async def run(self) -> None:
        """Work for ever; neither an exchange nor a database that is away ends it.

        Raises:
            LeaseLost: this process stood still for too long.
        """
        async with asyncio.TaskGroup() as tasks:
            for step in (
                self._ask_changes,
                self._ask_prices,
                self._apply_untold,
                self._fetch_markets,
                self._fetch_events,
                self._sweep,
            ):
                tasks.create_task(self._repeat(step))

    async def _repeat(self, step: Callable[[], Awaitable[None]]) -> None:
        """Do a step whenever it has work; after a failure wait, at random within a growing time."""
        ceiling_s = _FIRST_WAIT_S
        while True:
            self._lease.check()
            wait_s = LOOK_S
            try:
                await step()
            except (SourceError, *DATABASE_AWAY) as error:
                log.warning(
                    "reconciliation.failed", step=step.__name__, error=str(error) or "timeout"
                )
                wait_s = random.uniform(LOOK_S, ceiling_s)
                ceiling_s = min(2 * ceiling_s, _LONGEST_WAIT_S)
            else:
                ceiling_s = _FIRST_WAIT_S
            await self._parts.clock.sleep(wait_s)

    async def _ask_changes(self) -> None:
        window = self._gaps.take(StreamKind.LIFECYCLE)
        if window is None:
            return
        try:
            await asking.ask_changes(self._parts, window)
            log.info("changes.reconciled", since=window.since, until=window.until)
        except (SourceError, *DATABASE_AWAY):
            self._gaps.put_back(StreamKind.LIFECYCLE, window)
            raise
        finally:
            self._gaps.done()

    async def _ask_prices(self) -> None:
        window = self._gaps.take(*_PRICES)
        if window is None:
            return
        try:
            await self._settle(window)
            traded = await asking.ask_trades(self._parts, window)
            await asking.ask_quotes(self._parts, window, traded)
            log.info(
                "prices.reconciled", since=window.since, until=window.until, markets=len(traded)
            )
        except (SourceError, *DATABASE_AWAY):
            for kind in _PRICES:
                self._gaps.put_back(kind, window)
            raise
        finally:
            self._gaps.done()

    async def _settle(self, window: Window) -> None:
        ago = (self._parts.clock.now() - window.until).total_seconds()
        await self._parts.clock.sleep(min(max(SETTLE_S - ago, 0), SETTLE_S))

    async def _apply_untold(self) -> None:
        """Apply what waits for markets that came meanwhile; have the others fetched."""
        names = frozenset(self._untold)
        if not names:
            return
        caught = await self._apply_waiting(names)
        self._untold -= names
        self._add(self._markets, names - caught.known, 0)

    async def _fetch_markets(self) -> None:
        now_s = self._parts.clock.monotonic()
        names = self._markets.due(now_s, limit=_BATCH)
        if not names:
            return
        came = await asking.ask_markets(self._parts, names)
        self._markets.drop(came)
        await self._apply_waiting(came)
        self._postpone(self._markets, names)

    async def _fetch_events(self) -> None:
        names = self._events.due(self._parts.clock.monotonic(), limit=_BATCH)
        if not names:
            return
        self._events.drop(await asking.ask_events(self._parts, names))
        self._postpone(self._events, names)

    async def _sweep(self) -> None:
        """Look through the table: for what a killed process knew, for what a sync brought."""
        now_s = self._parts.clock.monotonic()
        if now_s < self._sweep_s:
            return
        if self._has_overflown:
            await asking.request_full_sync(self._parts)
            self._has_overflown = False
        since = self._parts.clock.now() - _WAITING_SINCE
        async with self._parts.pool.acquire() as conn:
            waiting = await lifecycle.list_waiting(
                conn, self._parts.exchange, since=since, limit=10 * _BATCH
            )
        is_first = not self._sweep_s
        self.want([name for name, is_known in waiting.items() if is_known or is_first])
        self._sweep_s = now_s + SWEEP_S

    async def _apply_waiting(self, names: Collection[str]) -> lifecycle.Caught:
        async with self._parts.pool.acquire() as conn:
            caught = await lifecycle.apply_waiting(
                conn, self._parts.exchange, names, now=self._parts.clock.now()
            )
        self.recheck(caught.doubtful)
        return caught

    def _add(self, wanted: WantList, names: Collection[str], after_s: float) -> None:
        due_s = self._parts.clock.monotonic() + after_s
        if wanted.add(names, due_s=due_s):
            self._has_overflown = True  # a sync will bring them

    def _postpone(self, wanted: WantList, names: Collection[str]) -> None:
        given_up = wanted.postpone(names, self._parts.clock.monotonic())
        if given_up:
            log.warning("names.given_up", names=given_up[:20], count=len(given_up))
