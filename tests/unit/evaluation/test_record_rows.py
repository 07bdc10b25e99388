"""The catalogue picked out of answers: every row once, verbatim."""

from datetime import UTC, datetime

import msgspec
import pytest

from evaluation.record.rows import KalshiRows

NOW = datetime(2026, 5, 11, 5, tzinfo=UTC)
EVENTS = b'{"events":[{"event_ticker":"E","price":1.10,"markets":[{"ticker":"E-A"}]}],"cursor":""}'


def test_rows_are_kept_as_they_came() -> None:
    rows = KalshiRows()
    rows.take("http://x/trade-api/v2/events?limit=200", 200, EVENTS)
    assert b'"price":1.10' in msgspec.json.encode(rows.document(as_of=NOW))


def test_a_row_is_taken_once() -> None:
    rows = KalshiRows()
    rows.take("http://x/markets", 200, b'{"markets":[{"ticker":"E-A"},{"ticker":"F-B"}]}')
    rows.take("http://x/events", 200, EVENTS)
    rows.take("http://x/events", 200, EVENTS)
    rows.take("http://x/markets", 200, b'{"markets":[{"ticker":"E-A"},{"ticker":"F-B","n":2}]}')
    document = rows.document(as_of=NOW)
    assert len(document["events"]) == 1
    assert [bytes(entry["row"]) for entry in document["markets"]] == [b'{"ticker":"F-B"}']
    assert rows.market_count == 2


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        pytest.param("/exchange/status", 200, b'{"series":[{"ticker":"S"}]}', id="other-path"),
        pytest.param("/series", 500, b'{"series":[{"ticker":"S"}]}', id="error"),
        pytest.param("/series", 200, b"<html>", id="not-json"),
        pytest.param("/series", 200, b'{"series":[1,{"ticker":2},{}]}', id="not-rows"),
    ],
)
def test_what_is_no_listing_holds_no_rows(path: str, status: int, body: bytes) -> None:
    rows = KalshiRows()
    rows.take(f"http://x{path}", status, body)
    assert rows.document(as_of=NOW)["series"] == []
