"""`alpha web` as a process."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

COMMAND = [sys.executable, "-m", "app.cli", "web"]


@pytest.fixture
def environ(database_url: str, redis_url: str) -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": database_url, "REDIS_URL": redis_url}


def test_it_serves_until_told_to_stop(environ: dict[str, str]) -> None:
    with subprocess.Popen(
        [*COMMAND, "--port", "0"], env=environ, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        url = process.stderr.readline().removeprefix("Serving ").removesuffix("/v1\n")
        with urllib.request.urlopen(f"{url}/health/live", timeout=20) as answer:
            headers, body = dict(answer.headers), answer.read()
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=20)

    assert body == b'{"live":true}'
    assert not {"Server", "server"} & set(headers)
    assert code in {0, -signal.SIGTERM, 128 + signal.SIGTERM}


def test_a_taken_port_is_one_line(environ: dict[str, str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = subprocess.run(
            [*COMMAND, "--port", str(port)], env=environ, capture_output=True, text=True, timeout=30
        )

    assert done.returncode == 1
    assert done.stderr == (
        f"alpha: Port {port} on 127.0.0.1 is taken: choose another with --port.\n"
    )
