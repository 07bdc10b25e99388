"""Error bodies in all shapes that were seen, and what may be done about each."""

from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest

from app.core.errors import SourceError, SourceRateLimited, SourceRefused, SourceUnavailable
from app.services.kalshi.errors import (
    KalshiRefused,
    parse_error,
    read_http_date,
    read_retry_after,
    to_source_error,
)

NESTED = (
    b'{"error":{"code":"bad_request","message":"bad request","details":"invalid status filter"}}'
)
FLAT = b'{"code":"not_found","message":"not found","details":null}'
STRING = b'{"error": "too many requests"}'
SERVICE = b'{"error":{"code":"expired","message":"expired","service":"rfq"}}'
HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        pytest.param(NESTED, "bad_request", "bad request", id="nested"),
        pytest.param(FLAT, "not_found", "not found", id="flat"),
        pytest.param(STRING, None, "too many requests", id="string"),
        pytest.param(SERVICE, "expired", "expired", id="with-service"),
        pytest.param(b'{"error":{"code":5,"message":"m"}}', None, "m", id="code-is-a-number"),
    ],
)
def test_envelopes(body: bytes, code: str | None, message: str) -> None:
    error = parse_error(body)
    assert error is not None
    assert (error.code, error.message) == (code, message)


@pytest.mark.parametrize(
    "body",
    [HTML, b"", b"[]", b"null", b"{}", b'{"error": 5}', b'{"error": {}}', b"\xff\xfe", b'{"err'],
    ids=["html", "empty", "list", "null", "object", "number", "hollow", "bytes", "cut-off"],
)
def test_bodies_that_say_nothing(body: bytes) -> None:
    assert parse_error(body) is None


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        pytest.param(301, SourceRefused, id="redirect"),
        pytest.param(400, SourceRefused, id="bad-request"),
        pytest.param(401, SourceRefused, id="signature"),
        pytest.param(403, SourceRefused, id="scope"),
        pytest.param(404, SourceRefused, id="not-found"),
        pytest.param(408, SourceUnavailable, id="request-timeout"),
        pytest.param(409, SourceRefused, id="conflict"),
        pytest.param(429, SourceRateLimited, id="budget"),
        pytest.param(500, SourceUnavailable, id="error"),
        pytest.param(503, SourceUnavailable, id="maintenance"),
        pytest.param(504, SourceUnavailable, id="gateway"),
    ],
)
def test_status_decides_who_can_act(status: int, kind: type[SourceError], now: datetime) -> None:
    error = to_source_error("GET /markets", status, HTML, retry_after=None, now=now)
    assert type(error) in {kind, KalshiRefused}
    assert isinstance(error, kind)
    assert error.status == status
    assert str(error) == f"kalshi: GET /markets answered {status}"


def test_message_says_what_kalshi_said(now: datetime) -> None:
    error = to_source_error("GET /markets", 400, NESTED, retry_after=None, now=now)
    assert isinstance(error, KalshiRefused)
    assert error.code == "bad_request"
    assert error.is_kalshis_own
    assert str(error).endswith("400: bad_request / bad request / invalid status filter")


def test_message_never_repeats_secrets(now: datetime) -> None:
    signature = "A1b2+/" * 57
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
    body = f'{{"error":{{"message":"got {signature} and {token}\\nnext"}}}}'.encode()
    text = str(to_source_error("GET /x", 401, body, retry_after=None, now=now))
    assert signature[:80] not in text
    assert token not in text
    assert "\n" not in text
    assert len(text) < 300


def test_page_of_a_proxy_is_not_kalshis_own(now: datetime) -> None:
    error = to_source_error("GET /markets/X", 404, HTML, retry_after=None, now=now)
    assert isinstance(error, KalshiRefused)
    assert not error.is_kalshis_own


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        pytest.param(None, None, id="none"),
        pytest.param("", None, id="empty"),
        pytest.param("3", 3.0, id="seconds"),
        pytest.param(" 1.5 ", 1.5, id="fraction"),
        pytest.param("-1", None, id="negative"),
        pytest.param("nan", None, id="nan"),
        pytest.param("1e9", None, id="exponent"),
        pytest.param("soon", None, id="word"),
    ],
)
def test_retry_after(header: str | None, seconds: float | None, now: datetime) -> None:
    assert read_retry_after(header, now) == seconds


def test_retry_after_as_a_date(now: datetime) -> None:
    later = format_datetime(now + timedelta(seconds=7), usegmt=True)
    assert read_retry_after(later, now) == 7.0
    assert read_retry_after(format_datetime(now - timedelta(hours=1), usegmt=True), now) == 0.0


def test_http_date(now: datetime) -> None:
    assert read_http_date(format_datetime(now, usegmt=True)) == now
    assert read_http_date("Sun, 09 Aug 2026 21:00:00") == now
    assert read_http_date("not a date") is None
    assert read_http_date(None) is None
