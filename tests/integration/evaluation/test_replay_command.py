"""`alpha replay` and `alpha record` as an operator types them."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from tests.integration.evaluation.playing import ROOT, SERVER_VARIABLE
from tests.integration.evaluation.recordings import begin, catalogue, finish, people, play_calm

_WITHIN_S = 60


async def alpha(folder: Path, *arguments: str, **environ: str) -> tuple[int, str, str]:
    """Run a command in a folder; return its exit code and what it printed."""
    env = {
        **os.environ,
        "REPLAY_SERVER_URL": os.environ[SERVER_VARIABLE],
        "PYTHONPATH": str(ROOT),
        **environ,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "app.cli", *arguments),
        cwd=folder,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(_WITHIN_S):
        output, problems = await process.communicate()
    return process.returncode or 0, output.decode(), problems.decode()


async def test_a_folder_is_found_from_where_one_stands(tmp_path: Path) -> None:
    tape = begin(tmp_path / "game")
    play_calm(tape, 60)
    finish(tape)
    (tmp_path / "listed.json").write_text(json.dumps(catalogue(), default=str))
    (tmp_path / "people.json").write_text(json.dumps(people()))
    files = ("--catalogue", "listed.json", "--people", "people.json")
    code, output, problems = await alpha(tmp_path, "replay", "game", "--json", *files)
    assert code == 0, problems
    found = json.loads(output)
    assert (found["ticks"], found["markets"], found["decisions"]) == (24, 2, [])


@pytest.mark.parametrize(
    ("meta", "people_file", "complaint"),
    [
        pytest.param(None, None, "is no recording", id="no-meta"),
        pytest.param('{"version":1}', None, "holds nothing to play", id="empty"),
        pytest.param('{"version":1}', '{"people":[{"id":"1","name":"x"}]}', "people", id="people"),
    ],
)
async def test_what_cannot_be_played_is_one_line(
    tmp_path: Path, meta: str | None, people_file: str | None, complaint: str
) -> None:
    if meta is not None:
        (tmp_path / "meta.json").write_text(meta)
    if people_file is not None:
        (tmp_path / "people.json").write_text(people_file)
        line = '{"at_ms":1772560800000,"exchange":"kalshi","frame":{}}\n'
        (tmp_path / "frames.jsonl").write_text(line)
    code, output, problems = await alpha(tmp_path.parent, "replay", str(tmp_path))
    assert (code, output) == (1, "")
    assert problems.splitlines()[-1].startswith("alpha: ")
    assert complaint in problems.splitlines()[-1]


async def test_an_exchange_that_is_away_leaves_no_recording(tmp_path: Path) -> None:
    away = {
        "ALPHA_HOME": str(tmp_path / "home"),
        "KALSHI_BASE_API_URL": "http://127.0.0.1:9/trade-api/v2",
        "KALSHI_API_KEY_ID": "",
        "KALSHI_PRIVATE_KEY": "",
    }
    code, output, problems = await alpha(tmp_path, "record", "out", "--for", "2", **away)
    assert (code, output) == (1, "")
    assert problems.splitlines()[-1].startswith("alpha: Nothing was recorded")
    assert list((tmp_path / "out").iterdir()) == []
