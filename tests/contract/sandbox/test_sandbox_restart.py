"""A killed sandbox comes back with the same trades, ids and books, and goes on from there."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox_process import PREFIX, SandboxProcess, start_sandbox

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def started(folder: Path, now: datetime) -> SandboxProcess:
    folder.mkdir()
    return start_sandbox(folder, "--events", "10", "--speed", "0", "--now", now.isoformat())


def tape(sandbox: SandboxProcess) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = sandbox.control(f"{PREFIX}/markets/trades?limit=1000")["trades"]
    return rows


def books(sandbox: SandboxProcess, tickers: list[str]) -> Any:
    query = "&".join(f"tickers={ticker}" for ticker in tickers)
    return sandbox.control(f"{PREFIX}/markets/orderbooks?{query}")


@pytest.mark.parametrize("later", [timedelta(0), timedelta(hours=1)], ids=["at-once", "later"])
def test_the_tape_survives_a_kill(tmp_path: Path, later: timedelta) -> None:
    first = started(tmp_path / "one", NOON)
    try:
        before = tape(first)
        tickers = sorted({trade["ticker"] for trade in before})[:50]
        shown = books(first, tickers)
    finally:
        first.process.kill()
        first.process.wait()
    second = started(tmp_path / "two", NOON + later)
    try:
        after = tape(second)
        if not later:
            assert after == before
            assert books(second, tickers) == shown
        old = [trade for trade in after if trade["created_time"] <= before[0]["created_time"]]
        assert len(old) > 100
        assert old == before[: len(old)]
    finally:
        second.process.kill()
        second.process.wait()
