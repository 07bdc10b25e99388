"""Serves recorded Kalshi rows verbatim, in pages, with the filters that can be told from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from sandbox.faults.rows import Row
from sandbox.recordings import Recorded
from sandbox.vendors.kalshi.ask import Ask
from sandbox.vendors.kalshi.context import Context
from sandbox.vendors.kalshi.errors import not_found
from sandbox.vendors.kalshi.filters import read_event_query, read_market_query
from sandbox.vendors.kalshi.limits import PREFIX
from sandbox.vendors.kalshi.paging import Place
from sandbox.vendors.kalshi.render import list_body
from sandbox.vendors.kalshi.reply import Reply
from sandbox.vendors.kalshi.wire import Handler
from sandbox.world.eastern import to_us
from sandbox.world.model import State, Status

_EMPTY: dict[str, str] = {
    "/series": "series",
    "/events": "events",
    "/events/multivariate": "events",
    "/markets": "markets",
    "/markets/trades": "trades",
    "/markets/orderbooks": "orderbooks",
    "/markets/candlesticks": "markets",
    "/historical/markets": "markets",
}
_NO_CURSOR = frozenset({"/series", "/markets/orderbooks", "/markets/candlesticks"})
_SINGLE = {"markets": "market", "events": "event", "series": "series"}
_TOP = {"events": 200}
_STATUSES = {status.value: status for status in Status}


class _Facts(msgspec.Struct):
    """The few fields the filters look at."""

    ticker: str | None = None
    event_ticker: str | None = None
    series_ticker: str | None = None
    status: str | None = None
    created_time: str | None = None
    updated_time: str | None = None
    last_updated_ts: str | None = None
    close_time: str | None = None
    settlement_ts: str | None = None
    category: str | None = None


def _moment(text: str | None) -> int:
    return to_us(datetime.fromisoformat(text)) if text else 0


class RecordedRow:
    """One recorded row."""

    __slots__ = ("ext_id", "facts", "kind", "raw")

    def __init__(self, kind: str, raw: bytes) -> None:
        """Read the few fields that matter."""
        self.kind, self.raw = kind, raw
        self.facts = msgspec.json.decode(raw, type=_Facts)
        key = self.facts.event_ticker if kind == "events" else self.facts.ticker
        self.ext_id = key or ""

    def is_wanted(self, ask: Ask) -> bool:
        """Apply the filters of a request."""
        facts = self.facts
        event = facts.event_ticker or ""
        series = facts.series_ticker or event.split("-", 1)[0]
        if self.kind == "series":
            return not ask.has("category") or facts.category == ask.text("category")
        if self.kind == "events":
            updated_us = _moment(facts.last_updated_ts)
            return read_event_query(ask).wants(event, series, updated_us)
        if self.kind != "markets":
            return True
        query = read_market_query(ask)
        combo = event.startswith("KXMVE")
        if not query.wants_event(event, series, is_combo=combo):
            return False
        state = self._state()
        if state is None:
            return query.statuses is None
        return query.wants(self.ext_id, _moment(facts.created_time), state)

    def _state(self) -> State | None:
        facts = self.facts
        status = _STATUSES.get(facts.status or "")
        if status is None:
            return None
        settled_us = _moment(facts.settlement_ts) or None
        close_us = _moment(facts.close_time)
        return State(status, _moment(facts.updated_time), close_us, close_us, settled_us)


class _Listing:
    def __init__(self, rows: Sequence[RecordedRow], ask: Ask) -> None:
        self._rows, self._ask = rows, ask

    def ext_id(self, item: RecordedRow) -> str:
        return item.ext_id

    def entries(self, after: Place | None) -> Iterator[tuple[Place, RecordedRow]]:
        for number in range(int(after[0]) + 1 if after else 0, len(self._rows)):
            if self._rows[number].is_wanted(self._ask):
                yield [number], self._rows[number]


class RecordedPath:
    """Everything the manifest has for one path."""

    def __init__(self, path: str, entries: Sequence[Recorded]) -> None:
        """Prepare the rows once."""
        self._path = path
        self._entries = [
            (entry, [RecordedRow(entry.wrap, raw) for raw in entry.values if entry.wrap])
            for entry in entries
        ]

    def handle(self, ctx: Context, ask: Ask) -> Reply:
        """Answer with the most specific entries that fit the request."""
        query = dict(ask.query)
        fitting = [(entry, rows) for entry, rows in self._entries if entry.answers(query)]
        if any(entry.query for entry, _ in fitting):
            fitting = [(entry, rows) for entry, rows in fitting if entry.query]
        if not fitting:
            return empty(self._path)
        name = fitting[0][0].wrap
        if name is None:
            return Reply(fitting[0][0].values[0])
        rows = [row for _, found in fitting for row in found]
        paged = self._path not in _NO_CURSOR
        limit = ask.limit(100, _TOP.get(name, 1_000)) if paged else len(rows)
        page = ctx.pager.page(ask, _Listing(rows, ask), limit)
        bodies = [
            ctx.spoiler.encode(Row(row.kind, row.ext_id, raw=row.raw))
            for row in page.items
            if not ctx.spoiler.is_dropped(row.kind, row.ext_id)
        ]
        return Reply(list_body(name, bodies, page.cursor, is_sent=page.is_sent and paged))


def empty(path: str) -> Reply:
    """Return the empty list of a path, or a 404 for anything that is not a list."""
    name = _EMPTY.get(path)
    if name is None:
        raise not_found()
    return Reply(list_body(name, [], "", is_sent=path not in _NO_CURSOR))


class RecordedSingle:
    """One recorded row at an address of its own."""

    def __init__(self, name: str, row: RecordedRow) -> None:
        """Wrap a row under the singular of its kind."""
        self._name, self._row = name, row

    def handle(self, ctx: Context, ask: Ask) -> Reply:
        """Answer with the row."""
        row = self._row
        if ctx.spoiler.is_vanished(row.kind, row.ext_id):
            raise not_found()
        raw = ctx.spoiler.encode(Row(row.kind, row.ext_id, raw=row.raw))
        beside = b',"markets":[]' if self._name == "event" else b""
        return Reply(b'{"%s":%s%s}' % (self._name.encode(), raw, beside))


def recorded_handlers(recordings: Sequence[Recorded]) -> dict[str, Handler]:
    """Return a handler per path (without the prefix); singles of later entries win."""
    lists: dict[str, list[Recorded]] = {}
    singles: dict[str, Handler] = {}
    for entry in recordings:
        path = entry.path.removeprefix(PREFIX)
        lists.setdefault(path, []).append(entry)
        if entry.wrap and entry.single_by:
            name = _SINGLE.get(entry.wrap, entry.wrap)
            for raw in entry.values:
                key = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])[entry.single_by]
                ticker = msgspec.json.decode(key, type=str)
                singles[f"{path}/{ticker}"] = RecordedSingle(
                    name, RecordedRow(entry.wrap, raw)
                ).handle
    handlers = {path: RecordedPath(path, entries).handle for path, entries in lists.items()}
    return {**singles, **handlers}


def recorded_rows(recordings: Sequence[Recorded], kind: str) -> dict[str, bytes]:
    """Return every recorded row of a kind by id; the last one wins."""
    rows = (
        RecordedRow(entry.wrap, raw)
        for entry in recordings
        for raw in entry.values
        if entry.wrap == kind
    )
    return dict(sorted((row.ext_id, row.raw) for row in rows))
