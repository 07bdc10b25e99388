"""Google's answers: errors in their envelope, with the details that tell them apart."""

from __future__ import annotations

from dataclasses import dataclass, replace

import orjson
from starlette.responses import Response

_TYPE = "type.googleapis.com/google."
_JSON = "application/json; charset=UTF-8"
Detail = dict[str, object]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer before it becomes a response; `retry_after` is in seconds."""

    status: int
    body: bytes
    media_type: str = _JSON
    retry_after: int | None = None

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Return the headers as they go out."""
        headers = [
            (b"content-type", self.media_type.encode()),
            (b"content-length", b"%d" % len(self.body)),
        ]
        if self.retry_after is not None:
            headers.append((b"retry-after", b"%d" % self.retry_after))
        return headers

    def half(self) -> Reply:
        """Return the answer with a body that ends in the middle, of a fitting length."""
        return replace(self, body=self.body[: len(self.body) // 2])

    def after(self, wait_s: int) -> Reply:
        """Return the answer with `Retry-After`, or as it is when the wait is negative."""
        return self if wait_s < 0 else replace(self, retry_after=wait_s)

    def response(self) -> Response:
        """Return the answer as a response, for faults that spoil it further."""
        response = Response(self.body, self.status)
        response.raw_headers = self.headers()
        return response


class Refused(Exception):
    """A push that is answered with an error; `outcome` is the error's name in the log."""

    def __init__(self, outcome: str, reply: Reply) -> None:
        """Keep the answer."""
        super().__init__(outcome)
        self.outcome, self.reply = outcome, reply


def google_error(code: int, status: str, message: str, *details: Detail) -> Reply:
    """Return an error in the envelope of Google's APIs."""
    error: Detail = {"code": code, "message": message, "status": status}
    if details:
        error["details"] = details
    return Reply(code, orjson.dumps({"error": error}))


def html_page(status: int, title: str) -> Reply:
    """Return a page that somebody between the client and the API would send."""
    page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{title}</body></html>"
    return Reply(status, page.encode(), "text/html; charset=UTF-8")


def fcm_error(code: str) -> Detail:
    """Return the detail that names an error of the gateway itself."""
    return {"@type": f"{_TYPE}firebase.fcm.v1.FcmError", "errorCode": code}


def apns_error(status: int, reason: str) -> Detail:
    """Return the detail that holds Apple's own answer."""
    return {"@type": f"{_TYPE}firebase.fcm.v1.ApnsError", "statusCode": status, "reason": reason}


def violation(field: str, description: str) -> Detail:
    """Return the detail that names a wrong field."""
    found = {"field": field, "description": description}
    return {"@type": f"{_TYPE}rpc.BadRequest", "fieldViolations": [found]}


def error_info(reason: str, **metadata: str) -> Detail:
    """Return the detail of refusals that come before the gateway."""
    detail: Detail = {"@type": f"{_TYPE}rpc.ErrorInfo", "reason": reason}
    return {**detail, "domain": "googleapis.com", "metadata": metadata}
