"""Where PostgreSQL may live, and whose data it refuses."""

import os
from pathlib import Path

import pytest

from local.binaries import EMBEDDED, ServerBinary
from local.cluster import check_major, read_major
from local.errors import LocalError
from local.home import Home, home_path, open_home
from local.owner import can_reach
from local.placement import existing_data_dir
from local.spec import User

STRANGER = User(65_533, 65_533, "stranger")
SERVER = ServerBinary(Path("/wheel/bin/postgres"), (18, 6), EMBEDDED)


def test_a_stranger_enters_open_folders_only(tmp_path: Path) -> None:
    inner = tmp_path / "open" / "inner"
    inner.mkdir(parents=True)
    me = User(os.geteuid(), os.getegid(), "me")
    tmp_path.joinpath("open").chmod(0o711)
    assert not can_reach(inner, STRANGER)  # pytest's own folders are private
    assert can_reach(inner, me)
    assert can_reach(Path("/usr/bin/absent"), STRANGER)


def test_the_data_folder_is_private(tmp_path: Path) -> None:
    home = open_home(tmp_path / "a" / ".alpha")
    assert home.path.stat().st_mode & 0o777 == 0o700
    assert home.log_dir.is_dir()


def test_a_data_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LocalError, match="set ALPHA_HOME to a folder you can write"):
        open_home(tmp_path / "file")


def test_alpha_home_decides(tmp_path: Path) -> None:
    assert home_path({"ALPHA_HOME": str(tmp_path)}) == tmp_path
    assert home_path({"ALPHA_HOME": " "}).name == ".alpha"
    assert home_path({}).name == ".alpha"


def test_another_major_is_refused_with_the_ways_out(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("15\n")
    with pytest.raises(LocalError) as refused:
        check_major(tmp_path, SERVER)
    assert "belongs to PostgreSQL 15, the server found is 18.6" in str(refused.value)
    assert "ALPHA_PG_BIN" in str(refused.value)


def test_the_same_major_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("18\n")
    check_major(tmp_path, SERVER)
    assert read_major(tmp_path) == 18


def test_a_foreign_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="is not a PostgreSQL data folder"):
        check_major(tmp_path, SERVER)


def test_an_existing_data_folder_is_found(tmp_path: Path) -> None:
    assert existing_data_dir(Home(tmp_path)) is None
    (tmp_path / "postgres").mkdir()
    assert existing_data_dir(Home(tmp_path)) == tmp_path / "postgres"
