"""The sandbox as a process of its own, and its control routes."""

import json
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.core.config import KalshiSettings

ROOT = Path(__file__).resolve().parents[1]
PREFIX = "/trade-api/v2"


@dataclass
class SandboxProcess:
    """A running sandbox."""

    url: str
    process: subprocess.Popen[bytes]

    def control(self, path: str, method: str = "GET", body: object = None) -> Any:
        """Call one of the sandbox's own routes."""
        sent = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=sent, method=method)
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)

    def rows(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the true rows of a kind by ticker."""
        key = "event_ticker" if kind == "events" else "ticker"
        found: dict[str, dict[str, Any]] = {}
        after = ""
        while True:
            page = self.control(f"/_truth/kalshi/catalogue?kind={kind}&after={after}&limit=5000")
            found |= {row[key]: row for row in page["rows"]}
            after = page["after"]
            if not after:
                return found

    def stats(self) -> Any:
        return self.control("/_stats")["kalshi"]

    def settings(self, *, key_type: str = "rsa", **fields: Any) -> KalshiSettings:
        """Return settings for this sandbox with a key of its own."""
        key = self.control("/_keys", "POST", {"key_type": key_type})
        return KalshiSettings.model_validate(
            {
                "base_api_url": self.url + PREFIX,
                "api_key_id": key["api_key_id"],
                "private_key": key["private_key"],
            }
            | fields
        )


def start_sandbox(folder: Path, *arguments: str) -> SandboxProcess:
    """Start `python -m sandbox` and wait until it listens."""
    port_file = folder / "port"
    command = [sys.executable, "-m", "sandbox", "--port-file", str(port_file), *arguments]
    process = subprocess.Popen(command, cwd=ROOT)
    deadline = time.monotonic() + 60
    while not port_file.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise RuntimeError("the sandbox did not start")
        time.sleep(0.05)
    return SandboxProcess(f"http://127.0.0.1:{port_file.read_text().strip()}", process)
