"""Which server programs are found, and which are refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

import local.binaries
from local.binaries import CHOSEN, EMBEDDED, SYSTEM, find_postgres, find_redis, read_version
from local.errors import LocalError

Program = Callable[[str, str], Path]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Make a program that answers `--version`."""

    def program(name: str, answer: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\necho '{answer}'\n")
        path.chmod(0o755)
        return path

    return program


@pytest.fixture
def no_wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local.binaries, "_in_wheel", lambda package, pattern: iter(()))


@pytest.mark.parametrize(
    ("answer", "version"),
    [
        ("postgres (PostgreSQL) 18.6", (18, 6)),
        ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", (15, 18)),
        ("postgres (PostgreSQL) 19beta1", (19, 0)),
        ("Valkey server v=9.1.2 sha=00000000:1 malloc=libc bits=64 build=1", (9, 1)),
        ("Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64", (6, 0)),
        ("something else", None),
    ],
)
def test_versions(program: Program, answer: str, version: tuple[int, int] | None) -> None:
    assert read_version(program("server", answer)) == version


def test_a_program_for_another_machine_has_no_version(tmp_path: Path) -> None:
    path = tmp_path / "postgres"
    path.write_bytes(b"\x7fELF not for this machine")
    path.chmod(0o755)
    assert read_version(path) is None


def test_the_wheels_come_first() -> None:
    postgres, redis = find_postgres({"PATH": "/usr/bin"}), find_redis({"PATH": "/usr/bin"})
    assert postgres is not None
    assert redis is not None
    assert (postgres.origin, redis.origin) == (EMBEDDED, EMBEDDED)
    assert (postgres.folder / "initdb").exists()


def test_the_chosen_folder_beats_the_wheel(program: Program) -> None:
    folder = program("bin/postgres", "postgres (PostgreSQL) 16.2").parent
    program("bin/initdb", "initdb (PostgreSQL) 16.2")
    found = find_postgres({"ALPHA_PG_BIN": str(folder)})
    assert found is not None
    assert (found.origin, found.version) == (CHOSEN, (16, 2))


def test_a_chosen_folder_without_programs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=f"ALPHA_PG_BIN={tmp_path} holds no initdb"):
        find_postgres({"ALPHA_PG_BIN": str(tmp_path)})


def test_a_chosen_old_postgres_is_refused(program: Program) -> None:
    folder = program("bin/postgres", "postgres (PostgreSQL) 14.9").parent
    program("bin/initdb", "initdb (PostgreSQL) 14.9")
    with pytest.raises(LocalError, match="is PostgreSQL 14: 15 or newer is needed"):
        find_postgres({"ALPHA_PG_BIN": str(folder)})


@pytest.mark.usefixtures("no_wheels")
def test_an_old_redis_is_refused_with_the_variable_to_set(program: Program) -> None:
    folder = program("redis-server", "Redis server v=6.0.16 sha=0").parent
    with pytest.raises(LocalError, match=r"older than 6\.2: install a newer one or set REDIS_URL"):
        find_redis({"PATH": str(folder)})


@pytest.mark.usefixtures("no_wheels")
def test_valkey_of_the_machine_is_taken_before_redis(program: Program) -> None:
    folder = program("redis-server", "Redis server v=7.0.1 sha=0").parent
    program("valkey-server", "Valkey server v=8.0.2 sha=0")
    found = find_redis({"PATH": str(folder)})
    assert found is not None
    assert (found.origin, found.version) == (SYSTEM, (8, 0))


@pytest.mark.usefixtures("no_wheels")
def test_nothing_found_is_none(tmp_path: Path) -> None:
    assert find_redis({"PATH": str(tmp_path)}) is None
