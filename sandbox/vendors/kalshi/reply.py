"""An answer before it becomes a response."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """Body and status of an answer."""

    body: bytes
    status: int = 200
    media_type: str = "application/json"
