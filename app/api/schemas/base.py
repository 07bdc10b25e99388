"""How values are written in every answer; `app.repositories.json_rows` writes the same in SQL."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainSerializer, WithJsonSchema


def decimal_text(number: Decimal) -> str:
    """Write a decimal without exponent or trailing zeros: `0.48`."""
    return f"{number.normalize():f}" if number else "0"


def time_text(at: datetime) -> str:
    """Write a time as UTC with milliseconds, cut, not rounded."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def _text(description: str, example: str, **more: str) -> dict[str, Any]:
    return {"type": "string", "description": description, "examples": [example], **more}


Number = Annotated[
    Decimal,
    PlainSerializer(decimal_text),
    WithJsonSchema(_text("decimal number as text", "1250.5")),
]
Probability = Annotated[
    Decimal,
    PlainSerializer(decimal_text),
    WithJsonSchema(_text("dollars per contract that pays 1, so a probability: 0 to 1", "0.48")),
]
Instant = Annotated[
    datetime,
    PlainSerializer(time_text),
    WithJsonSchema(_text("UTC, milliseconds", "2026-11-22T12:00:00.000Z", format="date-time")),
]


class Out(BaseModel):
    """Base of every answer: fields are always there, null when we do not know."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class ErrorOut(Out):
    """What every error says: a sentence for people, a stable word for programs."""

    detail: str
    code: str
