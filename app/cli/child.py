"""Commands that live in packages of their own: run as a process, with all their options."""

import os
import signal
import subprocess
import sys

from local.home import REPOSITORY
from local.launch import wrapped

PASSED_ON = {
    "allow_extra_args": True,
    "ignore_unknown_options": True,
    "help_option_names": [],
}


def run_module(module: str, *arguments: str) -> int:
    """Run `python -m module` to its end and return its exit code; Ctrl-C is its to handle."""
    argv = [sys.executable, "-m", module, *arguments]
    path = os.pathsep.join(filter(None, (str(REPOSITORY), os.environ.get("PYTHONPATH"))))
    process = subprocess.Popen(
        wrapped(argv, death_signal=signal.SIGTERM), env={**os.environ, "PYTHONPATH": path}
    )
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return process.wait()
    finally:
        process.terminate()
        process.wait()
        signal.signal(signal.SIGINT, before)
