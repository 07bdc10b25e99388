"""How a person wants to be told."""

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Response

from app.api.auth import CurrentUser
from app.api.deps import ClockDep, DbSession, WebDep
from app.api.personal import PERSONAL, personal
from app.api.schemas.people import PreferencesIn, PreferencesOut
from app.core.errors import InvalidRequest
from app.repositories import people, preferences
from app.repositories.preferences import Preferences

router = APIRouter(tags=["notifications"], responses=PERSONAL)
_PATH = "/v1/users/me/preferences"


@router.get(_PATH, operation_id="read_preferences", response_model=PreferencesOut)
async def read_preferences(user_id: CurrentUser, web: WebDep, db: DbSession) -> Response:
    """Read how you want to be told."""
    found = await preferences.get_preferences(db, user_id)
    return personal(web, PreferencesOut.model_validate(found))


@router.patch(_PATH, operation_id="update_preferences", response_model=PreferencesOut)
async def update_preferences(
    body: PreferencesIn, user_id: CurrentUser, web: WebDep, clock: ClockDep, db: DbSession
) -> Response:
    """Change how you want to be told; what is not sent stays as it is."""
    now = clock.now()
    await people.see_user(db, user_id, now=now)
    changes: dict[str, Any] = body.changes()
    changed = replace(await preferences.get_preferences(db, user_id), **changes)
    _check_quiet_hours(changed)
    if changes:
        await preferences.put_preferences(db, user_id, changed, now=now)
    return personal(web, PreferencesOut.model_validate(changed))


def _check_quiet_hours(changed: Preferences) -> None:
    if (changed.quiet_from is None) != (changed.quiet_to is None):
        raise InvalidRequest("quiet_from and quiet_to go together: send both.")
    if changed.quiet_from is not None and changed.quiet_from == changed.quiet_to:
        raise InvalidRequest("quiet_from and quiet_to must differ.")
