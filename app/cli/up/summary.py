"""What a run did, for people and for machines."""

import asyncio
import json
import subprocess
from collections.abc import Mapping
from typing import Any

from app.cli.up.programs import alpha
from local.home import REPOSITORY
from local.launch import wrapped

_STATUS_TIMEOUT_S = 30.0

EMPTY: Mapping[str, Any] = {
    "events_synced": 0,
    "markets_synced": 0,
    "ticks": 0,
    "candles": 0,
    "signals": 0,
    "detections": 0,
    "alerts": {"confirmed": 0, "unexplained": 0},
    "notifications": 0,
    "pushes_accepted": 0,
    "event_to_push_ms": {"p50": None, "p99": None},
    "restarts": 0,
    "rejects": 0,
}


async def read_summary(env: Mapping[str, str], *, restarts: int) -> dict[str, Any]:
    """Ask `alpha status --json` what the database holds; zeros when it does not answer."""
    found = await asyncio.to_thread(_read_status, env)
    return {**EMPTY, **{key: found[key] for key in EMPTY if key in found}, "restarts": restarts}


def _read_status(env: Mapping[str, str]) -> dict[str, Any]:
    try:
        answer = subprocess.run(
            wrapped(alpha("status", "--json")),
            env=dict(env),
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_STATUS_TIMEOUT_S,
            check=False,
        )
        found = json.loads(answer.stdout.decode("utf-8", "replace").strip().splitlines()[-1])
    except (OSError, subprocess.TimeoutExpired, ValueError, IndexError):
        return {}
    return found if isinstance(found, dict) else {}


def missing_work(summary: Mapping[str, Any], *, was_ready: bool) -> str | None:
    """Say what the main job did not do, None when it did it."""
    for key, what in (("events_synced", "event"), ("markets_synced", "market")):
        if not summary[key]:
            return f"no {what} was synced: the catalogue is empty"
    return None if was_ready else "the API did not become ready in that time"


def to_text(summary: Mapping[str, Any]) -> str:
    """Render the figures that are not zero, one line."""
    figures = [
        f"{figure} {key.replace('_', ' ')}"
        for key, figure in summary.items()
        if isinstance(figure, int) and (figure or key in {"events_synced", "markets_synced"})
    ]
    return ", ".join(figures)
