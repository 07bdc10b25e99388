"""When a game begins, and which policy watches a market; recorded catalogues agree."""

import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.domain.market_kinds import MarketFacts, PolicyName, policy_of, starts_at_of

NOW = datetime(2026, 8, 8, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("event", "close", "expected", "occurrence", "start"),
    [
        pytest.param(
            "KXMLBGAME-26AUG092020HOUSD", "2026-08-13T00:20Z", "2026-08-10T03:20Z", None,
            "2026-08-10T00:20Z", id="time-in-the-ticker-is-eastern",
        ),
        pytest.param(
            "KXMLBGAME-26JAN092020HOUSD", None, None, None,
            "2026-01-10T01:20Z", id="in-winter-too",
        ),
        pytest.param(
            "KXNFLGAME-26SEP13DALNYG", "2026-09-16T00:20Z", "2026-09-14T06:20Z",
            "2026-09-14T03:20Z", "2026-09-14T00:20Z", id="time-of-day-of-the-close",
        ),
        pytest.param(
            "KXMLSGAME-26AUG19VANHOU", "2026-08-22T08:30Z", "2026-08-20T05:30Z", None,
            "2026-08-20T02:30Z", id="close-of-another-time-three-hours-before-the-end",
        ),
        pytest.param(
            "KXNBAGAME-26JAN11HOUSAC", None, "2026-01-12T05:00Z", "not a time",
            "2026-01-12T02:00Z", id="no-close",
        ),
        pytest.param(
            "KXMLBGAME-26AUG092020HOUSD", "2026-08-14T00:20Z", "2026-08-11T03:20Z", None,
            "2026-08-11T00:20Z", id="put-off-to-the-next-day",
        ),
        pytest.param(
            "KXNBAGAME-26JAN11HOUSAC", None, None, None,
            "2026-01-11T05:00Z", id="only-a-day",
        ),
        pytest.param(
            "KXCS2GAME-26NOV223DMAUR", None, "2026-11-22T16:00Z", None,
            "2026-11-22T13:00Z", id="a-team-that-begins-with-a-digit",
        ),
        pytest.param(
            "KXLOLGAME-26NOV229999TSM", None, "2026-11-22T16:00Z", None,
            "2026-11-22T13:00Z", id="four-digits-that-are-no-time",
        ),
        pytest.param("KXNBA-27", "2029-07-30T14:00Z", "2027-07-31T14:00Z", None, None, id="season"),
        pytest.param("KXX-26FEB31AAABBB", None, "2026-03-01T00:00Z", None, None, id="no-such-day"),
        pytest.param("KXX-26XYZ11AAABBB", None, "2026-03-01T00:00Z", None, None, id="no-month"),
        pytest.param("", None, None, None, None, id="nothing"),
    ],
)  # fmt: skip
def test_when_a_game_begins(
    event: str, close: str | None, expected: str | None, occurrence: str | None, start: str | None
) -> None:
    metadata = {} if occurrence is None else {"occurrence_datetime": occurrence}
    found = starts_at_of(
        event,
        category="Sports",
        close_at=at(close),
        expected_expiration_at=at(expected),
        market_metadata=metadata,
    )
    assert found == at(start)


def test_only_sports_have_games() -> None:
    found = starts_at_of(
        "KXHIGHNY-26AUG09NYC", category="Climate and Weather", close_at=NOW,
        expected_expiration_at=NOW,
    )  # fmt: skip
    assert found is None


@pytest.mark.parametrize(
    ("category", "frequency", "starts_in_h", "policy"),
    [
        pytest.param("Sports", "custom", 0.01, PolicyName.PRE_GAME, id="before"),
        pytest.param("Sports", "custom", 0, PolicyName.IN_PLAY, id="from-the-start-on"),
        pytest.param("Sports", "custom", -3, PolicyName.IN_PLAY, id="late-in-play"),
        pytest.param("Sports", "annual", None, PolicyName.FUTURES, id="season-winner"),
        pytest.param("Elections", "custom", None, PolicyName.FUTURES, id="election"),
        pytest.param("Economics", "one_off", None, PolicyName.FUTURES, id="recession"),
        pytest.param("Economics", "monthly", None, PolicyName.RELEASE, id="cpi"),
        pytest.param("Economics", "custom", None, PolicyName.RELEASE, id="fed"),
        pytest.param("Mentions", "quarterly", None, PolicyName.RELEASE, id="earnings-call"),
        pytest.param("Crypto", "hourly", None, PolicyName.CONTINUOUS, id="hourly-bitcoin"),
        pytest.param("Crypto", "fifteen_min", None, PolicyName.CONTINUOUS, id="15-minute-bitcoin"),
        pytest.param("Crypto", "annual", None, PolicyName.CONTINUOUS, id="bitcoin-this-year"),
        pytest.param("Financials", "daily", None, PolicyName.CONTINUOUS, id="s-and-p-close"),
        pytest.param("Climate and Weather", "daily", None, PolicyName.CONTINUOUS, id="temperature"),
        pytest.param("Climate and Weather", "custom", None, PolicyName.FUTURES, id="hurricane"),
        pytest.param(None, None, None, PolicyName.FUTURES, id="nothing-known"),
    ],
)
def test_policies(
    category: str | None, frequency: str | None, starts_in_h: float | None, policy: PolicyName
) -> None:
    facts = MarketFacts(
        "M", "E", "S",
        category=category,
        frequency=frequency,
        starts_at=None if starts_in_h is None else NOW + starts_in_h * HOUR,
    )  # fmt: skip
    assert policy_of(facts, NOW) is policy


def recorded_markets(folder: Path) -> list[dict[str, Any]]:
    """Return every market of the recorded sports snapshots, one of each event."""
    found: dict[str, dict[str, Any]] = {}
    with gzip.open(folder / "markets_sports_snapshots_2026-07-09.jsonl.gz", "rt") as lines:
        for line in lines:
            for market in json.loads(line)["markets"]:
                found.setdefault(market["event_ticker"], market)
    return list(found.values())


def start_of(event: str, market: dict[str, Any]) -> datetime | None:
    return starts_at_of(
        event,
        category="Sports",
        close_at=at(market["close_time"]),
        expected_expiration_at=at(market["expected_expiration_time"]),
        market_metadata=market,
    )


def test_recorded_games_close_whole_days_after_their_start(shared_data: Path) -> None:
    agreeing = 0
    for market in recorded_markets(shared_data / "kalshi" / "rest"):
        event = market["event_ticker"]
        if re.search(r"-\d\d[A-Z]{3}\d{6}", event):
            untimed = re.sub(r"(-\d\d[A-Z]{3}\d\d)\d{4}", r"\1", event)
            assert start_of(untimed, market) == start_of(event, market), event
            agreeing += 1
    assert agreeing > 150
