"""Keeps a set of processes running, and stops them in order."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from local.errors import LocalError
from local.output import LogFile, Screen, last_line
from local.spec import ProcessSpec
from local.watched import Watched

_POLL_S = 0.03


class Supervisor:
    """Starts processes, starts them again when they end, stops all of them.

    On Linux the kernel ends the processes with us, however we end; elsewhere the next
    start finds them in `run.json` (see `local/recovery.py`).
    """

    def __init__(
        self,
        log_dir: Path,
        screen: Screen,
        started: Callable[[str, int], None] = lambda name, pid: None,
    ) -> None:
        """Watch nothing yet.

        Args:
            log_dir: existing folder for `<name>.log`.
            screen: where lines go as well.
            started: called with name and pid after every start, restarts included.
        """
        self._log_dir = log_dir
        self._screen = screen
        self._started = started
        self._watched: dict[str, Watched] = {}
        self._is_hurried = False

    @property
    def restarts(self) -> int:
        """How often any process had to be started again."""
        return sum(watched.restarts for watched in self._watched.values())

    @property
    def pids(self) -> dict[str, int]:
        """Name and pid of every process; 0 between two starts."""
        return {name: watched.pid for name, watched in self._watched.items()}

    async def start(self, spec: ProcessSpec) -> None:
        """Start a process and wait until it is ready.

        Raises:
            LocalError: it ended before that, or was not ready in time.
        """
        watched = self._add(spec)
        await watched.begin()
        if spec.ready is not None:
            await self._wait_ready(watched, spec.ready)

    async def run(self, spec: ProcessSpec) -> None:
        """Run a program to its end, without restarts.

        Raises:
            LocalError: it failed; the text holds its last line.
        """
        watched = self._add(spec)
        code = await watched.run()
        del self._watched[spec.name]
        if code != 0:
            raise LocalError(f"{spec.name} failed: {self._last_words(spec.name)}")

    def change(self, spec: ProcessSpec) -> None:
        """Use another specification from the next restart of this process on."""
        self._watched[spec.name].spec = spec

    async def stop(self) -> None:
        """Stop the highest stage first; inside a stage the last started is asked first."""
        for stage in sorted({watched.spec.stage for watched in self._watched.values()})[::-1]:
            members = [one for one in self._watched.values() if one.spec.stage == stage]
            await asyncio.gather(*(self._stop_one(watched) for watched in reversed(members)))

    def hurry(self) -> None:
        """Give what still stops no more time."""
        self._is_hurried = True

    def _add(self, spec: ProcessSpec) -> Watched:
        log = LogFile(self._log_dir / f"{spec.name}.log")
        watched = Watched(spec, self._screen, log, self._started)
        self._watched[spec.name] = watched
        return watched

    async def _stop_one(self, watched: Watched) -> None:
        await watched.stop(lambda: 0.0 if self._is_hurried else watched.spec.stop_grace_s)

    async def _wait_ready(self, watched: Watched, ready: Callable[[], bool]) -> None:
        spec = watched.spec
        end = time.monotonic() + spec.ready_within_s
        said_at = time.monotonic()
        while not await asyncio.to_thread(ready):
            if watched.has_ended or watched.restarts:
                raise LocalError(f"{spec.name} does not start: {self._last_words(spec.name)}")
            if time.monotonic() >= end:
                raise LocalError(
                    f"{spec.name} was not ready within {spec.ready_within_s:.0f} s: "
                    f"{self._last_words(spec.name)}"
                )
            if time.monotonic() - said_at > 3:
                self._screen.say(f"waiting for {spec.name}")
                said_at = time.monotonic()
            await asyncio.sleep(_POLL_S)

    def _last_words(self, name: str) -> str:
        path = self._log_dir / f"{name}.log"
        said = last_line(path).removeprefix("alpha: ") or "it said nothing"
        return f"{said} (log: {path})"
