"""The filters of `/markets` and `/events` and which of them may be combined."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.vendors.kalshi.ask import Ask
from sandbox.vendors.kalshi.errors import bad_request
from sandbox.world.model import State, Status

STATUS_WORDS: dict[str, frozenset[Status]] = {
    "unopened": frozenset({Status.INITIALIZED}),
    "open": frozenset({Status.ACTIVE}),
    "paused": frozenset({Status.INACTIVE}),
    "closed": frozenset({Status.CLOSED, Status.DETERMINED, Status.DISPUTED, Status.AMENDED}),
    "settled": frozenset({Status.FINALIZED}),
}
_EVENT_WORDS = ("unopened", "open", "closed", "settled")
# pair of time filters -> status words it may be combined with
_TIMES: dict[str, frozenset[str]] = {
    "created": frozenset({"", "unopened", "open"}),
    "close": frozenset({"", "closed"}),
    "settled": frozenset({"", "settled"}),
    "updated": frozenset({""}),
}
_MVE = ("", "only", "exclude")


@dataclass(frozen=True, slots=True)
class MarketQuery:
    """A checked set of filters on markets; times are microseconds, bounds exclusive."""

    statuses: frozenset[Status] | None = None
    event_ticker: str = ""
    series_ticker: str = ""
    tickers: frozenset[str] = field(default_factory=frozenset)
    mve: str = ""
    time: str = ""
    after_us: int | None = None
    before_us: int | None = None

    def wants_event(self, ticker: str, series: str, *, is_combo: bool) -> bool:
        """Say whether any market of an event can match."""
        if self.mve and (self.mve == "only") != is_combo:
            return False
        if self.event_ticker and ticker != self.event_ticker:
            return False
        return not self.series_ticker or series == self.series_ticker

    def wants(self, ticker: str, created_us: int, state: State) -> bool:
        """Say whether a market matches."""
        if self.statuses is not None and state.status not in self.statuses:
            return False
        if self.tickers and ticker not in self.tickers:
            return False
        return not self.time or self._in_time(created_us, state)

    def may_want(self, state: State, created_us: int) -> bool:
        """Say whether any market of an event can match whose markets all share a state.

        `created_us` is when the last of them was listed.
        """
        if self.statuses is not None and state.status not in self.statuses:
            return False
        if self.time in ("close", "settled"):
            return self._in_time(created_us, state)
        if self.time == "updated" and self.after_us is not None:
            return max(state.updated_us, created_us) > self.after_us
        return True

    def _in_time(self, created_us: int, state: State) -> bool:
        at_us = {
            "created": created_us,
            "close": state.close_us,
            "settled": state.settled_us,
            "updated": max(state.updated_us, created_us),
        }[self.time]
        if at_us is None or (self.after_us is not None and at_us <= self.after_us):
            return False
        if self.before_us is None:
            return True
        return at_us <= self.before_us if self.time == "updated" else at_us < self.before_us


def read_status(ask: Ask, words: tuple[str, ...]) -> str:
    """Return the status filter.

    Raises:
        Refusal: a word that is none, such as the response value `finalized`.
    """
    word = ask.text("status")
    if word and word not in words:
        raise bad_request("invalid status filter")
    return word


def read_mve(ask: Ask, choices: tuple[str, ...] = _MVE) -> str:
    """Return the combo filter."""
    word = ask.text("mve_filter")
    if word not in choices:
        raise bad_request("invalid mve_filter")
    return word


def read_market_query(ask: Ask) -> MarketQuery:
    """Read the filters of `/markets`.

    Raises:
        Refusal: unknown words and combinations the documentation rules out.
    """
    word = read_status(ask, tuple(STATUS_WORDS))
    mve = read_mve(ask)
    used = [name for name in _TIMES if ask.has(f"min_{name}_ts") or ask.has(f"max_{name}_ts")]
    if len(used) > 1:
        raise bad_request("timestamp filters are mutually exclusive")
    time = used[0] if used else ""
    if time and word not in _TIMES[time]:
        raise bad_request(f"{time} timestamp filters cannot be combined with status {word}")
    if time == "updated":
        _check_updated(ask, mve)
    return MarketQuery(
        statuses=STATUS_WORDS[word] if word else None,
        event_ticker=ask.text("event_ticker"),
        series_ticker=ask.text("series_ticker"),
        tickers=frozenset(ask.texts("tickers")),
        mve=mve,
        time=time,
        after_us=ask.moment(f"min_{time}_ts") if time else None,
        before_us=ask.moment(f"max_{time}_ts") if time else None,
    )


def _check_updated(ask: Ask, mve: str) -> None:
    if mve == "only" or any(ask.has(name) for name in ("event_ticker", "tickers")):
        raise bad_request("updated timestamp filters cannot be combined with other filters")
    if ask.has("series_ticker") and mve != "exclude":
        raise bad_request("series_ticker with updated filters requires mve_filter=exclude")


@dataclass(frozen=True, slots=True)
class EventQuery:
    """A checked set of filters on events."""

    statuses: frozenset[Status] | None = None
    series_ticker: str = ""
    tickers: frozenset[str] = field(default_factory=frozenset)
    min_close_us: int | None = None
    min_updated_us: int | None = None

    def wants(self, ticker: str, series: str, updated_us: int) -> bool:
        """Say whether the event's own data match."""
        if self.series_ticker and series != self.series_ticker:
            return False
        if self.tickers and ticker not in self.tickers:
            return False
        return self.min_updated_us is None or updated_us > self.min_updated_us

    def wants_any(self, states: list[State]) -> bool:
        """Say whether any of its markets matches."""
        if self.statuses is not None and all(s.status not in self.statuses for s in states):
            return False
        least = self.min_close_us
        return least is None or any(state.close_us > least for state in states)


def read_event_query(ask: Ask) -> EventQuery:
    """Read the filters of `/events`.

    Raises:
        Refusal: an unknown status word.
    """
    word = read_status(ask, _EVENT_WORDS)
    return EventQuery(
        statuses=STATUS_WORDS[word] if word else None,
        series_ticker=ask.text("series_ticker"),
        tickers=frozenset(ask.texts("tickers")),
        min_close_us=ask.moment("min_close_ts"),
        min_updated_us=ask.moment("min_updated_ts"),
    )
