"""Crashes on request: `CRASH_AT=<step>[:nth]` kills this process when it comes to a named step.

For the tests that prove what a kill -9 costs; without the variable a step costs a comparison.
"""

import os
import signal
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.core.config import Environment
from app.core.errors import OperatorError

VARIABLE = "CRASH_AT"


@dataclass(slots=True)
class Crashes:
    """Where a process dies: the `nth` time that it comes to a step; at none without one."""

    step: str | None = None
    nth: int = 1
    _passed: Counter[str] = field(default_factory=Counter)

    @classmethod
    def read(cls, environ: Mapping[str, str], environment: Environment) -> "Crashes":
        """Read `CRASH_AT`.

        Raises:
            OperatorError: it is no step, or this is production.
        """
        wish = environ.get(VARIABLE, "")
        if not wish:
            return cls()
        if environment is Environment.PRODUCTION:
            raise OperatorError(f"{VARIABLE} is for tests: unset it in production.")
        step, _, nth = wish.partition(":")
        if not step or not (nth or "1").isdecimal() or nth == "0":
            raise OperatorError(f"{VARIABLE} must be a step, or a step and which time: sent:3.")
        return cls(step, int(nth or "1"))

    def at(self, step: str) -> None:
        """Die here, as by kill -9, if that was asked for."""
        if self.step != step:
            return
        self._passed[step] += 1
        if self._passed[step] == self.nth:
            os.kill(os.getpid(), signal.SIGKILL)
