"""Every route that needs a person: refused without a token, and nobody reaches what is another's.

The routes are read from the application, so a new one fails until it has its line here.
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.api.auth import get_caller
from app.core.config import Settings
from app.main import create_app
from app.models.db import Device, Follow, Notification, Position, User
from tests.integration.api.people.conftest import Bearer
from tests.integration.api.people.told import Told, save_move, tell
from tests.integration.api.serving import Client, Save
from tests.people_factories import make_follow

BODIES: dict[str, Any] = {
    "report_receipt": {"kind": "opened"},
    "register_device": {"kind": "fcm_token", "address": "a-new-address-of-somebody"},
    "put_follow": {"push": False},
    "update_me": {"display_name": "Eve"},
    "update_preferences": {"show_amounts": True},
}
REFUSED = {"report_receipt", "read_why", "delete_device"}  # name an id of one person's own
OWN = {  # name nothing of one person's own: each works, and on the caller's own rows
    "read_me",
    "update_me",
    "list_positions",
    "list_follows",
    "put_follow",
    "delete_follow",
    "list_devices",
    "register_device",
    "read_preferences",
    "update_preferences",
    "list_notifications",
}


def _needs_person(dependant: Dependant) -> bool:
    return any(each.call is get_caller or _needs_person(each) for each in dependant.dependencies)


def personal_routes() -> Iterator[APIRoute]:
    """Yield the routes that end in `get_caller`."""
    for route in create_app(Settings()).routes:
        if isinstance(route, APIRoute) and _needs_person(route.dependant):
            yield route


ROUTES = [pytest.param(route, id=str(route.operation_id)) for route in personal_routes()]


def path_of(route: APIRoute, told: Told) -> str:
    """Fill a path with what belongs to who was told."""
    return route.path.format(
        notification_id=told.notification.id,
        device_id=told.device.id,
        kind="market",
        ref=told.move.market.id,
    )


async def ask(client: Client, route: APIRoute, path: str, **headers: str) -> Any:
    (method,) = list(route.methods or ())
    body = BODIES.get(str(route.operation_id))
    return await client.request(method, path, json=body, headers=headers)


@pytest.fixture
async def told(save: Save, me: User) -> Told:
    """What `me` has: a position, a follow, a device, a notification."""
    told = await tell(save, me, await save_move(save))
    await save(make_follow(me, told.move.market.id))
    return told


async def rows_of(session: AsyncSession, user: User) -> list[str]:
    """Return everything that is of one person, as text."""
    found = []
    for model in (Position, Follow, Device, Notification):
        query = select(model.__table__).where(model.user_id == user.id).order_by(model.id)
        found += [str(row) for row in await session.execute(query)]
    own = select(User.display_name, User.timezone).where(User.id == user.id)
    return [*found, str((await session.execute(own)).one())]


def test_every_route_is_known() -> None:
    names = {str(route.operation_id) for route in personal_routes()}

    assert names == REFUSED | OWN
    assert not REFUSED & OWN


@pytest.mark.parametrize("route", ROUTES)
async def test_without_a_token(client: Client, told: Told, route: APIRoute) -> None:
    answer = await ask(client, route, path_of(route, told))

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("route", ROUTES)
async def test_with_somebody_elses_token(
    client: Client,
    told: Told,
    me: User,
    bearer: Bearer,
    session: AsyncSession,
    route: APIRoute,
) -> None:
    before = await rows_of(session, me)

    answer = await ask(client, route, path_of(route, told), **bearer(uuid4()))

    assert await rows_of(session, me) == before, "nothing of mine may change"
    for mine in (told.position.id, told.device.id, told.notification.id, told.device.address[-4:]):
        assert str(mine) not in answer.text
    if route.operation_id in REFUSED:
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    else:
        assert answer.status_code in {200, 204}, answer.text


@pytest.mark.parametrize("route", ROUTES)
async def test_with_my_own_token(
    client: Client, told: Told, me: User, bearer: Bearer, route: APIRoute
) -> None:
    answer = await ask(client, route, path_of(route, told), **bearer(me.id))

    assert answer.status_code in {200, 204}, answer.text
    assert answer.headers["cache-control"] == "no-store"
