"""`alpha deliveries`: what became of pushes, and sending once more what ended badly."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from app.cli.services import local_services
from app.core.clock import SystemClock
from app.core.config import Settings
from app.core.database import Conn, create_pool
from app.core.errors import OperatorError
from app.store.deliveries import dead

ACTIONS = ("count", "dead", "show", "redrive")
Rows = list[dict[str, Any]]


def deliveries(
    action: Annotated[str, typer.Argument(help=", ".join(ACTIONS))] = "count",
    target: Annotated[str, typer.Argument(help="a delivery's id")] = "",
    everything: Annotated[bool, typer.Option("--all", help="redrive all that ended badly")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Count deliveries by state, list or show dead ones, or redrive them (ID or --all).

    Dead: the gateway will never take it. Unknown: sent twice, and twice there was no answer.
    """
    with local_services() as settings:
        found = asyncio.run(_run(settings, _work(action, target, everything, limit)))
    if as_json:
        sys.stdout.write(json.dumps(found, default=str) + "\n")
    else:
        _show(found)


Work = Callable[[Conn, SystemClock], Awaitable[Rows]]


def _work(action: str, target: str, everything: bool, limit: int) -> Work:
    """Return what to do on a connection.

    Raises:
        OperatorError: no such action, or it lacks what it needs.
    """
    if action == "count":
        return lambda conn, _: dead.count_states(conn)
    if action == "dead":
        return lambda conn, _: dead.list_dead(conn, limit=limit)
    if action == "show":
        return lambda conn, _: _read_one(conn, _id(target))
    if action == "redrive":
        if everything == bool(target):
            raise OperatorError("alpha deliveries redrive needs one id, or --all.")
        wanted = None if everything else [_id(target)]
        return lambda conn, clock: _redrive(conn, clock, wanted)
    raise OperatorError(f"There is no action {action!r}: choose one of {', '.join(ACTIONS)}.")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise OperatorError(f"{text!r} is no delivery's id: see `alpha deliveries dead`.") from None


async def _read_one(conn: Conn, delivery_id: UUID) -> Rows:
    found = await dead.show_delivery(conn, delivery_id)
    if found is None:
        raise OperatorError(f"There is no delivery {delivery_id}: see `alpha deliveries dead`.")
    return [found]


async def _redrive(conn: Conn, clock: SystemClock, wanted: list[UUID] | None) -> Rows:
    redriven = await dead.redrive(conn, now=clock.now(), delivery_ids=wanted)
    if wanted and not redriven:
        raise OperatorError("That delivery is not dead, or it has expired: nothing was done.")
    return [{"redriven": delivery_id} for delivery_id in redriven]


async def _run(settings: Settings, work: Work) -> Rows:
    clock = SystemClock(settings.app.clock_at)
    pool = await create_pool(settings.app.database_url.get_secret_value(), size=1)
    try:
        async with pool.acquire() as conn, conn.transaction():
            return await work(conn, clock)
    finally:
        await pool.close()


def _show(rows: Rows) -> None:
    """Show one row as a column, tries below it; many rows as a table."""
    if not rows:
        typer.echo("Nothing.")
        return
    tries = rows[0].pop("tries", None)
    if tries is not None:
        _print([{"what": name, "is": shown} for name, shown in rows[0].items()])
        _print(tries)
    else:
        _print(rows)


def _print(rows: Rows) -> None:
    if not rows:
        return
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row.values()))
    Console().print(table)
