"""The replay itself: lines in, time forward, the live system's own steps in their order."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import groupby

from app.domain.types import Exchange
from app.pipeline.attribute import attribute_due
from app.pipeline.deliver import deliver_all_due
from app.pipeline.market_monitor import MarketMonitor
from app.pipeline.market_monitor.gaps import QUIET
from app.pipeline.notify import notify_due
from app.pipeline.parts import PipelineParts
from app.pipeline.word import word_due
from app.store import catalogue_life
from evaluation.recording.shapes import AnswerLine, FrameLine, SignalLine, from_millis
from evaluation.replay.feed import ReplayFeed
from evaluation.replay.kalshi import KalshiFrames
from evaluation.replay.moments import Moment
from evaluation.replay.signals import insert_signal
from evaluation.replay.stage import Stage

FLUSH_MS = 100
_SECOND_MS = 1_000
_SILENCE_MS = 60_000  # without any frame the live system has reconnected: a gap
_RIPENS_MS = 180_000  # what was seen last may ripen for so long
_TAIL_MS = 600_000  # played on after the last line
_SAY_EVERY = 20_000

Step = Callable[[PipelineParts], Awaitable[int]]
STEPS: tuple[Step, ...] = (attribute_due, word_due, notify_due, deliver_all_due)
Say = Callable[[str], None]


class Player:
    """Plays lines on a stage."""

    def __init__(
        self, stage: Stage, monitor: MarketMonitor, feeds: Mapping[Exchange, ReplayFeed]
    ) -> None:
        """Join the parts, at the stage's time."""
        clock, self._stage = stage.clock, stage
        self._feeds = feeds
        self._monitor = monitor
        self._frames = {Exchange.KALSHI: KalshiFrames(feeds[Exchange.KALSHI], clock)}
        self._parts = PipelineParts(
            settings=stage.settings,
            clock=clock,
            pool=stage.pool,
            holder="replay",
            push=stage.gateway,
        )
        self._now_ms = _to_ms(clock.now())
        self._framed_ms = self._now_ms
        self._due_at: datetime | None = None

    async def play(self, moments: Iterable[Moment], say: Say) -> None:
        """Play everything, and what it leads to within ten minutes after the end."""
        lines = 0
        for feed in self._feeds.values():
            await self._begin_anew(feed)
        for flush, group in groupby(moments, key=lambda moment: moment.at_ms // FLUSH_MS):
            at_ms = (flush + 1) * FLUSH_MS
            await self._reach(at_ms)
            played = list(group)
            await self._take(played)
            if (lines + len(played)) // _SAY_EVERY > lines // _SAY_EVERY:
                say(f"{lines + len(played)} lines, {self._stage.clock.now():%Y-%m-%d %H:%M:%S}")
            lines += len(played)
        await self._reach(self._now_ms + _TAIL_MS)

    async def _take(self, moments: list[Moment]) -> None:
        """Take what came within one flush."""
        frames: dict[Exchange, list[bytes]] = {}
        for _, line in moments:
            if isinstance(line, FrameLine):
                self._add_frame(frames, line)
            elif isinstance(line, AnswerLine):
                await self._take_answer(line)
            else:
                await self._take_signal(line)
        for exchange, raws in frames.items():
            await self._take_frames(exchange, raws)

    def _add_frame(self, frames: dict[Exchange, list[bytes]], line: FrameLine) -> None:
        if line.exchange not in self._frames:
            self._stage.count_unread(f"frames of {line.exchange}")
            return
        try:
            frames.setdefault(line.exchange, []).append(line.raw())
        except ValueError:
            self._stage.count_unread("frames that are neither object nor text")

    async def _take_frames(self, exchange: Exchange, raws: list[bytes]) -> None:
        feed = self._feeds[exchange]
        if self._now_ms - self._framed_ms > _SILENCE_MS:
            feed.note_gap()
        self._framed_ms = self._now_ms
        await self._frames[exchange].take(raws)
        if feed.unknown:
            await self._meet(feed)
        if feed.had_gap:
            await self._begin_anew(feed)
        flush = feed.take()
        if flush.pieces:
            self._monitor.take(exchange, flush.pieces, self._now_ms)

    async def _meet(self, feed: ReplayFeed) -> None:
        """Make rows for markets that nobody listed."""
        stage, known = self._stage, self._stage.catalogue.markets
        new = [ext_id for ext_id in feed.unknown if (feed.exchange, ext_id) not in known]
        feed.unknown.clear()
        if stage.invents and new:
            await stage.catalogue.invent(feed.exchange, new, now=stage.clock.now())
            await stage.meet_new()

    async def _take_answer(self, line: AnswerLine) -> None:
        if line.at_ms <= self._stage.listed_until_ms:
            return
        await self._stage.catalogue.take_answer(line, now=self._stage.clock.now())
        await self._stage.meet_new()

    async def _take_signal(self, line: SignalLine) -> None:
        try:
            async with self._stage.pool.acquire() as conn:
                await insert_signal(conn, line)
        except ValueError as error:
            self._stage.count_unread(f"signals: {error}")

    async def _begin_anew(self, feed: ReplayFeed) -> None:
        """Compare nothing with what was before, as after a take-over or a reconnect."""
        feed.had_gap = False
        await feed.come_back()
        self._monitor.mute(feed.exchange, self._stage.clock.now() + QUIET)

    async def _reach(self, target_ms: int) -> None:
        """Let time pass, with a look at every full second in which something may ripen."""
        while True:
            next_ms = self._next_look_ms()
            if next_ms > target_ms:
                break
            self._advance(next_ms)
            await self._look()
        self._advance(target_ms)

    def _next_look_ms(self) -> int:
        following = (self._now_ms // _SECOND_MS + 1) * _SECOND_MS
        if self._now_ms - self._framed_ms <= _RIPENS_MS:
            return following
        if self._due_at is None:
            return self._now_ms + 365 * 86_400_000
        return max(following, -(-_to_ms(self._due_at) // _SECOND_MS) * _SECOND_MS)

    def _advance(self, to_ms: int) -> None:
        if to_ms > self._now_ms:
            self._now_ms = to_ms
            clock = self._stage.clock
            clock.advance(max(from_millis(to_ms) - clock.now(), timedelta()))

    async def _look(self) -> None:
        now = self._stage.clock.now()
        found = await self._monitor.look(now)
        if found or (self._due_at is not None and self._due_at <= now):
            await self._run_pipeline(now)

    async def _run_pipeline(self, now: datetime) -> None:
        pool = self._stage.pool
        for exchange, feed in self._feeds.items():
            await feed.write()
            async with pool.acquire() as conn:
                await catalogue_life.flip_by_clock(conn, exchange, now=now)
        for step in STEPS:
            while await step(self._parts):
                pass
        async with pool.acquire() as conn:
            self._due_at = await conn.fetchval(
                "SELECT min(due_at) FROM alpha.deliveries"
                " WHERE state IN ('pending', 'retry', 'unknown')"
            )


def _to_ms(at: datetime) -> int:
    return round(at.timestamp() * 1_000)
