"""Every error as `{"detail", "code"}`: a sentence for people, a stable word for programs.

What went wrong inside is in the log, under the request's id, and nowhere else.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from app.api.schemas.base import ErrorOut
from app.core.errors import RequestError, Unauthenticated
from app.repositories.errors import DATABASE_ERRORS, is_outage

log = structlog.get_logger()

RETRY_AFTER_S = 5
INTERNAL = "Something went wrong on our side."
_MAX_PROBLEMS = 3
_UNKNOWN = "there is a parameter that this request does not have"
_NO_OBJECT = "the body must be a JSON object (Content-Type: application/json)"
_NO_BODY = frozenset({"missing", "model_attributes_type", "model_type"})
_KEPT_BY_NOBODY = {"Cache-Control": "no-store"}
_UNREADABLE = "The body cannot be read: send plain JSON, not deeply nested."

_encode = msgspec.json.Encoder().encode

RESPONSES: dict[int | str, dict[str, Any]] = {
    422: {"model": ErrorOut, "description": "A parameter does not make sense."},
    429: {"model": ErrorOut, "description": "Too many requests; see Retry-After."},
    503: {"model": ErrorOut, "description": "Not ready, or too busy; see Retry-After."},
}
NOT_FOUND: dict[int | str, dict[str, Any]] = {
    404: {"model": ErrorOut, "description": "There is no such thing."}
}


def error_response(
    status: int, detail: str, code: str, *, headers: Mapping[str, str] | None = None
) -> Response:
    """Build the answer to a request that cannot be served."""
    body = _encode({"detail": detail, "code": code})
    sent = {**_KEPT_BY_NOBODY, **(headers or {})}
    return Response(body, status, sent, media_type="application/json")


def too_large() -> Response:
    """Build the answer to a body that is too large, told before or while it is read."""
    return error_response(413, "The request is larger than 64 kB.", "too_large")


def install_error_handlers(app: FastAPI) -> None:
    """Register one handler per kind of error; the middleware has the last word."""
    app.add_exception_handler(RequestError, _on_request_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    for kind in DATABASE_ERRORS:
        app.add_exception_handler(kind, _on_database_error)


async def _on_request_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)
    return error_response(error.status, error.detail, error.code, headers=_headers(error))


def _headers(error: RequestError) -> Mapping[str, str] | None:
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}
    wait = getattr(error, "retry_after_s", None)
    return None if wait is None else {"Retry-After": str(wait)}


async def _on_invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return error_response(422, describe(error.errors()), "invalid_request")


def describe(problems: Sequence[Mapping[str, Any]]) -> str:
    """Say in one sentence what is wrong with a request, without repeating what it sent."""
    found: list[str] = []
    for problem in problems:
        words = _words(problem)
        if words not in found:
            found.append(words)
    return "; ".join(found[:_MAX_PROBLEMS]) + "."


def _words(problem: Mapping[str, Any]) -> str:
    name = next((str(part) for part in problem["loc"][1:2]), "the request")
    if problem["type"] == "extra_forbidden":
        return _UNKNOWN
    if problem["type"] == "json_invalid":
        return "the body is not JSON"
    if problem["type"] == "value_error":
        return f"{name}: {problem['ctx']['error']}"
    if problem["loc"] == ("body",) and problem["type"] in _NO_BODY:
        return _NO_OBJECT
    return f"{name}: {problem['msg']}"


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return too_large()
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return error_response(400, _UNREADABLE, "bad_request")
    headers = error.headers
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"Allow": ", ".join(_methods_of(request))}
    phrase = HTTPStatus(error.status_code).phrase
    code = phrase.lower().replace(" ", "_").replace("-", "_")
    return error_response(error.status_code, f"{phrase}.", code, headers=headers)


def _methods_of(request: Request) -> Sequence[str]:
    """List what a path can be asked with: each method has a route of its own."""
    found: set[str] = set()
    for route in request.app.routes:
        match, _ = route.matches(request.scope)
        if match is not Match.NONE:
            found.update(getattr(route, "methods", None) or ())
    return sorted(found)


async def _on_database_error(_: Request, error: Exception) -> Response:
    if not is_outage(error):
        raise error
    log.warning("database.unavailable", error=type(error).__name__)
    return error_response(
        503,
        "We cannot answer right now. Please try again in a moment.",
        "unavailable",
        headers={"Retry-After": str(RETRY_AFTER_S)},
    )
