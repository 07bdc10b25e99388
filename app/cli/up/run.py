"""One run of `alpha up`, from the first server to the last."""

import asyncio
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.cli.up.banner import render_banner
from app.cli.up.http import get_json
from app.cli.up.latency import read_latency
from app.cli.up.options import Options, url_at
from app.cli.up.programs import alpha, program_specs
from app.cli.up.sandbox import start_sandbox
from app.cli.up.summary import read_summary
from app.cli.up.surroundings import check_outside, child_env, choose_port, explain
from local.errors import LocalError
from local.home import REPOSITORY, Home
from local.output import Screen
from local.resolve import prepare_services
from local.spec import ProcessSpec
from local.state import UP, clear_state, own_state, write_state
from local.supervisor import Supervisor

_SILENT_AT_MOST_S = 4.0


class Run:
    """The processes of one run and how far it has come; used once."""

    def __init__(
        self, home: Home, options: Options, environ: Mapping[str, str], screen: Screen
    ) -> None:
        """Prepare a run in a data folder that this process owns; nothing starts yet."""
        self._begun = time.monotonic()
        self._home = home
        self._options = options
        self._screen = screen
        self._env = child_env(environ, home, is_terminal=sys.stderr.isatty())
        self._environ = environ
        self._state = own_state(UP)
        self._supervisor = Supervisor(home.log_dir, screen, self._record)
        self._stop = asyncio.Event()
        self._phase = "starting"
        self.was_ready = False
        self.stopped_by = 0

    @property
    def elapsed_s(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._begun

    async def run(self) -> dict[str, Any]:
        """Run until the time is over or a signal comes; return the summary.

        Raises:
            LocalError: something does not start; all that did has been stopped.
        """
        self._listen_to_signals()
        speaker = asyncio.create_task(self._speak())
        work = asyncio.create_task(self._work())
        stop = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()
            return await self._summarize()
        finally:
            self._phase = "stopping"
            work.cancel()
            stop.cancel()
            await asyncio.gather(work, stop, return_exceptions=True)
            await self._supervisor.stop()
            speaker.cancel()
            clear_state(self._home.state_file)

    async def _work(self) -> None:
        port = choose_port(self._options)
        await self._start_services()
        await self._migrate()
        if not self._options.is_live:
            self._phase = "starting the sandbox"
            settings = await start_sandbox(self._supervisor, self._home, self._options, self._env)
            self._env |= settings
            self._change_state(settings=settings)
        url = url_at(self._options.host, port)
        self._change_state(web_url=url)
        for spec in program_specs(self._options, port, self._env):
            await self._supervisor.start(spec)
        await self._wait_ready_and_rest(url)

    async def _start_services(self) -> None:
        self._phase = "preparing PostgreSQL and Redis"
        services = await asyncio.to_thread(
            prepare_services, self._home, self._environ, say=self._screen.say
        )
        for service in services.own:
            await self._supervisor.start(service.spec)
        urls = services.urls
        await check_outside(services)
        self._env |= urls.environment()
        self._change_state(database_url=urls.database_url, redis_url=urls.redis_url)

    async def _migrate(self) -> None:
        self._phase = "migrating the database"
        await self._supervisor.run(
            ProcessSpec("migrate", alpha("migrate"), dict(self._env), REPOSITORY, stage=2)
        )

    async def _wait_ready_and_rest(self, url: str) -> None:
        """Wait for the first sync, then until the time is over (for ever without one)."""
        while not self._is_over():
            if not self.was_ready:
                status, document = await get_json(f"{url}/health/ready")
                self._phase = explain(status, document)
                if status == 200:
                    await self._seed_people()
                    self._phase = "running"
                    self.was_ready = True
                    banner = render_banner(url, self._home, is_live=self._options.is_live)
                    self._screen.plain(banner)
            await asyncio.sleep(0.25)

    async def _seed_people(self) -> None:
        """Give the sandbox's people accounts, positions and phones, once there are markets."""
        if self._options.is_live:
            return
        self._phase = "seeding the sandbox's people"
        await self._supervisor.run(
            ProcessSpec("seed-demo", alpha("seed-demo"), dict(self._env), REPOSITORY, stage=2)
        )

    def _is_over(self) -> bool:
        limit_s = self._options.for_s
        return limit_s is not None and self.elapsed_s >= limit_s

    async def _summarize(self) -> dict[str, Any]:
        """Read the figures while the servers still run; only when somebody wants them."""
        if self._options.for_s is None and not self._options.as_json:
            return {}
        self._phase = "reading the figures"
        summary = await read_summary(self._env, restarts=self._supervisor.restarts)
        return summary | await read_latency(self._env)

    async def _speak(self) -> None:
        """Say what is going on whenever nothing was said for 4 s."""
        while True:
            await asyncio.sleep(0.5)
            is_watched = self._options.for_s is not None
            if self._screen.quiet_s < _SILENT_AT_MOST_S or (self.was_ready and not is_watched):
                continue
            self._screen.say(f"{self._phase} ({self.elapsed_s:.0f} s)")

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        numbers = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup asks to survive it
            numbers.append(signal.SIGHUP)
        for number in numbers:
            loop.add_signal_handler(number, self._asked_to_stop, number)

    def _asked_to_stop(self, number: int) -> None:
        """Stop in order; asked twice, stop at once."""
        if self._stop.is_set():
            self._supervisor.hurry()
            return
        self.stopped_by = number
        self._screen.say("stopping (once more to stop at once)")
        self._stop.set()

    def _record(self, name: str, pid: int) -> None:
        self._state = self._state.with_process(name, pid)
        self._change_state()

    def _change_state(self, **changes: Any) -> None:
        self._state = replace(self._state, **changes)
        try:
            write_state(self._home.state_file, self._state)
        except LocalError as error:  # the processes matter more than the note about them
            self._screen.say(str(error))
