"""Spelling of the names in our answers: snake_case, or camelCase where that is asked for."""

from collections.abc import Callable
from functools import lru_cache

Spelling = Callable[[str], str]


def snake(name: str) -> str:
    """Return a name as we write it: `close_at`."""
    return name


@lru_cache(maxsize=1000)
def camel(name: str) -> str:
    """Return a name as Swift writes it: `close_at` -> `closeAt`, `volume_24h` -> `volume24h`."""
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)
