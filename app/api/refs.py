"""How a series, an event or a market is addressed: our id, or `kalshi:TICKER`."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import AfterValidator, StringConstraints

from app.core.errors import InvalidRequest
from app.domain import ids
from app.domain.types import Exchange

MAX_TEXT = 200
_FORMS = "our id, or kalshi: or polymarket: followed by the exchange's id"


def plain(text: str) -> str:
    """Accept text without control characters.

    Raises:
        ValueError: there are some.
    """
    if not text.isprintable():
        raise ValueError("must be plain text")
    return text


Name = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT), AfterValidator(plain)]
Reference = Annotated[Name, Path(description=_FORMS, examples=["kalshi:KXNBAGAME-26NOV22LALBOS"])]


def to_series_id(reference: str) -> UUID:
    """Read the reference to a series; whether it exists shows later.

    Raises:
        InvalidRequest: neither form.
    """
    return _to_id(reference, ids.series_id)


def to_event_id(reference: str) -> UUID:
    """Read the reference to an event; errors as in `to_series_id`."""
    return _to_id(reference, ids.event_id)


def to_market_id(reference: str) -> UUID:
    """Read the reference to a market; errors as in `to_series_id`."""
    return _to_id(reference, ids.market_id)


def _to_id(reference: str, make: Callable[[Exchange, str], UUID]) -> UUID:
    exchange, colon, ext_id = reference.partition(":")
    try:
        return make(Exchange(exchange), ext_id) if colon else UUID(reference)
    except ValueError as error:
        raise InvalidRequest(f"The id must be {_FORMS}.") from error
