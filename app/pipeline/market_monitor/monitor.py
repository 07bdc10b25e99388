"""Every market that ticks under its own watch; what a watch finds becomes a detection."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta

import structlog

from app.core.crash import Crashes
from app.core.database import Conn, Pool
from app.domain.detections import Detection, Finding
from app.domain.detectors.rules import Rules
from app.domain.detectors.scene import Depth
from app.domain.fold import MicroCandle
from app.domain.market_kinds import policy_of
from app.domain.types import EventId, Exchange
from app.pipeline.market_monitor.cold import ColdMarkets
from app.pipeline.market_monitor.depths import DepthSource
from app.pipeline.market_monitor.findings import Watched, to_detection
from app.pipeline.market_monitor.gaps import without_gaps
from app.pipeline.market_monitor.opening import open_watches
from app.pipeline.market_monitor.upkeep import Upkeep, refresh
from app.pipeline.market_monitor.waiting import Key, WaitingMarkets
from app.store import baselines, detections

log = structlog.get_logger()

SAVE_EVERY = timedelta(minutes=5)
LATE = timedelta(minutes=3)  # a finding older than this was somebody else's to tell
_HOLE_MS = 600_000  # pieces so much older than the end of a hole are of a clock that is wrong
_UNREADABLE = (ArithmeticError, LookupError, TypeError, ValueError)
_SAVED_AT_ONCE = 2_000

Transaction = Callable[[], AbstractAsyncContextManager[Conn]]


class MarketMonitor:
    """The watches of all markets; fed by one task, in the order of the stream.

    `take` does no input or output; `look` opens watches for new markets, asks those that
    have something to look at, and writes what they found through `transaction`.
    """

    def __init__(
        self,
        rules: Rules,
        pool: Pool,
        transaction: Transaction,
        depths: DepthSource,
        *,
        began_at: datetime,
        crashes: Crashes | None = None,
    ) -> None:
        """Begin without any market.

        Args:
            transaction: opens a transaction for detections, fenced where that matters.
            began_at: when this monitor took over.
            crashes: where its process dies, for tests; None = nowhere.
        """
        self._rules = rules
        self._pool = pool
        self._transaction = transaction
        self._depths = depths
        self._crashes = crashes or Crashes()
        self._watched: dict[Key, Watched] = {}
        self._events: dict[EventId, list[Watched]] = defaultdict(list)
        self._waiting = WaitingMarkets()
        self._looking: dict[Key, Watched] = {}
        self._mute_until_ms: dict[Exchange, int] = {}
        self._saved_at = began_at
        self._is_stale: dict[Exchange, bool] = {}
        self._whole_since_ms: dict[Exchange, int] = {}
        self._upkeep = Upkeep()
        self._cold = ColdMarkets(rules.baseline)

    def __len__(self) -> int:
        """How many markets are watched."""
        return len(self._watched)

    def take(self, exchange: Exchange, pieces: Sequence[MicroCandle], at_ms: int) -> None:
        """Take the pieces of one flush; `at_ms`: when it was written.

        Those from before a hole are of no use: nothing may be compared with them.
        """
        if 0 < self._whole_since_ms.get(exchange, 0) - at_ms < _HOLE_MS:
            return
        for piece in pieces:
            key = (exchange, piece.market_ext_id)
            watched = self._watched.get(key)
            if watched is None:
                self._waiting.keep(key, (piece, at_ms))
                continue
            watch = watched.watch
            try:
                watch.add(piece)
            except _UNREADABLE:
                self._doubt(key)
                continue
            if watch.needs_look:
                self._looking[key] = watched

    def _doubt(self, key: Key) -> None:
        """Let go of a watch that cannot go on; its market's next piece opens another."""
        log.exception("monitor.watch_failed", exchange=key[0], market=key[1])
        self._forget(key)

    def _forget(self, key: Key) -> None:
        watched = self._watched.pop(key, None)
        self._looking.pop(key, None)
        if watched is not None:
            siblings = self._events[watched.event_id]
            siblings.remove(watched)
            if not siblings:
                del self._events[watched.event_id]

    def mute(
        self, exchange: Exchange, until: datetime, *, whole_since: datetime | None = None
    ) -> None:
        """Find nothing in an exchange's markets until then: what they jump by may be a gap.

        Args:
            whole_since: when the gap ended; pieces from before are not taken any more.
        """
        until_ms = _to_ms(until)
        if whole_since is not None:
            self._whole_since_ms[exchange] = _to_ms(whole_since)
        self._mute_until_ms[exchange] = until_ms
        for (each, _), watched in self._watched.items():
            if each == exchange:
                watched.watch.mute_until(until_ms)

    def note_stale(self, exchange: Exchange, *, is_stale: bool) -> None:
        """Note whether an exchange's prices can be relied on now."""
        self._is_stale[exchange] = is_stale

    async def look(self, now: datetime) -> int:
        """Look at what is new and at what ripens; return how many detections were written."""
        await self.open_new(now)
        await self._keep_up(now)
        looking, self._looking = self._looking, {}
        found: dict[Exchange, list[Detection]] = defaultdict(list)
        for key, watched in looking.items():
            depth = await self._depths.read(*key) if watched.watch.has_candidate else None
            try:
                found[key[0]] += self._look_at(watched, depth, now)
            except _UNREADABLE:
                self._doubt(key)
                continue
            if watched.watch.has_candidate:
                self._looking[key] = watched
        written = 0
        for exchange, theirs in found.items():
            written += await self._write(exchange, theirs, now) if theirs else 0
        return written

    async def _keep_up(self, now: datetime) -> None:
        """Take up what others have learnt of watched markets: histories, facts, ends."""
        if self._cold.is_due(now):
            async with self._pool.acquire() as conn:
                await self._cold.warm(conn, now)
        due = self._upkeep.take_due(self._watched, now)
        markets = {key: self._watched[key] for key in due if key in self._watched}
        if markets:
            async with self._pool.acquire() as conn:
                over = await refresh(conn, markets)
            for key in over:
                self._forget(key)

    def _look_at(self, watched: Watched, depth: Depth | None, now: datetime) -> list[Detection]:
        findings = watched.watch.look(
            policy_of(watched.facts, now),
            now_ms=_to_ms(now),
            starts_ms=watched.starts_ms,
            depth=depth,
        )
        return self._to_detections(watched, findings, now) if findings else []

    def _to_detections(
        self, watched: Watched, findings: Sequence[Finding], now: datetime
    ) -> list[Detection]:
        kept = []
        for finding in findings:
            if finding.observed_ms < _to_ms(now - LATE):
                log.info("detection.late", market=watched.facts.market_ext_id, kind=finding.kind)
                continue
            siblings = self._events[watched.event_id]
            is_stale = self._is_stale.get(watched.exchange, False)
            kept.append(to_detection(watched, finding, siblings, now=now, is_stale=is_stale))
        return kept

    async def _write(self, exchange: Exchange, found: Sequence[Detection], now: datetime) -> int:
        async with self._transaction() as conn:
            whole = await without_gaps(conn, exchange, found, now)
            new = await detections.insert_detections(conn, whole)
            self._crashes.at("before_detected")
        self._crashes.at("detected")
        for each in whole:
            log.info(
                "detection.found",
                id=str(each.id),
                kind=each.finding.kind,
                strength=str(each.finding.strength),
                is_new=each.id in new,
            )
        return len(new)

    async def open_new(self, now: datetime) -> None:
        """Open watches for markets that began to tick; unknown ones are asked for later."""
        due = self._waiting.take_due(now)
        if not due:
            return
        async with self._pool.acquire() as conn:
            opened = await open_watches(conn, self._rules, due, now=now)
        for key in due:
            watched = opened.get(key)
            if watched is None:
                self._waiting.put_off(key, now)
                continue
            if key[0] in self._mute_until_ms:
                watched.watch.mute_until(self._mute_until_ms[key[0]])
            self._watched[key] = watched
            self._events[watched.event_id].append(watched)
            self._cold.add(watched)
            self._looking[key] = watched
            for piece, at_ms in self._waiting.pop(key):
                self.take(key[0], [piece], at_ms)

    async def save_due(self, now: datetime) -> int:
        """Save the baselines that changed, every five minutes; return how many."""
        if now - self._saved_at < SAVE_EVERY:
            return 0
        self._saved_at = now
        rows = [
            (watched.market_id, watched.watch.baseline)
            for watched in self._watched.values()
            if watched.has_changed()
        ]
        for first in range(0, len(rows), _SAVED_AT_ONCE):
            async with self._transaction() as conn:
                await baselines.save_baselines(conn, rows[first : first + _SAVED_AT_ONCE], now=now)
        return len(rows)


def _to_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000)
