"""Recording a running sandbox: stopped in time, by a signal, by a kill."""

import asyncio
import json
import os
import resource
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluation.recording.folder import Recording
from tests.integration.evaluation.playing import ROOT, Play
from tests.sandbox_process import PREFIX, SandboxProcess, start_sandbox

_WITHIN_S = 60


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """A small sandbox that ticks."""
    running = start_sandbox(tmp_path_factory.mktemp("sandbox"), "--pace", "20")
    yield running
    running.process.terminate()
    running.process.wait()


async def start_recorder(
    sandbox: SandboxProcess, folder: Path, *arguments: str, max_bytes: int = resource.RLIM_INFINITY
) -> asyncio.subprocess.Process:
    """Start `python -m evaluation record`; no file of it may grow beyond `max_bytes`."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (max_bytes, max_bytes))

    settings = sandbox.settings()
    env = {
        **os.environ,
        "KALSHI_BASE_API_URL": sandbox.url + PREFIX,
        "KALSHI_WS_URL": sandbox.url.replace("http", "ws", 1) + "/trade-api/ws/v2",
        "KALSHI_API_KEY_ID": settings.api_key_id,
        "KALSHI_PRIVATE_KEY": settings.private_key.get_secret_value(),
    }
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "evaluation", "record", str(folder), "--json", *arguments),
        cwd=ROOT,
        env=env,
        preexec_fn=limit,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def until_frames(folder: Path, count: int) -> None:
    """Wait until a recording in progress holds some frames and its catalogue."""
    async with asyncio.timeout(_WITHIN_S):
        while True:
            if (folder / "catalogue.json").exists() and len(frames_of(folder)) >= count:
                return
            await asyncio.sleep(0.1)


def frames_of(folder: Path) -> list[bytes]:
    """Return the ticker frames of a folder."""
    frames = Recording(folder).frames() if (folder / "meta.json").exists() else ()
    return [raw for line in frames if b'"type":"ticker"' in (raw := line.raw())]


async def test_a_signal_ends_a_recording_that_replays(
    sandbox: SandboxProcess, tmp_path: Path, play: Play
) -> None:
    folder = tmp_path / "recording"
    process = await start_recorder(sandbox, folder, "--for", "0", "--note", "a test")
    await until_frames(folder, 20)
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(_WITHIN_S):
        output, _ = await process.communicate()
    assert process.returncode == 0
    made = json.loads(output.splitlines()[-1])
    names = {path.name for path in folder.iterdir()}
    assert names == {"meta.json", "catalogue.json", "frames.jsonl", "answers.jsonl"}
    recording = Recording(folder)
    assert recording.meta.ended_at is not None
    assert len(list(recording.frames())) == made["frames"]
    written = "".join(path.read_text() for path in folder.iterdir()).lower()
    assert "kalshi-access" not in written
    assert sandbox.settings().api_key_id not in written
    played = await play(folder)
    assert played.found["ticks"] >= 20
    assert played.found["markets"] == made["markets"]
    assert played.found["refused"] == played.found["rejects"] == 0


async def test_a_killed_recorder_leaves_what_it_wrote(
    sandbox: SandboxProcess, tmp_path: Path, play: Play
) -> None:
    folder = tmp_path / "recording"
    process = await start_recorder(sandbox, folder, "--for", "0")
    await until_frames(folder, 20)
    process.kill()
    await process.communicate()
    recording = Recording(folder)
    assert recording.meta.ended_at is None
    assert len(frames_of(folder)) >= 20
    played = await play(folder)
    assert played.found["ticks"] >= 20


async def test_a_recording_ends_when_its_time_is_over(
    sandbox: SandboxProcess, tmp_path: Path
) -> None:
    process = await start_recorder(sandbox, tmp_path / "short", "--for", "3")
    async with asyncio.timeout(_WITHIN_S):
        output, _ = await process.communicate()
    assert process.returncode == 0
    assert json.loads(output.splitlines()[-1])["answers"] > 0


async def test_a_full_disk_ends_it_in_one_line(sandbox: SandboxProcess, tmp_path: Path) -> None:
    folder = tmp_path / "full"
    process = await start_recorder(sandbox, folder, "--for", "30", max_bytes=50_000)
    async with asyncio.timeout(_WITHIN_S):
        _, problems = await process.communicate()
    assert process.returncode == 1
    assert "cannot be written: File too large" in problems.decode().splitlines()[-1]
    answers = Recording(folder).answers()
    assert all(answer.vendor == "kalshi" for answer in answers)
    assert answers.counts.unreadable <= 1
