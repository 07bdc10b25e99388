"""Kalshi's refusals; three shapes of envelope are on the wire."""

from __future__ import annotations

import orjson

from sandbox.vendors.kalshi.reply import Reply


class Refusal(Exception):
    """A request that is answered with an error.

    `flat` sends the shape the OpenAPI document declares, otherwise the object sits under `error`.
    """

    def __init__(
        self, status: int, code: str, message: str, details: str = "", *, flat: bool = False
    ) -> None:
        """Describe the error."""
        super().__init__(message)
        self.status = status
        self._error = {"code": code, "message": message}
        if details:
            self._error["details"] = details
        self._flat = flat

    def reply(self) -> Reply:
        """Return the answer."""
        body = self._error if self._flat else {"error": self._error}
        return Reply(orjson.dumps(body), self.status)


def bad_request(details: str, *, flat: bool = False) -> Refusal:
    """Return a 400."""
    return Refusal(400, "bad_request", "bad request", details, flat=flat)


def not_found(*, flat: bool = False) -> Refusal:
    """Return a 404."""
    return Refusal(404, "not_found", "not found", flat=flat)


def unauthorized(details: str, *, flat: bool) -> Refusal:
    """Return a 401."""
    return Refusal(401, "unauthorized", "authentication failed", details, flat=flat)


def too_many_requests() -> Reply:
    """Return a 429: a plain string, no Retry-After."""
    return Reply(b'{"error":"too many requests"}', 429)
