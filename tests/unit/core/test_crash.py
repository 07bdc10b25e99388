"""CRASH_AT: which step, which time, and never in production."""

import os
import signal
import subprocess
import sys

import pytest

from app.core.config import Environment
from app.core.crash import Crashes
from app.core.errors import OperatorError


@pytest.mark.parametrize(
    ("wish", "step", "nth"), [("", None, 1), ("sent", "sent", 1), ("sent:12", "sent", 12)]
)
def test_reading(wish: str, step: str | None, nth: int) -> None:
    found = Crashes.read({"CRASH_AT": wish}, Environment.TEST)
    assert (found.step, found.nth) == (step, nth)


@pytest.mark.parametrize("wish", [":1", "sent:0", "sent:x", "sent:-1"])
def test_nonsense_is_refused(wish: str) -> None:
    with pytest.raises(OperatorError):
        Crashes.read({"CRASH_AT": wish}, Environment.TEST)


def test_production_refuses_it() -> None:
    assert Crashes.read({}, Environment.PRODUCTION).step is None
    with pytest.raises(OperatorError, match="production"):
        Crashes.read({"CRASH_AT": "sent"}, Environment.PRODUCTION)


def test_other_steps_cost_nothing() -> None:
    crashes = Crashes("sent", nth=2)
    crashes.at("claimed")
    crashes.at("sent")  # the second time would be the end


def test_it_dies_at_the_nth_time() -> None:
    script = (
        "from app.core.crash import Crashes\n"
        "crashes = Crashes('sent', nth=3)\n"
        "for number in range(1, 9):\n"
        "    print(number, flush=True)\n"
        "    crashes.at('sent')\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=os.environ, check=False
    )
    assert ended.returncode == -signal.SIGKILL
    assert ended.stdout.split() == ["1", "2", "3"]
