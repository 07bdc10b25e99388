"""The text of schema.sql: what the migrations make, as pg_dump writes it, less its noise."""

import os
import re
import subprocess
from urllib.parse import urlsplit, urlunsplit

from app.core.database import asyncpg_dsn
from app.core.errors import OperatorError
from local.binaries import find_postgres

_NOISE = re.compile(r"^(SET |SELECT pg_catalog|--|\\(un)?restrict|$)")
_HEADER = """\
-- The whole schema, dumped from the migrations by `make schema`; a test keeps them equal.
-- Trigram search (gin_trgm_ops) is there where the server has pg_trgm, and left out elsewhere.
"""
_EXTENSION = "CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA alpha;"


def dump_schema(url: str) -> str:
    """Return the SQL that makes schema `alpha` as it is in the database at `url`.

    Dated partitions are left out: they come and go with the calendar.

    Raises:
        OperatorError: there is no pg_dump of the server's version.
    """
    server = find_postgres(os.environ)
    if server is None or not (server.folder / "pg_dump").exists():
        raise OperatorError("pg_dump was not found beside PostgreSQL: set ALPHA_PG_BIN.")
    parts = urlsplit(asyncpg_dsn(url))
    dump = subprocess.run(
        [
            server.folder / "pg_dump",
            "--schema-only",
            "--no-owner",
            "--no-privileges",
            "--schema=alpha",
            "--exclude-table=alpha.market_ticks_p*",
            urlunsplit(parts),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if dump.returncode:
        raise OperatorError(f"pg_dump failed: {dump.stderr.strip().splitlines()[-1]}")
    return _tidy(dump.stdout)


def _tidy(dump: str) -> str:
    lines = [line for line in dump.splitlines() if not _NOISE.match(line)]
    statements = "\n".join(lines).replace(";\n", ";\n\n")
    first, _, rest = statements.partition("\n\n")
    return f"{_HEADER}\n{first}\n\n{_EXTENSION}\n\n{rest.strip()}\n"
