"""`alpha seed-demo`: the people of a running sandbox, written into our database."""

import asyncio
import json
import sys
from collections import Counter
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from app.cli.services import local_services
from app.cli.up.http import get_json
from app.core.clock import SystemClock
from app.core.config import Environment, Settings, SupabaseSettings, get_settings
from app.core.database import create_pool
from app.core.errors import OperatorError
from app.models.demo import DemoPage, DemoPerson
from app.store.demo_people import insert_people

_ISSUER_PATH = "/auth/v1"
_PAGE = 500  # people


def seed_demo(
    url: Annotated[str, typer.Option(help="the sandbox; by default that of ./alpha up")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="print the counts as JSON")] = False,
) -> None:
    """Create the sandbox's people with positions, follows, devices; safe to repeat.

    What is there already stays. Markets that are not synced yet are left out and counted.
    """
    if get_settings().app.environment is Environment.PRODUCTION:
        raise OperatorError("seed-demo invents people: it does not run in production.")
    with local_services() as settings:
        base_url = url.rstrip("/") or _sandbox_url(settings.supabase)
        counts = asyncio.run(_seed(settings, base_url))
    if as_json:
        sys.stdout.write(json.dumps(dict(sorted(counts.items()))) + "\n")
        return
    Console(stderr=True).print(_told(counts), soft_wrap=True)


def _told(counts: Counter[str]) -> str:
    """Say what was written, and what was left out since its market is not here."""
    made = [f"{counts[name]:,} {name}" for name in counts if not name.startswith("unknown")]
    left_out = counts["unknown_markets"] + counts["unknown_follows"]
    return f"New: {', '.join(made)}. Not in the catalogue, so left out: {left_out:,}."


def _sandbox_url(supabase: SupabaseSettings) -> str:
    """Return where the sandbox is: our people sign in there.

    Raises:
        OperatorError: they sign in elsewhere, or nowhere.
    """
    is_sandbox = supabase.has_issuer and supabase.is_for_tests
    if not is_sandbox or not supabase.jwt_issuer.endswith(_ISSUER_PATH):
        raise OperatorError("No sandbox runs here: start ./alpha up first, or give its --url.")
    return supabase.jwt_issuer.removesuffix(_ISSUER_PATH)


async def _seed(settings: Settings, base_url: str) -> Counter[str]:
    people = await _fetch_people(base_url)
    now = SystemClock(settings.app.clock_at).now()
    pool = await create_pool(settings.app.database_url.get_secret_value(), size=1)
    try:
        async with pool.acquire() as conn, conn.transaction():
            return await insert_people(conn, people, now=now)
    finally:
        await pool.close()


async def _fetch_people(base_url: str) -> list[DemoPerson]:
    """Fetch everybody, page by page.

    Raises:
        OperatorError: the sandbox does not answer, or not as expected.
    """
    people: list[DemoPerson] = []
    after = ""
    while True:
        status, document = await get_json(f"{base_url}/_people?limit={_PAGE}&after={after}")
        if status != 200:
            raise OperatorError(f"The sandbox at {base_url} names no people (status {status}).")
        try:
            page = DemoPage.model_validate(document)
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors()[0]["loc"])
            raise OperatorError(f"The sandbox's people cannot be read, at {where}.") from error
        people += page.people
        after = page.after
        if not after:
            return people
