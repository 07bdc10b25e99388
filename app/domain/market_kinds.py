"""Kinds of markets: when the game begins, and which detection policy fits at a moment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_EASTERN = ZoneInfo("America/New_York")  # dates and times in Kalshi's tickers
_GAME_CODE = re.compile(r"-(\d{2})([A-Z]{3})(\d{2})(\d{4})?\w")  # 26AUG071905 of KXMLBGAME-...
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAY = timedelta(days=1)
_USUAL_LENGTH = timedelta(hours=3)  # from the start to the expected end; esports have 4 h
_SHORTEST, _LONGEST = timedelta(hours=2), timedelta(hours=8)
_PUT_OFF = timedelta(hours=12)  # no game lasts so long
_REPRICED = frozenset({"hourly", "daily", "fifteen_min"})  # words of `Series.frequency`
_FOLLOWING = frozenset({"Crypto", "Financials"})  # prices that follow another market's all day
_PUBLISHED = frozenset({"Economics", "Mentions"})  # decided by something said at a known time
_OPEN_ENDED = frozenset({"annual", "one_off"})


class PolicyName(StrEnum):
    """How a market is expected to move, and so what is unusual in it."""

    PRE_GAME = "pre_game"  # quiet until something is learnt
    IN_PLAY = "in_play"  # every play moves it
    FUTURES = "futures"  # season winners, elections: slow
    RELEASE = "release"  # waits for a publication
    CONTINUOUS = "continuous"  # follows a number that changes all day


@dataclass(frozen=True, slots=True)
class MarketFacts:
    """What the catalogue knows of a market that says how it may move.

    Attributes:
        category, frequency, tags: the series' words, as the exchange spells them.
        starts_at: when the game begins, None = not a game; see `starts_at_of`.
        strike_at: when what the event is about is known, None = the exchange does not say.
    """

    market_ext_id: str
    event_ext_id: str
    series_ext_id: str
    category: str | None = None
    frequency: str | None = None
    tags: tuple[str, ...] = ()
    open_at: datetime | None = None
    close_at: datetime | None = None
    expected_expiration_at: datetime | None = None
    starts_at: datetime | None = None
    strike_at: datetime | None = None


def policy_of(facts: MarketFacts, now: datetime) -> PolicyName:
    """Return how a market is expected to move at a moment."""
    if facts.starts_at is not None:
        return PolicyName.PRE_GAME if now < facts.starts_at else PolicyName.IN_PLAY
    if facts.frequency in _REPRICED or facts.category in _FOLLOWING:
        return PolicyName.CONTINUOUS
    if facts.category in _PUBLISHED and facts.frequency not in _OPEN_ENDED:
        return PolicyName.RELEASE
    return PolicyName.FUTURES


def starts_at_of(
    event_ext_id: str,
    *,
    category: str | None,
    close_at: datetime | None,
    expected_expiration_at: datetime | None,
    market_metadata: Mapping[str, object] | None = None,
) -> datetime | None:
    """Return when the game of a Kalshi market begins; None when it is not about one game.

    The time in the event's ticker (US Eastern), unless the expected end says that the game was
    put off; else the moment at the close's time of day, as games are listed to close whole days
    after their start, that lies 2 to 8 hours before the expected end; else three hours before
    the expected end. With no more than a day, its beginning: a game of unknown time counts as
    being played. Of 493 recorded games (July and August 2026) the second rule agrees with all
    240 that have a time in the ticker.

    Args:
        category: the event's or its series'; only `Sports` has games.
        market_metadata: `platform_metadata`; `occurrence_datetime` there is the expected end
            of a game, and the more exact one.
    """
    code = _GAME_CODE.search(event_ext_id)
    if category != "Sports" or code is None or code[2] not in _MONTHS:
        return None
    day, start = _told_by(code)
    ends_at = _occurrence_of(market_metadata or {}) or expected_expiration_at
    if day is None or ends_at is None:
        return start or day
    is_put_off = start is not None and ends_at - start >= _PUT_OFF
    return _before(ends_at, close_at) if start is None or is_put_off else start


def _before(ends_at: datetime, close_at: datetime | None) -> datetime:
    """Return the start of a game that is expected to end then."""
    if close_at is not None:
        whole_days = (close_at - ends_at) // _DAY + 1
        start = close_at - whole_days * _DAY
        if _SHORTEST <= ends_at - start <= _LONGEST:
            return start
    return ends_at - _USUAL_LENGTH


def _told_by(code: re.Match[str]) -> tuple[datetime | None, datetime | None]:
    """Return the day and, if there is one, the time that a ticker tells; neither if no date.

    Four digits that are no time begin the name of a team.
    """
    clock = code[4] or ""
    day = _eastern(f"20{code[1]}-{_MONTHS.index(code[2]) + 1:02}-{code[3]}")
    return day, day and _eastern(f"{day:%Y-%m-%d}T{clock[:2]}:{clock[2:]}")


def _eastern(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=_EASTERN)
    except ValueError:
        return None


def _occurrence_of(metadata: Mapping[str, object]) -> datetime | None:
    text = metadata.get("occurrence_datetime")
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None
