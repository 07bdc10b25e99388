"""The script ./alpha: first run, repair, waiting for another, refusals in one sentence."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.home import REPOSITORY

FAKE = Path(__file__).with_name("fake_python.sh")
PATHS = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"

Start = Callable[..., subprocess.Popen[str]]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with a space in its name that holds the script and two lock files."""
    folder = tmp_path / "my checkout"
    folder.mkdir()
    shutil.copy(REPOSITORY / "alpha", folder / "alpha")
    shutil.copy(FAKE, folder / "python")
    (folder / "requirements.txt").write_text("one==1\n")
    (folder / "requirements-dev.txt").write_text("one==1\ntwo==2\n")
    return folder


@pytest.fixture
def _interruptible() -> Iterator[None]:
    """Let children receive Ctrl-C even when whoever started the tests ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def start(checkout: Path, _interruptible: None) -> Start:
    def start(
        *arguments: str, script: Path | None = None, **settings: str
    ) -> subprocess.Popen[str]:
        env = {"PATH": PATHS, "PYTHON": str(checkout / "python"), **settings}
        return subprocess.Popen(
            [str(script or checkout / "alpha"), *arguments],
            cwd=checkout.parent,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    return start


@pytest.fixture
def run(start: Start) -> Run:
    def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        process = start(*arguments, **settings)
        out, err = process.communicate(timeout=30)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    return run


def installs(checkout: Path) -> list[str]:
    path = checkout / "installs"
    return path.read_text().splitlines() if path.exists() else []


def wait_for(path: Path) -> None:
    end = time.monotonic() + 10
    while not path.exists():
        assert time.monotonic() < end, f"{path} did not appear"
        time.sleep(0.02)


def test_first_run_installs_and_the_next_does_not(checkout: Path, run: Run) -> None:
    first = run("replay", "a folder")
    second = run("status")

    assert first.returncode == 0, first.stderr
    assert first.stdout == f"in {checkout.parent}: <replay> <a folder>"
    assert second.stdout.endswith("<status>")
    assert second.stderr == ""
    assert len(installs(checkout)) == 2
    assert "--require-hashes -r requirements.txt" in installs(checkout)[0]
    assert not (checkout / ".venv.lock").exists()


def test_finds_itself_through_links(checkout: Path, start: Start) -> None:
    elsewhere = checkout.parent / "bin"
    elsewhere.mkdir()
    (elsewhere / "hop").symlink_to("../my checkout/alpha")
    (elsewhere / "alpha").symlink_to(elsewhere / "hop")

    out, err = start("status", script=elsewhere / "alpha").communicate(timeout=30)

    assert out.endswith("<status>"), err
    assert (checkout / ".venv/alpha-stamp").exists()


def test_tests_need_the_development_lock(checkout: Path, run: Run) -> None:
    run("status")
    run("test", "-k", "x")
    again = run("status")

    assert [line.rsplit(" ", 1)[1] for line in installs(checkout) if "pip" in line] == [
        "requirements.txt",
        "requirements-dev.txt",
    ]
    assert again.stderr == ""


def test_a_changed_lock_updates_in_place(checkout: Path, run: Run) -> None:
    run("status")
    (checkout / ".venv/kept").touch()
    (checkout / "requirements.txt").write_text("one==2\n")

    updated = run("status")

    assert "bringing .venv up to date" in updated.stderr
    assert (checkout / ".venv/kept").exists()
    assert len(installs(checkout)) == 4


@pytest.mark.parametrize("settings", [{"FAKE_VERSION": "3.13"}, {}], ids=["python", "folder"])
def test_another_python_or_place_starts_afresh(
    checkout: Path, start: Start, run: Run, settings: dict[str, str]
) -> None:
    run("status")
    (checkout / ".venv/old").touch()
    if not settings:
        checkout = checkout.rename(checkout.with_name("moved"))
    python = {"PYTHON": str(checkout / "python")}

    process = start("status", script=checkout / "alpha", **python, **settings)
    _, err = process.communicate(timeout=30)

    assert "first run" in err
    assert not (checkout / ".venv/old").exists()


def test_two_first_runs_at_once_install_once(checkout: Path, start: Start) -> None:
    runs = [start("status", FAKE_PIP_S="0.5") for _ in range(4)]
    answers = [one.communicate(timeout=30) for one in runs]

    assert [out.rsplit(" ", 1)[-1] for out, _ in answers] == ["<status>"] * 4, answers
    assert len(installs(checkout)) == 2
    assert any("waiting for another alpha" in err for _, err in answers)


def test_a_killed_first_run_is_repaired(checkout: Path, start: Start, run: Run) -> None:
    process = start("status", FAKE_PIP_S="1")
    wait_for(checkout / "installs")
    process.kill()
    process.communicate()
    (checkout / ".venv/half").touch()

    repaired = run("status")

    assert repaired.stdout.endswith("<status>"), repaired.stderr
    assert "waiting" in repaired.stderr  # the orphaned installer still wrote to .venv
    assert "first run" in repaired.stderr
    assert not (checkout / ".venv/half").exists()


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["int", "term"]
)
def test_an_interrupted_first_run_leaves_no_lock(
    checkout: Path, start: Start, number: int, code: int
) -> None:
    process = start("status", FAKE_PIP_S="20")
    wait_for(checkout / "installs")
    os.killpg(process.pid, number)
    process.communicate(timeout=10)

    assert process.returncode in {code, -number}
    assert not (checkout / ".venv.lock").exists()
    assert (checkout / ".venv/alpha-unfinished").exists()


def test_a_dead_ones_lock_is_taken_over(checkout: Path, run: Run) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    (checkout / ".venv.lock").mkdir()
    (checkout / ".venv.lock/pid").write_text(f"{gone.pid}\n")

    assert run("status").stdout.endswith("<status>")


def test_a_slow_install_is_not_silent(run: Run) -> None:
    assert "installing packages (4 s)" in run("status", FAKE_PIP_S="4.5").stderr


def test_uv_is_used_and_its_failure_is_no_end(checkout: Path, run: Run, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    uv = tools / "uv"
    uv.write_text('#!/bin/sh\necho "uv $*" >>installs\nexit 1\n')
    uv.chmod(0o755)

    done = run("status", PATH=f"{tools}:{PATHS}")

    assert done.stdout.endswith("<status>"), done.stderr
    assert installs(checkout)[0].startswith("uv venv")
    assert "trying pip" in done.stderr


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        pytest.param({"FAKE_VERSION": "3.10"}, "Python 3.11 or newer is needed", id="too-old"),
        pytest.param({"PYTHON": "/nope"}, "none found among: /nope", id="no-python"),
        pytest.param({"FAKE_NO_VENV": "1"}, "apt install python3.12-venv", id="no-venv"),
        pytest.param({"FAKE_PIP_FAILS": "1"}, "failed: ERROR: no network", id="no-network"),
    ],
)
def test_refuses_in_one_sentence(run: Run, settings: dict[str, str], sentence: str) -> None:
    refused = run("status", **settings)

    assert refused.returncode == 1
    assert sentence in refused.stderr.splitlines()[-1]
    assert refused.stdout == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_a_folder_one_cannot_write_is_said(checkout: Path, tmp_path: Path) -> None:
    shared = Path("/tmp") / f"alpha-script-{os.getpid()}"  # nobody enters tmp_path
    shutil.copytree(checkout, shared)
    try:
        refused = subprocess.run(
            [str(shared / "alpha"), "status"],
            user="nobody",
            group="nogroup",
            extra_groups=[],
            env={"PATH": PATHS, "PYTHON": str(shared / "python")},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        shutil.rmtree(shared)

    assert refused.returncode == 1
    assert (
        refused.stderr
        == f"alpha: cannot write to {shared}: make it writable for nobody, or copy it elsewhere.\n"
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount a small disk")
def test_a_full_disk_is_said(checkout: Path, start: Start, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine mounts no disks")
    try:
        shutil.copytree(checkout, disk / "full")
        _, err = start("status", script=disk / "full/alpha").communicate(timeout=30)
    finally:
        subprocess.run(["umount", str(disk)], check=True)

    assert err.endswith(f"the disk is full: 400 MB are needed in {disk}/full for the first run.\n")
