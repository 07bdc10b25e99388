"""Answers as bytes."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from app.api.answers import Answer, list_json, respond, to_json
from app.api.schemas.base import Instant, Number, Out, decimal_text, time_text
from app.domain.spelling import camel, snake


class Inner(Out):
    volume_24h: Number | None


class Outer(Out):
    close_at: Instant
    all_of: list[Inner]


EXAMPLE = Outer(
    close_at=datetime(2026, 11, 22, 12, tzinfo=UTC), all_of=[Inner(volume_24h=Decimal("1.50"))]
)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0.480000", "0.48"),
        ("1.000000", "1"),
        ("0", "0"),
        ("0.000000", "0"),
        ("-0.00", "0"),
        ("1E+3", "1000"),
        ("12345678901234.00000001", "12345678901234.00000001"),
        ("0.000001", "0.000001"),
        ("-0.5", "-0.5"),
    ],
)
def test_decimals(number: str, text: str) -> None:
    assert decimal_text(Decimal(number)) == text


def test_times_are_utc_and_cut_to_milliseconds() -> None:
    at = datetime(2026, 11, 22, 13, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=1)))

    assert time_text(at) == "2026-11-22T12:00:00.999Z"


def test_json_in_both_spellings() -> None:
    assert to_json(EXAMPLE, snake) == (
        b'{"close_at":"2026-11-22T12:00:00.000Z","all_of":[{"volume_24h":"1.5"}]}'
    )
    assert to_json(EXAMPLE, camel) == (
        b'{"closeAt":"2026-11-22T12:00:00.000Z","allOf":[{"volume24h":"1.5"}]}'
    )


def test_a_page() -> None:
    assert list_json("markets", "[]", None) == b'{"markets":[],"cursor":null}'
    assert list_json("markets", '["\u00fc"]', "abc") == '{"markets":["ü"],"cursor":"abc"}'.encode()


@pytest.mark.parametrize(
    ("known", "status"),
    [
        pytest.param(None, 200, id="knows nothing"),
        pytest.param(b'"other"', 200, id="knows another"),
        pytest.param(b"*", 304, id="anything will do"),
        pytest.param(b'W/"other" , *', 304, id="a list with a star"),
        pytest.param(b"", 200, id="empty"),
        pytest.param(b'"', 200, id="broken"),
    ],
)
def test_if_none_match(known: bytes | None, status: int) -> None:
    answer = Answer(b"body")
    headers = [] if known is None else [(b"if-none-match", known)]

    assert respond(answer, headers).status_code == status


def test_etags_are_of_the_bytes() -> None:
    assert Answer(b"a").etag == Answer(b"a").etag != Answer(b"b").etag
    response = respond(Answer(b"a"), [(b"if-none-match", b"x, W/" + Answer(b"a").etag)])
    assert (response.status_code, response.body) == (304, b"")
    assert b"content-length" not in dict(response.raw_headers)
