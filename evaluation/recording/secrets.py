"""What of an answer may be written down: headers by name, addresses without keys."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_HEADERS = frozenset(
    {"age", "cache-control", "content-type", "date", "etag", "last-modified", "retry-after"}
)
_PREFIXES = ("ratelimit", "x-ratelimit")
_SECRET_WORDS = ("key", "token", "secret", "signature", "password", "appid", "auth")


def safe_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers a replay may want, in small letters; no others are ever written."""
    lower = {name.lower(): text for name, text in headers.items()}
    return {
        name: lower[name]
        for name in sorted(lower)
        if name in _HEADERS or name.startswith(_PREFIXES)
    }


def safe_url(url: str) -> str:
    """Return an address without user, password and what looks like a key in its query."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    query = [
        (name, "hidden" if _is_secret(name) else text)
        for name, text in parse_qsl(parts.query, keep_blank_values=True)
    ]
    return urlunsplit((parts.scheme, host, parts.path, urlencode(query), ""))


def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in _SECRET_WORDS)
