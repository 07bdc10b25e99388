"""`alpha token`: an access token of a person of the sandbox, for trying requests by hand."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

import typer

from app.cli.services import adopt_sandbox
from app.cli.up.http import get_json, post_json
from app.core.config import Environment, SupabaseSettings, get_settings
from app.core.errors import OperatorError

_ISSUER_PATH = "/auth/v1"
_PEOPLE, _NAMES_SHOWN = 1_000, 10


def token(
    user: Annotated[
        str, typer.Option(help="id of a user, or name or number of one of the sandbox's people")
    ] = "0",
) -> None:
    """Print an access token for the API of a running `./alpha up`; good for an hour."""
    if get_settings().app.environment is Environment.PRODUCTION:
        raise OperatorError("Tokens are made in development only; in production people sign in.")
    adopt_sandbox()
    typer.echo(asyncio.run(_fetch_token(get_settings().supabase, user)))


async def _fetch_token(supabase: SupabaseSettings, user: str) -> str:
    """Let the sandbox sign a token.

    Raises:
        OperatorError: there is no sandbox, or it has no such person.
    """
    if not supabase.has_issuer:
        raise OperatorError("No sandbox runs here: start ./alpha up first.")
    if not supabase.is_for_tests:
        raise OperatorError(f"{supabase.jwt_issuer} is no sandbox: sign in there for a token.")
    base_url = supabase.jwt_issuer.removesuffix(_ISSUER_PATH)
    wish = {"sub": await _find_user_id(base_url, user), "iss": supabase.jwt_issuer}
    status, answer = await post_json(f"{base_url}/_token", wish)
    if status != 200 or not isinstance(answer, dict):
        raise OperatorError(f"The sandbox at {base_url} gave no token (HTTP status {status}).")
    return str(answer["access_token"])


async def _find_user_id(base_url: str, user: str) -> str:
    """Return the id of a user; names and numbers are looked up among the sandbox's people."""
    if _is_id(user):
        return user.lower()
    people = await _list_people(base_url)
    if user.isascii() and user.isdigit():
        found = people[int(user) : int(user) + 1]
    else:
        found = [person for person in people if person["name"].lower() == user.lower()]
    if not found:
        names = ", ".join(person["name"] for person in people[:_NAMES_SHOWN])
        raise OperatorError(f"The sandbox has no {user!r} among its people: {names}, ...")
    return str(found[0]["id"])


async def _list_people(base_url: str) -> list[dict[str, Any]]:
    """Return the first people of the sandbox, in their order."""
    status, answer = await get_json(f"{base_url}/_people?limit={_PEOPLE}")
    if status != 200 or not isinstance(answer, dict):
        raise OperatorError(f"The sandbox at {base_url} names no people (HTTP status {status}).")
    people: list[dict[str, Any]] = answer["people"]
    return people


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
