"""PostgreSQL's own load generator on our SQL: what the database alone can do."""

import asyncio
import os
import re
from collections.abc import Sequence
from pathlib import Path
from statistics import mean

from app.core.database import asyncpg_dsn
from bench.contest import BenchError
from bench.web.cores import CLIENT, pin
from bench.web.statement import Heard, for_pgbench
from local.binaries import find_postgres

_SECOND = re.compile(r"^progress: [\d.]+ s, ([\d.]+) tps", re.MULTILINE)
_CLIENTS = 16


def find_pgbench() -> Path | None:
    """Return the program that came with the server's binaries, if it did."""
    server = find_postgres(os.environ)
    program = server.folder / "pgbench" if server else None
    return program if program and program.is_file() else None


def write_scripts(folder: Path, statements: Sequence[Heard]) -> list[str]:
    """Write one script for each statement; return the options that make pgbench run them."""
    options = []
    for number, statement in enumerate(statements):
        sql, variables = for_pgbench(statement, number)
        path = folder / f"{number}.sql"
        path.write_text(sql.strip() + ";\n")
        options += ["-f", str(path)]
        options += [word for name, text in variables.items() for word in ("-D", f"{name}={text}")]
    return options


async def run_pgbench(program: Path, url: str, scripts: Sequence[str], *, seconds: int) -> float:
    """Run the scripts at random as prepared statements; return transactions per second.

    The first second is left out: every client plans every script in it.

    Args:
        scripts: of `write_scripts`.

    Raises:
        BenchError: it failed.
    """
    options = ("-n", "-M", "prepared", "-c", str(_CLIENTS), "-j", "1", "-P", "1")
    process = await asyncio.create_subprocess_exec(
        *(str(program), *options, "-T", str(seconds + 1), *scripts, asyncpg_dsn(url)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    pin(process.pid, CLIENT)
    _, printed = await process.communicate()
    _, *later = [float(rate) for rate in _SECOND.findall(printed.decode())] or [0.0]
    if process.returncode or not later:
        raise BenchError(f"pgbench failed: {printed.decode()[-300:]}")
    return mean(later)
