"""One timer for all clients: each is written to every half second, if there is something."""

from collections.abc import Mapping

from app.api.stream.board import Board
from app.api.stream.counts import Counts
from app.api.stream.encode import HEARTBEAT, Encoder
from app.api.stream.entry_ids import EntryId
from app.api.stream.subscription import Subscription
from app.api.stream.timing import Timing
from app.core.clock import Clock
from app.domain.freshness import Feed
from app.domain.types import Exchange

Feeds = Mapping[Exchange, Feed | None]


class Flusher:
    """Sends subscriptions what they lack.

    Attributes:
        feeds: how each exchange's prices are, kept current by `watch`.
    """

    def __init__(
        self, board: Board, encoder: Encoder, counts: Counts, clock: Clock, timing: Timing
    ) -> None:
        self.feeds: Feeds = {}
        self._board = board
        self._encoder = encoder
        self._counts = counts
        self._clock = clock
        self._timing = timing
        self._slots: list[dict[Subscription, None]] = [{} for _ in range(timing.slots)]
        self._slot_of: dict[Subscription, dict[Subscription, None]] = {}

    def begin(self, client: Subscription, hint: bytes, seen: EntryId | None) -> None:
        """Send the first events, and go on from there.

        Args:
            hint: sent before them.
            seen: the client has everything up to this entry; None = it has nothing.
        """
        is_resumed = seen is not None and self._board.can_resume(seen)
        if seen is not None and is_resumed:
            client.feeds.update(self.feeds)
            for quote in client.quotes:
                if quote.changed_since(seen):
                    client.pending[quote] = None
        else:
            client.needs_snapshot = True
        client.write(hint + self._news(client), now_s=self._clock.monotonic())
        self._slot_of[client] = slot = min(self._slots, key=len)
        slot[client] = None

    def leave(self, client: Subscription) -> None:
        """Write to a client no more."""
        slot = self._slot_of.pop(client, None)
        if slot is not None:
            del slot[client]

    def tell_feeds(self, feeds: Feeds) -> None:
        """Note how feeds are now; clients hear of those that are not as before."""
        before, self.feeds = self.feeds, feeds
        changed = {name for name, feed in feeds.items() if _word(feed) != _word(before.get(name))}
        if changed:
            for client in self._slot_of:
                client.feeds |= changed

    def renew(self) -> None:
        """Send everybody a snapshot next: something may have been missed."""
        for client in self._slot_of:
            client.needs_snapshot = True

    def end_all(self) -> None:
        """Say good-bye to everybody."""
        now_s = self._clock.monotonic()
        for client in list(self._slot_of):
            client.end(now_s=now_s)

    async def run(self) -> None:
        """Flush one slot after the other, for ever."""
        step_s = self._timing.flush_s / len(self._slots)
        due_s = self._clock.monotonic()
        while True:
            for slot in self._slots:
                now_s = self._clock.monotonic()
                for client in slot:
                    self._flush(client, now_s)
                due_s = max(due_s + step_s, now_s)  # what is late is not caught up with
                await self._clock.sleep(due_s - self._clock.monotonic())

    def _flush(self, client: Subscription, now_s: float) -> None:
        if client.is_writing:
            if now_s - client.wrote_s > self._timing.drain_s and not client.is_ended:
                self._counts.slow += 1
                client.break_off()
            return
        if client.is_ended:
            return
        if client.pending or client.feeds or client.needs_snapshot:
            client.write(self._news(client), now_s=now_s)
        elif now_s - client.wrote_s >= self._timing.heartbeat_s:
            client.write(HEARTBEAT, now_s=now_s)

    def _news(self, client: Subscription) -> bytes:
        """Write what a client lacks, and count it as sent."""
        position, encoder, counts = self._board.position, self._encoder, self._counts
        chunk = b""
        if client.needs_snapshot:
            client.needs_snapshot = False
            chunk = encoder.snapshot(position, client.quotes, self.feeds)
            counts.events += 1
        else:
            if client.pending:  # first: an id is given only with all that came until then
                counts.events += 1
                counts.sent += len(client.pending)
                chunk += encoder.changes(position, client.pending)
            if client.feeds:
                counts.events += len(client.feeds)
                for name in client.feeds:
                    chunk += encoder.feed_change(position, name, self.feeds.get(name))
        client.feeds.clear()
        client.pending.clear()
        return chunk


def _word(feed: Feed | None) -> tuple[object, ...] | None:
    return None if feed is None else (feed.state, feed.since)
