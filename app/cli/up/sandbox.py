"""The sandbox's place among the processes: its port, and the keys it gave us."""

import asyncio
import json
import os
import shlex
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.cli.up.http import get_json
from app.cli.up.options import Options, url_at
from app.cli.up.programs import SANDBOX_STAGE
from local.errors import LocalError
from local.home import REPOSITORY, Home
from local.spec import ProcessSpec
from local.supervisor import Supervisor

_KEYS_WITHIN_S = 10.0

_PACE = "20"  # a small world trades a few times a minute: busier, so that there is something to see
_FIRST_SHOCK_S = "20"  # something happens to somebody's position that soon


async def start_sandbox(
    supervisor: Supervisor, home: Home, options: Options, env: Mapping[str, str]
) -> dict[str, str]:
    """Start the sandbox; return the settings that put it in the vendors' place.

    It chooses a free port at its first start and keeps it at restarts, since the other
    processes know it by then.

    Raises:
        LocalError: it does not start or gives no keys.
    """
    port_file = home.ports_dir / "sandbox"
    port_file.unlink(missing_ok=True)
    spec = _spec(options, env, port_file)
    await supervisor.start(spec)
    port = _read_port(port_file)
    supervisor.change(replace(spec, argv=_command_line(options, port_file, port=port)))
    base_url = url_at(options.host, port)
    firebase = home.path / "firebase.json"
    _keep_secret(firebase, await _fetch_keys(base_url, "firebase"))
    return _settings(base_url, await _fetch_keys(base_url, "kalshi"), firebase)


def _keep_secret(path: Path, document: Mapping[str, Any]) -> None:
    """Write credentials that only this user can read."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        json.dump(document, file)


def _spec(options: Options, env: Mapping[str, str], port_file: Path) -> ProcessSpec:
    return ProcessSpec(
        name="sandbox",
        argv=_command_line(options, port_file, port=0),
        env=env,
        cwd=REPOSITORY,
        stage=SANDBOX_STAGE,
        stop_grace_s=5,
        ready=lambda: _read_port(port_file) > 0,
    )


def _command_line(options: Options, port_file: Path, *, port: int) -> tuple[str, ...]:
    program = (sys.executable, "-m", "sandbox", "--host", options.host)
    life = ("--pace", _PACE, "--first-shock", _FIRST_SHOCK_S)
    wishes = shlex.split(os.environ.get("ALPHA_SANDBOX_ARGS", ""))
    return (*program, *life, "--port", str(port), "--port-file", str(port_file), *wishes)


def _read_port(port_file: Path) -> int:
    try:
        return int(port_file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0


async def _fetch_keys(base_url: str, vendor: str) -> Mapping[str, Any]:
    end = time.monotonic() + _KEYS_WITHIN_S
    while True:
        status, keys = await get_json(f"{base_url}/_keys/{vendor}")
        if status == 200 and isinstance(keys, dict):
            return keys
        if time.monotonic() >= end:
            raise LocalError(f"The sandbox gave no key of {vendor} (HTTP status {status}).")
        await asyncio.sleep(0.1)


def _settings(base_url: str, keys: Mapping[str, Any], firebase: Path) -> dict[str, str]:
    try:
        key_id, private_key = str(keys["api_key_id"]), str(keys["private_key"])
    except KeyError as error:
        raise LocalError(f"The sandbox's Kalshi key has no {error}.") from error
    return {
        "KALSHI_BASE_API_URL": f"{base_url}/trade-api/v2",
        "KALSHI_WS_URL": f"{base_url.replace('http', 'ws', 1)}/trade-api/ws/v2",
        "KALSHI_API_KEY_ID": key_id,
        "KALSHI_PRIVATE_KEY": private_key,
        "FCM_BASE_URL": base_url,
        "FIREBASE_CREDENTIALS_PATH": str(firebase),
        "SUPABASE_JWT_ISSUER": f"{base_url}/auth/v1",
        "SUPABASE_JWKS_URL": f"{base_url}/auth/v1/.well-known/jwks.json",
    }
