"""What `alpha doctor` is told, without a secret in it."""

import socket
from pathlib import Path

import pytest

from local.checks import (
    check_data_folder,
    check_database,
    check_port,
    check_redis,
    check_services,
)

NOBODY = "127.0.0.1:1"


@pytest.mark.parametrize(
    ("url", "where"),
    [
        (f"postgresql://user:hunter2@{NOBODY}/alpha", NOBODY),
        (f"postgresql+asyncpg://user:hunter2@{NOBODY}/alpha", NOBODY),
        ("postgresql://postgres:@/postgres?host=/no/where", "/no/where"),
        ("postgresql://user:hunter2@127.0.0.1:hunter2/alpha", "an unreadable address"),
        ("hunter2", "an unreadable address"),
    ],
)
async def test_a_database_that_does_not_answer(url: str, where: str) -> None:
    found = await check_database(url)
    assert not found.ok
    assert found.detail.startswith(where)
    assert found.detail.endswith("check DATABASE_URL.")
    assert "hunter2" not in found.detail


@pytest.mark.parametrize(
    "url", [f"redis://:hunter2@{NOBODY}/0", "unix:///no/where", "http://:hunter2@x"]
)
async def test_a_redis_that_does_not_answer(url: str) -> None:
    found = await check_redis(url)
    assert not found.ok
    assert found.detail.endswith("check REDIS_URL.")
    assert "hunter2" not in found.detail


def test_ports(tmp_path: Path) -> None:
    environ = {"ALPHA_HOME": str(tmp_path)}
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        taken = check_port("127.0.0.1", port, environ)
    assert not taken.ok
    assert taken.detail == f"port {port} on 127.0.0.1 is taken: choose another with --port."
    assert check_port("127.0.0.1", port, environ).ok


def test_services_by_url_hide_the_password() -> None:
    environ = {"DATABASE_URL": "postgresql://u:hunter2@db:5432/x", "REDIS_URL": "redis://r:1"}
    assert [(found.ok, found.detail) for found in check_services(environ)] == [
        (True, "DATABASE_URL is set: db:5432"),
        (True, "REDIS_URL is set: r:1"),
    ]


def test_a_data_folder_of_another_major(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("9\n")
    found = check_data_folder({"ALPHA_HOME": str(tmp_path)})
    assert not found.ok
    assert "belongs to PostgreSQL 9" in found.detail


def test_an_empty_data_folder_is_fine(tmp_path: Path) -> None:
    found = check_data_folder({"ALPHA_HOME": str(tmp_path / "new")})
    assert found.ok
    assert found.detail.endswith("(empty)")
