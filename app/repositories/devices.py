"""The devices of a person."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.people import device_id
from app.domain.push import DeviceKind
from app.models.db import Device

MAX_DEVICES = 20  # that are pushed to, of one person
MAX_KEPT = 10 * MAX_DEVICES  # with disabled ones
TOO_MANY = "too_many_devices"
_OF_INSTALLATIONS = (DeviceKind.FCM_TOKEN, DeviceKind.FCM_FID)


async def list_devices(session: AsyncSession, user_id: UUID) -> Sequence[Device]:
    """List a person's devices, latest registered first."""
    query = select(Device).where(Device.user_id == user_id)
    order = query.order_by(Device.registered_at.desc(), Device.id.desc())
    return (await session.scalars(order.limit(MAX_KEPT))).all()


async def register_device(
    session: AsyncSession,
    user_id: UUID,
    kind: DeviceKind,
    address: str,
    *,
    app_version: str | None,
    now: datetime,
) -> Device:
    """Register a device, or register it again: enabled, and taken from whoever had it before.

    It replaces what else addresses the same installation. Of more than `MAX_DEVICES` the ones
    registered longest ago are disabled, of more than `MAX_KEPT` forgotten. The person's row
    must be locked.
    """
    new = insert(Device).values(
        id=device_id(user_id, kind, address),
        user_id=user_id,
        kind=kind,
        address=address,
        app_version=app_version,
        registered_at=now,
        last_seen_at=now,
    )
    changed = ("id", "user_id", "app_version", "registered_at", "last_seen_at")
    query = new.on_conflict_do_update(
        constraint="devices_address_key",
        set_={
            **{name: new.excluded[name] for name in changed},
            "disabled_at": None,
            "disabled_reason": None,
        },
    )
    found = await session.scalars(
        query.returning(Device), execution_options={"populate_existing": True}
    )
    device = found.one()
    await _forget_other_addresses(session, device)
    await _disable_oldest(session, user_id, now=now)
    await _forget_oldest(session, user_id)
    return device


async def _forget_other_addresses(session: AsyncSession, device: Device) -> None:
    """Delete what else reaches the same phone, whoever registered it.

    FCM's tokens begin with the id of the installation and a colon, and an installation has one
    at a time.
    """
    if device.kind not in _OF_INSTALLATIONS:
        return
    installation = device.address.partition(":")[0]
    query = delete(Device).where(
        func.split_part(Device.address, literal_column("':'"), literal_column("1")) == installation,
        Device.kind.in_(_OF_INSTALLATIONS),
        Device.id != device.id,
    )
    await session.execute(query.execution_options(synchronize_session=False))


async def _disable_oldest(session: AsyncSession, user_id: UUID, *, now: datetime) -> None:
    enabled = select(Device.id).where(Device.user_id == user_id, Device.disabled_at.is_(None))
    oldest = enabled.order_by(Device.registered_at.desc(), Device.id.desc()).offset(MAX_DEVICES)
    await session.execute(
        update(Device)
        .where(Device.id.in_(oldest))
        .values(disabled_at=now, disabled_reason=TOO_MANY)
        .execution_options(synchronize_session=False)
    )


async def _forget_oldest(session: AsyncSession, user_id: UUID) -> None:
    """Delete what nobody lists any more, so that a table does not grow by asking."""
    own = select(Device.id).where(Device.user_id == user_id)
    oldest = own.order_by(Device.registered_at.desc(), Device.id.desc()).offset(MAX_KEPT)
    query = delete(Device).where(Device.id.in_(oldest))
    await session.execute(query.execution_options(synchronize_session=False))


async def delete_device(session: AsyncSession, user_id: UUID, device: UUID) -> bool:
    """Forget a device; False when the person has none of that id."""
    query = delete(Device).where(Device.id == device, Device.user_id == user_id)
    return (await session.scalar(query.returning(Device.id))) is not None
