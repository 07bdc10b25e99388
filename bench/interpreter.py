"""The interpreter of peers that are not ours to install: named by a variable, or they do not run.

`ALPHA_BENCH_PEERS` names a Python; requirements-peers.txt is what it needs.
"""

import asyncio
import os
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

from bench.contest import BenchError
from local.home import REPOSITORY

VARIABLE = "ALPHA_BENCH_PEERS"


async def find_interpreter(package: str, imports: str) -> Path | None:
    """Return the interpreter that has a package, None when none was named.

    Args:
        imports: the modules it must be able to import, comma between.

    Raises:
        BenchError: one was named and lacks it.
    """
    named = os.environ.get(VARIABLE, "")
    if not named:
        return None
    try:
        process = await asyncio.create_subprocess_exec(
            named, "-c", f"import {imports}", stdout=DEVNULL, stderr=DEVNULL
        )
    except OSError as error:
        raise BenchError(f"{VARIABLE} names no interpreter: {error.strerror}.") from None
    if await process.wait():
        raise BenchError(f"{VARIABLE} names an interpreter without {package}.")
    return Path(named)


async def run_peer(interpreter: Path, script: Path, *arguments: str) -> bytes:
    """Run a peer's script; return what it printed.

    Raises:
        BenchError: it failed.
    """
    process = await asyncio.create_subprocess_exec(
        *(str(interpreter), str(script), *arguments), cwd=REPOSITORY, stdout=PIPE, stderr=PIPE
    )
    printed, errors = await process.communicate()
    if process.returncode:
        raise BenchError(f"{script.stem} failed: {errors.decode()[-300:].strip()}")
    return printed
