"""Kalshi's answers that are not what we asked for, as our exceptions.

Three error envelopes are on the wire: `{"error": {"code", "message", "details"}}`,
the same flat, and `{"error": "too many requests"}`; a 5xx may be HTML.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from app.core.errors import (
    SourceError,
    SourceRateLimited,
    SourceRefused,
    SourceUnavailable,
)
from app.core.log import redact
from app.models.kalshi import KalshiError
from app.services.kalshi.decoding import NotJson, decode_json

SOURCE = "kalshi"
_RETRYABLE = frozenset({408, 425})
_MAX_TEXT = 200
_LONG_TOKEN = re.compile(r"[A-Za-z0-9+/=_-]{80,}")  # a signature or key the other side echoed
_CONTROL = re.compile(r"[^\x20-\x7e]+")


class KalshiRefused(SourceRefused):
    """A definite no.

    Attributes:
        is_kalshis_own: the body was one of Kalshi's envelopes, not a page of a proxy.
        code: Kalshi's word (`not_found`), if it gave one.
    """

    def __init__(self, message: str, *, status: int, error: KalshiError | None) -> None:
        super().__init__(SOURCE, message, status=status)
        self.is_kalshis_own = error is not None
        self.code = error.code if error else None


def parse_error(body: bytes) -> KalshiError | None:
    """Read an error body leniently; None when it is none of the three envelopes."""
    try:
        document = decode_json(body)
    except NotJson:
        return None
    if not isinstance(document, dict):
        return None
    inner = document.get("error", document)
    if isinstance(inner, str):
        return KalshiError(message=inner)
    texts = {
        key: field
        for key, field in (inner.items() if isinstance(inner, dict) else ())
        if isinstance(field, str) and key in KalshiError.model_fields
    }
    return KalshiError(**texts) if texts else None


def to_source_error(
    asked: str, status: int, body: bytes, *, retry_after: str | None, now: datetime
) -> SourceError:
    """Make the exception for an answer that is not a 2xx.

    Args:
        asked: method and path, for the message; never the query or headers.
        retry_after: the header, honoured if it ever appears (none is documented).
    """
    error = parse_error(body)
    message = f"{asked} answered {status}{_describe(error)}"
    if status == 429:
        return SourceRateLimited(SOURCE, message, retry_after_s=read_retry_after(retry_after, now))
    if status >= 500 or status in _RETRYABLE:
        return SourceUnavailable(SOURCE, message, status=status)
    return KalshiRefused(message, status=status, error=error)


def read_retry_after(header: str | None, now: datetime) -> float | None:
    """Return the seconds a `Retry-After` asks for (number or HTTP date), None if unreadable."""
    if not header:
        return None
    if re.fullmatch(r"\d{1,6}(\.\d{1,3})?", header.strip(), re.ASCII):
        return float(header)
    moment = read_http_date(header)
    return max((moment - now).total_seconds(), 0.0) if moment else None


def read_http_date(header: str | None) -> datetime | None:
    """Read a `Date` header as aware UTC; None if there is none or it is not one."""
    try:
        moment = parsedate_to_datetime(header) if header else None
    except (ValueError, TypeError, OverflowError):
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC) if moment else None


def _describe(error: KalshiError | None) -> str:
    """Say what the body says, short, printable, and without anything that looks like a secret."""
    if error is None:
        return ""
    parts = [part for part in (error.code, error.message, error.details) if part]
    text = _LONG_TOKEN.sub("[redacted]", redact(" / ".join(dict.fromkeys(parts))))
    return f": {_CONTROL.sub(' ', text)[:_MAX_TEXT]}" if parts else ""
