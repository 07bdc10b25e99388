"""One supervised process: started, read, started again when it ends, stopped."""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from local.backoff import Backoff
from local.errors import LocalError
from local.launch import start
from local.output import Lines, LogFile, Screen
from local.processes import kill_group, send_signal
from local.spec import ProcessSpec

_POLL_S = 0.05
_CHUNK = 65_536


@dataclass(slots=True)
class Watched:
    """A process and its restarts; every method runs on the supervisor's event loop.

    It is started from the main thread: Linux ties its life to the thread that started it.
    """

    spec: ProcessSpec
    screen: Screen
    log: LogFile
    started: Callable[[str, int], None]
    restarts: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _task: asyncio.Task[None] | None = None
    _pipe: int = -1
    _lines: Lines = field(default_factory=Lines)
    _is_stopping: bool = False

    @property
    def pid(self) -> int:
        """The pid now, 0 between two starts."""
        return self._process.pid if self._process is not None else 0

    @property
    def has_ended(self) -> bool:
        """Whether the process has ended and was not started again yet."""
        return self._process is None or self._process.poll() is not None

    async def begin(self) -> None:
        """Start the process for the first time and watch it from then on.

        Raises:
            LocalError: it cannot be started.
        """
        await self._start()
        self._task = asyncio.create_task(self._watch(), name=f"watch {self.spec.name}")

    async def run(self) -> int:
        """Run the process to its end, once; return its exit code (negative: a signal).

        Raises:
            LocalError: it cannot be started.
        """
        await self._start()
        await _poll(lambda: self.has_ended)
        code = self._process.returncode if self._process is not None else -signal.SIGKILL
        self._finish()
        self.log.close()
        return code

    async def stop(self, grace_s: Callable[[], float]) -> None:
        """Ask the process to end; SIGKILL its group when `grace_s()` seconds have passed."""
        self._is_stopping = True
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if not self.has_ended:
            send_signal(self.pid, self.spec.stop_signal)
            begun = time.monotonic()
            await _poll(lambda: self.has_ended or time.monotonic() - begun >= grace_s())
        self._finish()
        self.log.close()

    async def _watch(self) -> None:
        backoff = Backoff()
        while True:
            begun = time.monotonic()
            await _poll(lambda: self.has_ended)
            how = self._how_it_ended()
            self._finish()
            delay_s = backoff.delay_s(time.monotonic() - begun)
            self.restarts += 1
            self.screen.say(
                f"{self.spec.name} {how}; starting it again in {delay_s:.1f} s "
                f"(restart {self.restarts})"
            )
            await asyncio.sleep(delay_s)
            try:
                await self._start()
            except (LocalError, OSError) as error:
                self.screen.say(str(error))

    async def _start(self) -> None:
        if self.spec.before_start is not None:
            await asyncio.to_thread(self.spec.before_start)
        self._pipe, child_end = os.pipe()
        os.set_blocking(self._pipe, False)
        try:
            self._process = start(self.spec, child_end)
        except LocalError:
            os.close(self._pipe)
            self._pipe = -1
            raise
        finally:
            os.close(child_end)
        asyncio.get_running_loop().add_reader(self._pipe, self._read)
        self.started(self.spec.name, self._process.pid)

    def _how_it_ended(self) -> str:
        code = self._process.returncode if self._process is not None else None
        if code is None:
            return "did not start"
        if code < 0:
            known = {number.value: number.name for number in signal.Signals}
            return f"was killed ({known.get(-code, f'signal {-code}')})"
        return f"ended (exit code {code})"

    def _finish(self) -> None:
        """Clear what the process left: children of its own, output not read yet."""
        if self._process is not None:
            kill_group(self._process.pid)
            self._process.wait()
            self._process = None
        if self._pipe >= 0:
            while self._read():
                pass
            self._close_pipe()

    def _read(self) -> bool:
        """Pass on what can be read now; return whether there may be more."""
        try:
            chunk = os.read(self._pipe, _CHUNK)
        except BlockingIOError:
            return False
        self.log.write(chunk)
        for line in self._lines.feed(chunk) if chunk else self._lines.end():
            if not self.spec.is_quiet:
                self.screen.line(self.spec.name, line)
        if not chunk:
            asyncio.get_running_loop().remove_reader(self._pipe)
        return bool(chunk)

    def _close_pipe(self) -> None:
        asyncio.get_running_loop().remove_reader(self._pipe)
        os.close(self._pipe)
        self._pipe = -1


async def _poll(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110  not every system makes an event of a child's end
        await asyncio.sleep(_POLL_S)
