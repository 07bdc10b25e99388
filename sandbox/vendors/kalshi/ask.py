"""A request as the handlers see it: path and query, with typed access that refuses nonsense."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.vendors.kalshi.errors import bad_request
from sandbox.world.units import SECOND

_TRUE = {"true": True, "1": True, "false": False, "0": False, "": False}


@dataclass(frozen=True, slots=True)
class Ask:
    """One request; `query` keeps repeated parameters."""

    route: str
    target: str  # path of the request without the prefix
    path: Mapping[str, str]
    query: tuple[tuple[str, str], ...]
    account: str | None = None
    flat_errors: bool = False

    def text(self, name: str) -> str:
        """Return a parameter, empty when absent."""
        return next((value for key, value in self.query if key == name), "")

    def texts(self, name: str) -> list[str]:
        """Return a repeated or comma separated parameter."""
        values = [value for key, value in self.query if key == name]
        return [part for value in values for part in value.split(",") if part]

    def has(self, name: str) -> bool:
        """Say whether a parameter was sent with a value."""
        return bool(self.text(name))

    def integer(self, name: str) -> int | None:
        """Return a whole number or None; refuse anything else."""
        text = self.text(name)
        if not text:
            return None
        try:
            return int(text)
        except ValueError:
            raise bad_request(f"invalid {name}", flat=self.flat_errors) from None

    def required(self, name: str) -> int:
        """Return a whole number that must be there."""
        value = self.integer(name)
        if value is None:
            raise bad_request(f"missing {name}", flat=self.flat_errors)
        return value

    def moment(self, name: str) -> int | None:
        """Return a time given in Unix seconds as microseconds."""
        seconds = self.integer(name)
        return None if seconds is None else seconds * SECOND

    def flag(self, name: str) -> bool:
        """Return a boolean, false when absent."""
        text = self.text(name).lower()
        if text not in _TRUE:
            raise bad_request(f"invalid {name}", flat=self.flat_errors)
        return _TRUE[text]

    def limit(self, default: int, top: int) -> int:
        """Return the page size; 0 means the default, more than `top` is refused."""
        value = self.integer("limit")
        if value is None or value == 0:
            return default
        if not 0 < value <= top:
            raise bad_request("invalid limit", flat=self.flat_errors)
        return value
