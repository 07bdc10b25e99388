"""Sockets where they fit, ports where they do not, URLs that every client reads alike."""

import socket
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from arq.connections import RedisSettings
from redis.asyncio.connection import parse_url

from local.addresses import (
    Address,
    choose_address,
    free_port,
    is_usable_socket,
    port_problem,
    postgres_url,
    redis_url,
)

FOLDER = "/srv/my alpha/pg"


@pytest.mark.parametrize(
    ("path", "usable"),
    [
        pytest.param("/home/a/alpha/.alpha/pg/.s.PGSQL.5432", True, id="plain"),
        pytest.param("/home/a/my alpha/redis.sock", True, id="space"),
        pytest.param("/" + "x" * 102, True, id="103-bytes"),
        pytest.param("/" + "x" * 107, False, id="108-bytes"),
        pytest.param("/home/a,b/redis.sock", False, id="comma-separates-hosts"),
        pytest.param("/home/100%/redis.sock", False, id="percent-quotes"),
        pytest.param("/home/what?/redis.sock", False, id="query"),
        pytest.param("/home/zoë/redis.sock", False, id="not-ascii"),
    ],
)
def test_usable_sockets(path: str, usable: bool) -> None:
    assert is_usable_socket(Path(path)) is usable


def test_a_long_path_falls_back_to_a_port_with_a_password() -> None:
    address = choose_address(Path("/" + "x" * 200))

    assert address.socket_file is None
    assert address.port > 0
    assert len(address.password) >= 32
    assert address.target == ("127.0.0.1", address.port)


def test_a_known_password_is_kept() -> None:
    assert choose_address(Path("/" + "x" * 200), password="known").password == "known"


def test_the_socket_url_of_postgres_quotes_its_folder() -> None:
    url = urlparse(postgres_url(Address(Path(FOLDER, ".s.PGSQL.5432"), 5432)))
    assert (url.scheme, url.netloc, url.path) == ("postgresql", "postgres:@", "/postgres")
    assert parse_qs(url.query) == {"host": [FOLDER], "port": ["5432"]}
    assert " " not in url.query


def test_the_port_url_of_postgres_holds_the_password() -> None:
    url = urlparse(postgres_url(Address(None, 7001, "a-b_c")))
    assert (url.username, url.password, url.hostname, url.port) == (
        "postgres",
        "a-b_c",
        "127.0.0.1",
        7001,
    )


def test_redis_and_arq_read_the_socket_url_alike() -> None:
    url = redis_url(Address(Path("/srv/my alpha/redis.sock"), 0))
    assert parse_url(url)["path"] == "/srv/my alpha/redis.sock"
    assert RedisSettings.from_dsn(url).unix_socket_path == "/srv/my alpha/redis.sock"


def test_redis_and_arq_read_the_port_url_alike() -> None:
    url = redis_url(Address(None, 7002, "a-b_c"))
    settings = RedisSettings.from_dsn(url)
    read = parse_url(url)
    assert (settings.host, settings.port, settings.password) == ("127.0.0.1", 7002, "a-b_c")
    assert (read["host"], read["port"], read["password"]) == ("127.0.0.1", 7002, "a-b_c")


def test_ports() -> None:
    port = free_port()
    assert port_problem("127.0.0.1", port) is None
    with socket.create_server(("127.0.0.1", port)):
        assert port_problem("127.0.0.1", port) == f"port {port} on 127.0.0.1 is taken"
    assert port_problem("127.0.0.1", 70_000) == "70000 is not a port"
    assert port_problem("nowhere.invalid", 80) == (
        "nowhere.invalid is not an address of this machine"
    )
