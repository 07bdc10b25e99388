"""Answers that are one person's business: nobody on the way may keep them."""

from collections.abc import Mapping
from typing import Any

from fastapi import Response
from pydantic import BaseModel

from app.api.answers import to_json
from app.api.auth import SIGNED_IN
from app.api.errors import NOT_FOUND, RESPONSES
from app.api.state import Web

PERSONAL: dict[int | str, dict[str, Any]] = {**RESPONSES, **SIGNED_IN}
PERSONAL_ONE: dict[int | str, dict[str, Any]] = {**PERSONAL, **NOT_FOUND}
_HEADERS: Mapping[str, str] = {"Cache-Control": "no-store"}


def personal(web: Web, model: BaseModel, *, status: int = 200) -> Response:
    """Answer with a model."""
    return personal_bytes(to_json(model, web.spelling), status=status)


def personal_bytes(body: bytes, *, status: int = 200) -> Response:
    """Answer with JSON that is built already."""
    return Response(body, status, _HEADERS, media_type="application/json")


def done() -> Response:
    """Answer that it is done, with nothing to say about it."""
    return Response(None, 204, _HEADERS)
