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


def missing_work(
    summary: Mapping[str, Any], *, was_ready: bool, expects_pushes: bool = False
) -> str | None:
    """Say what the main job did not do, None when it did it.

    Args:
        expects_pushes: there was time for something to happen to somebody's position.
    """
    for key, what in (("events_synced", "event"), ("markets_synced", "market")):
        if not summary[key]:
            return f"no {what} was synced: the catalogue is empty"
    if not was_ready:
        return "the API did not become ready in that time"
    if expects_pushes and not summary["pushes_accepted"]:
        return f"no push was accepted ({summary['detections']} moves were detected)"
    return None


def to_text(summary: Mapping[str, Any]) -> str:
    """Render the figures that are not zero, one line."""
    figures = [
        f"{figure} {key.replace('_', ' ')}"
        for key, figure in summary.items()
        if isinstance(figure, int) and (figure or key in {"events_synced", "markets_synced"})
    ]
    delay = summary["event_to_push_ms"]
    if delay["p50"] is not None:
        figures.append(f"from event to push p50 {delay['p50']} ms, p99 {delay['p99']} ms")
    return ", ".join(figures)
