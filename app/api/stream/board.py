"""The latest prices of every market that traded lately, or that somebody watches.

All entries of `ticks` are applied, watched or not: so a row that is read later, and lags
behind by two seconds, is never older than what a client gets to see.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

import structlog

from app.api.stream.counts import Counts
from app.api.stream.entry_ids import BEGINNING, EntryId
from app.api.stream.quote import Quote
from app.domain.types import Exchange
from app.models.tick_entry import decode_entry
from app.repositories.stream_quotes import QuoteRow

log = structlog.get_logger()

KEEP_MS = 300_000  # as long as the stream itself
Entry = tuple[bytes, dict[bytes, bytes]]  # as Redis gives it


class Board:
    """Quotes by exchange and `ext_id`, and how far the stream was read.

    Attributes:
        position: the newest entry applied; everything up to it is in the quotes.
        floor: all entries after it are known; None = none is, so nobody can resume.
    """

    def __init__(self, exchanges: Iterable[Exchange], counts: Counts) -> None:
        self.position = BEGINNING
        self.floor: EntryId | None = None
        self._counts = counts
        self._quotes: dict[Exchange, dict[str, Quote]] = {name: {} for name in exchanges}
        self._fields = {name.value.encode(): quotes for name, quotes in self._quotes.items()}
        self._watched: dict[UUID, Quote] = {}

    def apply(self, entries: Iterable[Entry]) -> None:
        """Apply entries in the order of the stream; a broken one is counted and skipped."""
        for text, fields in entries:
            ms, _, number = text.partition(b"-")
            entry = EntryId(int(ms), int(number))
            for name, packed in fields.items():
                self._apply_packed(entry, name, packed)
            self.position = entry
            if self.floor is None:
                self.floor = entry

    def _apply_packed(self, entry: EntryId, name: bytes, packed: bytes) -> None:
        try:
            quotes, pieces = self._fields[name], decode_entry(packed)
        except (KeyError, ValueError) as error:
            self._counts.broken += 1
            log.warning("tick_entry.refused", entry=str(entry), error=str(error)[:200])
            return
        marked = 0
        for piece in pieces:
            if not piece.last_ms:
                continue
            ext_id = piece[0]
            quote = quotes.get(ext_id)
            if quote is None:
                quote = quotes[ext_id] = Quote(ext_id)
            if quote.apply(piece, entry) and quote.listeners:
                marked += mark(quote)
        self._counts.marked += marked

    def adopt(self, rows: Iterable[QuoteRow]) -> None:
        """Take over rows, and tell whoever watches these markets what they changed."""
        for row in rows:
            quotes = self._quotes.get(row.exchange)
            if quotes is None:
                continue
            quote = quotes.get(row.ext_id)
            if quote is None:
                quote = quotes[row.ext_id] = Quote(row.ext_id)
            if quote.adopt(row):
                self._counts.marked += mark(quote)
            self._watched[row.id] = quote

    def refresh(self, rows: Iterable[QuoteRow]) -> None:
        """Take over rows of markets that are still watched."""
        self.adopt(row for row in rows if row.id in self._watched)

    def find(self, ids: Sequence[UUID]) -> list[Quote]:
        """Return those of these markets that are watched, so their quotes are current."""
        watched = self._watched
        return [watched[market] for market in ids if market in watched]

    def watched_ids(self) -> list[UUID]:
        """Return the markets that somebody watches."""
        return list(self._watched)

    def release(self, quote: Quote) -> None:
        """Forget a market's row once nobody watches it: nothing keeps it true any more."""
        if not quote.listeners and quote.row is not None:
            del self._watched[quote.row.id]
            quote.row = quote.packed = quote.volume = None

    def sweep(self) -> None:
        """Forget markets that nobody watches and that were silent for five minutes."""
        oldest = EntryId(self.position.ms - KEEP_MS, 0)
        for quotes in self._quotes.values():
            idle = [name for name, quote in quotes.items() if _is_idle(quote, oldest)]
            for name in idle:
                del quotes[name]
        if self.floor is not None:
            self.floor = max(self.floor, oldest)

    def can_resume(self, entry: EntryId) -> bool:
        """Whether all changes after `entry` are known here."""
        return self.floor is not None and self.floor <= entry <= self.position


def mark(quote: Quote) -> int:
    """Note that a market changed with everybody who watches it; return how many do."""
    for pending in quote.listeners.values():
        pending[quote] = None
    return len(quote.listeners)


def _is_idle(quote: Quote, oldest: EntryId) -> bool:
    return not quote.listeners and quote.row is None and quote.entry < oldest
