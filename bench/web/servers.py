"""Server and client processes, each on its core."""

import asyncio
import os
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import msgspec

from bench.contest import BenchError
from bench.web.cores import CLIENT, SERVER, pin
from bench.web.load import Answers, Load
from local.addresses import free_port
from local.home import REPOSITORY
from local.output import last_line

_READY_WITHIN_S = 20
_STOPPED_WITHIN_S = 15
_UNLIMITED = {"PUBLIC_REQUESTS_PER_MINUTE": "1000000000"}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server on 127.0.0.1."""

    name: str
    port: int

    async def get(self, path: str) -> bytes:
        """Read one body.

        Raises:
            BenchError: the answer is not 200.
        """
        body, _ = await asyncio.to_thread(self._get, path)
        return body

    async def get_etag(self, path: str) -> str:
        """Read the ETag of an answer."""
        _, etag = await asyncio.to_thread(self._get, path)
        return etag

    def _get(self, path: str) -> tuple[bytes, str]:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.read(), answer.headers["etag"] or ""
        except HTTPError as error:
            raise BenchError(f"{self.name} answered {error.code} to {path}.") from error


@asynccontextmanager
async def serving(
    module: str, name: str, environ: Mapping[str, str], *, is_pinned: bool = True
) -> AsyncIterator[Server]:
    """Run `python -m module name PORT` for the length of the block, on the server's core.

    Args:
        is_pinned: False where more than two processes take part, which the kernel places better.
    """
    port = free_port()
    with tempfile.NamedTemporaryFile(prefix="alpha-bench-") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, name, str(port)),
            env={**os.environ, **_UNLIMITED, **environ},
            cwd=REPOSITORY,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=output,
        )
        try:
            await _wait_ready(process, port)
            if is_pinned:
                pin(process.pid, SERVER)
            yield Server(name, port)
        finally:
            await _stop(process, name, Path(output.name))


async def _wait_ready(process: Process, port: int) -> None:
    for _ in range(_READY_WITHIN_S * 20):
        if process.returncode is not None:
            break
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return
    raise BenchError("It does not answer.")


async def _stop(process: Process, name: str, output: Path) -> None:
    if process.returncode is not None:
        end = f"ended by itself ({process.returncode}): {last_line(output)[:300]}"
        raise BenchError(f"The server {name} {end}")
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _STOPPED_WITHIN_S)
    except TimeoutError:
        process.kill()
        await process.wait()


async def ask(load: Load, *, status: int) -> Answers:
    """Run the load generator on the client's core.

    Raises:
        BenchError: an answer had another status.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.web.load"),
        cwd=REPOSITORY,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    pin(process.pid, CLIENT)
    printed, errors = await process.communicate(msgspec.json.encode(load))
    if process.returncode:
        raise BenchError(f"The load generator failed: {errors.decode()[-300:].strip()}")
    answers = msgspec.json.decode(printed, type=Answers)
    if set(answers.statuses) != {status}:
        raise BenchError(f"Answers were {answers.statuses}, expected {status}.")
    return answers
