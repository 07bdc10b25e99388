"""`alpha alerts`: what was said, and taking it back; kill switches and shadow mode."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from app.cli.services import local_services
from app.core.clock import Clock, SystemClock
from app.core.database import Conn, create_pool
from app.core.errors import OperatorError
from app.domain.alerts import Tier
from app.domain.detections import DetectionKind
from app.store import alert_control, switches

SWITCHES = (
    switches.PAUSE_PUSH,
    "kill:confirmed",
    *(f"kill:{kind}" for kind in DetectionKind),
    *(f"shadow:{kind}:{tier}" for kind in DetectionKind for tier in Tier),
)
ACTIONS = ("list", "show", "retract", "switches", "on", "off")


def alerts(
    action: Annotated[str, typer.Argument(help=", ".join(ACTIONS))] = "list",
    target: Annotated[str, typer.Argument(help="an alert's id, or a switch's name")] = "",
    note: Annotated[str, typer.Option(help="why, for the record")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """List alerts, show or retract one; turn switches on and off.

    Switches: kill:<kind>, kill:confirmed, shadow:<kind>:<tier>, pause:push.
    """
    with local_services() as settings:
        clock = SystemClock(settings.app.clock_at)
        work = _work(action, target, note, limit, clock)
        found = asyncio.run(_with_conn(settings.app.database_url.get_secret_value(), work))
    if as_json:
        sys.stdout.write(json.dumps(found, default=str) + "\n")
    else:
        _show(found)


def _work(
    action: str, target: str, note: str, limit: int, clock: Clock
) -> Callable[[Conn], Awaitable[list[dict[str, Any]]]]:
    """Return what to do on a connection.

    Raises:
        OperatorError: no such action, or one that lacks what it needs.
    """
    now = clock.now()
    if action == "list":
        return partial(alert_control.list_alerts, limit=limit)
    if action == "switches":
        return _list_switches
    if action not in ACTIONS:
        raise OperatorError(f"There is no action {action!r}: choose one of {', '.join(ACTIONS)}.")
    if not target:
        raise OperatorError(f"alpha alerts {action} needs an id or a name.")
    if action in {"on", "off"}:
        return partial(_turn, name=_switch(target), is_on=action == "on", note=note, clock=clock)
    alert_id = _id(target)
    if action == "show":
        return lambda conn: alert_control.show_alert(conn, alert_id)
    return lambda conn: alert_control.retract_alert(conn, alert_id, reason=note or None, now=now)


async def _list_switches(conn: Conn) -> list[dict[str, Any]]:
    return [asdict(switch) for switch in await switches.list_switches(conn)]


async def _turn(
    conn: Conn, *, name: str, is_on: bool, note: str, clock: Clock
) -> list[dict[str, Any]]:
    await switches.turn(conn, name, is_on=is_on, now=clock.now(), note=note or None)
    return await _list_switches(conn)


def _switch(name: str) -> str:
    if name not in SWITCHES:
        raise OperatorError(f"There is no switch {name!r}: choose one of {', '.join(SWITCHES)}.")
    return name


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise OperatorError(f"{text!r} is no alert's id: see `alpha alerts list`.") from None


async def _with_conn(
    url: str, work: Callable[[Conn], Awaitable[list[dict[str, Any]]]]
) -> list[dict[str, Any]]:
    pool = await create_pool(url, size=1)
    try:
        async with pool.acquire() as conn, conn.transaction():
            return await work(conn)
    finally:
        await pool.close()


def _show(rows: list[dict[str, Any]]) -> None:
    if not rows:
        typer.echo("Nothing.")
        return
    if "people" in rows[0]:
        _list(rows)
        return
    table = Table(box=None)
    for column in rows[0]:
        table.add_column(column.replace("_", " "), no_wrap=column == "id", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(cell) for cell in row.values()))
    Console().print(table)


def _list(rows: list[dict[str, Any]]) -> None:
    """Print two lines an alert, which fit a narrow terminal."""
    for row in rows:
        reach = f"{row['people']} people, {row['pushed']} pushed, {row['lost']} lost"
        typer.echo(f"{row['id']}  {_cell(row['at'])}  {row['alert']}\n    {row['title']}: {reach}")


def _cell(cell: object) -> str:
    if isinstance(cell, datetime):
        return f"{cell:%m-%d %H:%M:%S}"
    return "" if cell is None else str(cell)
