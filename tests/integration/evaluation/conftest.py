"""Replays as processes of their own, on the tests' server."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests.integration.evaluation.playing import ROOT, SERVER_VARIABLE, Play, Played

_WITHIN_S = 90


@pytest.fixture
def play() -> Play:
    """Replay a folder in a process whose hashes are seeded as asked."""

    async def run(folder: Path, *, hash_seed: int = 0) -> Played:
        env = {
            **os.environ,
            "REPLAY_SERVER_URL": os.environ[SERVER_VARIABLE],
            "PYTHONHASHSEED": str(hash_seed),
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "evaluation", "replay", str(folder), "--json"),
            cwd=ROOT,
            env=env,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(_WITHIN_S):
            output, problems = await process.communicate()
        assert process.returncode == 0, problems.decode()
        return Played(output.decode())

    return run
