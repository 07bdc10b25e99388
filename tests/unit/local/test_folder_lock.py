"""Locks of a data folder."""

import subprocess
import sys
from pathlib import Path

import pytest

from local.errors import LocalError
from local.lock import held, release, take


def test_one_owner_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first = take(path)
    assert first is not None
    assert take(path) is None
    assert take(path, shared=True, timeout_s=0.15) is None
    release(first)
    second = take(path)
    assert second is not None
    with held(second):
        assert take(path) is None
    third = take(path)
    assert third is not None
    release(third)


def test_many_guests(tmp_path: Path) -> None:
    guests = [take(tmp_path / "guests", shared=True) for _ in range(2)]
    assert take(tmp_path / "guests") is None
    for guest in guests:
        assert guest is not None
        release(guest)


def test_children_do_not_keep_the_lock(tmp_path: Path) -> None:
    lock = take(tmp_path / "lock")
    assert lock is not None
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"]) as child:
        release(lock)
        again = take(tmp_path / "lock")
        child.kill()
    assert again is not None
    release(again)


def test_a_lock_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="cannot be opened"):
        take(tmp_path / "absent" / "lock")
