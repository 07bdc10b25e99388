"""A person's devices: where pushes go."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.api.auth import CurrentUser
from app.api.deps import ClockDep, DbSession, WebDep
from app.api.person_views import to_device
from app.api.personal import PERSONAL, PERSONAL_ONE, done, personal
from app.api.schemas.devices import DeviceIn, DeviceOut, DevicesOut
from app.core.errors import NotFound
from app.repositories import devices, people

router = APIRouter(tags=["users"], responses=PERSONAL)


@router.get("/v1/users/me/devices", operation_id="list_devices", response_model=DevicesOut)
async def list_devices(user_id: CurrentUser, web: WebDep, db: DbSession) -> Response:
    """List your devices, latest registered first."""
    found = await devices.list_devices(db, user_id)
    return personal(web, DevicesOut(devices=[to_device(device) for device in found]))


@router.post("/v1/users/me/devices", operation_id="register_device", response_model=DeviceOut)
async def register_device(
    body: DeviceIn, user_id: CurrentUser, web: WebDep, clock: ClockDep, db: DbSession
) -> Response:
    """Register this device, at every start of the app; safe to repeat.

    An address belongs to one person: it is taken from whoever had it. Of more than 20 the
    ones registered longest ago get no more pushes.
    """
    now = clock.now()
    await people.see_user(db, user_id, now=now)
    device = await devices.register_device(
        db, user_id, body.kind, body.address, app_version=body.app_version, now=now
    )
    return personal(web, to_device(device))


@router.delete(
    "/v1/users/me/devices/{device_id}",
    operation_id="delete_device",
    status_code=204,
    responses=PERSONAL_ONE,
)
async def delete_device(device_id: UUID, user_id: CurrentUser, db: DbSession) -> Response:
    """Forget a device, when you sign out on it."""
    if not await devices.delete_device(db, user_id, device_id):
        raise NotFound("You have no such device.")
    return done()
