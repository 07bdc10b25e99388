"""What a replay in a process of its own printed."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SERVER_VARIABLE = "ALPHA_TEST_DATABASE_URL"
ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Played:
    """What a replay printed."""

    output: str

    @property
    def lines(self) -> list[str]:
        """The decision log."""
        return self.output.splitlines()[:-1]

    @property
    def found(self) -> dict[str, Any]:
        """The object printed last."""
        found: dict[str, Any] = json.loads(self.output.splitlines()[-1])
        return found


Play = Callable[..., Awaitable[Played]]
