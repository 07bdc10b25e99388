"""Every market that ticks under its own watch; what a watch finds becomes a detection."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from app.core.database import Conn, Pool
from app.domain.detections import Detection, Finding
from app.domain.detectors.rules import Rules
from app.domain.fold import MicroCandle
from app.domain.market_kinds import policy_of
from app.domain.types import EventId, Exchange
from app.pipeline.market_monitor.cold import ColdMarkets
from app.pipeline.market_monitor.depths import DepthSource
from app.pipeline.market_monitor.findings import Watched, to_detection
from app.pipeline.market_monitor.gaps import without_gaps
from app.pipeline.market_monitor.opening import open_watches
from app.store import baselines, detections

log = structlog.get_logger()

SAVE_EVERY = timedelta(minutes=5)
LATE = timedelta(minutes=2)  # a finding older than this was somebody else's to tell
_ASK_AGAIN = timedelta(seconds=30)  # about a market that the catalogue does not have yet
_WAITING = 600  # pieces kept of a market whose watch is not open yet
_SAVED_AT_ONCE = 2_000

Key = tuple[Exchange, str]
Transaction = Callable[[], AbstractAsyncContextManager[Conn]]


@dataclass(slots=True)
class _Waiting:
    """Pieces of a market that has no watch yet; `not_before`: when to ask for it."""

    pieces: list[tuple[MicroCandle, int]]
    not_before: datetime


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
    ) -> None:
        """Begin without any market.

        Args:
            transaction: opens a transaction for detections, fenced where that matters.
            began_at: when this monitor took over.
        """
        self._rules = rules
        self._pool = pool
        self._transaction = transaction
        self._depths = depths
        self._watched: dict[Key, Watched] = {}
        self._events: dict[EventId, list[Watched]] = defaultdict(list)
        self._waiting: dict[Key, _Waiting] = {}
        self._looking: dict[Key, Watched] = {}
        self._mute_until_ms: dict[Exchange, int] = {}
        self._saved_at = began_at
        self._is_stale: dict[Exchange, bool] = {}
        self._cold = ColdMarkets(rules.baseline)

    def __len__(self) -> int:
        """How many markets are watched."""
        return len(self._watched)

    def take(self, exchange: Exchange, pieces: Sequence[MicroCandle], at_ms: int) -> None:
        """Take the pieces of one flush; `at_ms`: when it was written."""
        for piece in pieces:
            key = (exchange, piece.market_ext_id)
            watched = self._watched.get(key)
            if watched is None:
                self._keep_waiting(key, piece, at_ms)
                continue
            watch = watched.watch
            watch.add(piece, at_ms=at_ms)
            if watch.needs_look:
                self._looking[key] = watched

    def _keep_waiting(self, key: Key, piece: MicroCandle, at_ms: int) -> None:
        waiting = self._waiting.get(key)
        if waiting is None:
            never = datetime.min.replace(tzinfo=UTC)
            waiting = self._waiting[key] = _Waiting([], never)
        if len(waiting.pieces) < _WAITING:
            waiting.pieces.append((piece, at_ms))

    def mute(self, exchange: Exchange, until: datetime) -> None:
        """Find nothing in an exchange's markets until then: what they jump by may be a gap."""
        until_ms = _to_ms(until)
        self._mute_until_ms[exchange] = until_ms
        for (each, _), watched in self._watched.items():
            if each == exchange:
                watched.watch.mute_until(until_ms)

    def note_stale(self, exchange: Exchange, *, is_stale: bool) -> None:
        """Note whether an exchange's prices can be relied on now."""
        self._is_stale[exchange] = is_stale

    async def look(self, now: datetime) -> int:
        """Look at what is new and at what ripens; return how many detections were written."""
        await self._open_new(now)
        if self._cold.is_due(now):
            async with self._pool.acquire() as conn:
                await self._cold.warm(conn, now)
        looking, self._looking = self._looking, {}
        found: list[Detection] = []
        now_ms = _to_ms(now)
        for key, watched in looking.items():
            depth = await self._depths.read(*key) if watched.watch.has_candidate else None
            policy = policy_of(watched.facts, now)
            findings = watched.watch.look(
                policy, now_ms=now_ms, starts_ms=watched.starts_ms, depth=depth
            )
            found += self._to_detections(watched, findings, now)
            if watched.watch.has_candidate:
                self._looking[key] = watched
        return await self._write(found, now) if found else 0

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

    async def _write(self, found: Sequence[Detection], now: datetime) -> int:
        async with self._transaction() as conn:
            whole = await without_gaps(conn, found, now)
            new = await detections.insert_detections(conn, whole)
        for each in whole:
            log.info(
                "detection.found",
                id=str(each.id),
                kind=each.finding.kind,
                strength=str(each.finding.strength),
                is_new=each.id in new,
            )
        return len(new)

    async def _open_new(self, now: datetime) -> None:
        """Open a watch for every market that began to tick; unknown ones are asked for later."""
        due = [key for key, waiting in self._waiting.items() if waiting.not_before <= now]
        if not due:
            return
        async with self._pool.acquire() as conn:
            opened = await open_watches(conn, self._rules, due, now=now)
        for key in due:
            watched = opened.get(key)
            if watched is None:
                self._waiting[key].not_before = now + _ASK_AGAIN
                continue
            if key[0] in self._mute_until_ms:
                watched.watch.mute_until(self._mute_until_ms[key[0]])
            self._watched[key] = watched
            self._events[watched.event_id].append(watched)
            self._cold.add(watched)
            for piece, at_ms in self._waiting.pop(key).pieces:
                watched.watch.add(piece, at_ms=at_ms)
            self._looking[key] = watched

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
