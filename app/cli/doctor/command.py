"""The command itself."""

import asyncio
import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from app.cli.doctor.database import examine_database
from app.cli.doctor.findings import Finding, State
from app.cli.doctor.machine import examine_machine, known_urls
from app.cli.doctor.vendors import examine_kalshi, examine_push, examine_sign_in
from app.cli.services import adopt_sandbox
from app.core.clock import SystemClock
from app.core.config import get_settings

_COLOURS = {State.ON: "green", State.OFF: "dim", State.UNVERIFIED: "yellow", State.FAILING: "red"}


def doctor(
    port: Annotated[int, typer.Option(help="port the API would listen on")] = 8000,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Say what is on, off or wrong, one line each; exit 1 when something needs you."""
    findings = asyncio.run(_examine(port))
    is_ok = not any(finding.state is State.FAILING for finding in findings)
    if as_json:
        checks = [asdict(finding) for finding in findings]
        sys.stdout.write(json.dumps({"ok": is_ok, "checks": checks}) + "\n")
    else:
        _show(findings)
    raise typer.Exit(0 if is_ok else 1)


async def _examine(port: int) -> list[Finding]:
    adopt_sandbox()
    settings = get_settings()
    clock = SystemClock(settings.app.clock_at)
    urls = known_urls(settings)
    findings = await examine_machine(settings, urls, port)
    if urls.database_url:
        findings += await examine_database(urls.database_url, clock)
    findings += await examine_kalshi(settings.kalshi, clock)
    findings += await examine_sign_in(settings.supabase)
    return findings + await examine_push(settings.firebase, clock)


def _show(findings: list[Finding]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for finding in findings:
        line = Text.assemble(
            (f"{finding.state.value:<11}", _COLOURS[finding.state]),
            (f"{finding.name}: ", "bold"),
            finding.detail,
        )
        console.print(line)
