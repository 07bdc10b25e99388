"""What the sandbox asks of each vendor."""

from __future__ import annotations

from typing import Protocol

from starlette.routing import BaseRoute

from sandbox.faults.knobs import Faults
from sandbox.stats import Stats


class Vendor(Protocol):
    """One outside system, spoken to in its own format."""

    @property
    def name(self) -> str:
        """Its key in `/_stats`, `/_faults` and `/_truth`."""

    @property
    def faults(self) -> Faults:
        """Its fault knobs."""

    @property
    def stats(self) -> Stats:
        """Its counters."""

    def routes(self) -> list[BaseRoute]:
        """Return its routes."""

    def truth(self, kind: str, after: str, limit: int) -> tuple[list[bytes], str]:
        """Return true rows behind an id and where to go on."""
