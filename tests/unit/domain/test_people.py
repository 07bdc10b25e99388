"""Ids of what belongs to people, defaults of follows, and names of time zones."""

from uuid import UUID

import pytest

from app.domain.people import (
    FollowKind,
    Side,
    device_id,
    follow_id,
    is_timezone,
    position_id,
    pushes_by_default,
)
from app.domain.push import DeviceKind

ADA, BEN, TARGET = (UUID(int=n) for n in (1, 2, 3))


def test_only_follows_of_markets_push_by_default() -> None:
    assert [kind for kind in FollowKind if pushes_by_default(kind)] == [FollowKind.MARKET]


def test_ids_are_the_same_at_every_replay_and_tell_everything_apart() -> None:
    made = [
        *(position_id(user, TARGET, side) for user in (ADA, BEN) for side in Side),
        *(follow_id(user, kind, TARGET) for user in (ADA, BEN) for kind in FollowKind),
        *(device_id(user, kind, "token") for user in (ADA, BEN) for kind in DeviceKind),
        device_id(ADA, DeviceKind.APNS, "other"),
    ]

    assert len(set(made)) == len(made)
    assert device_id(ADA, DeviceKind.APNS, "other") == made[-1]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("America/New_York", True),
        ("UTC", True),
        ("Pacific/Honolulu", True),
        ("america/new_york", False),
        ("EST5EDT4", False),
        ("+05:00", False),
        ("../../etc/passwd", False),
        ("America/New_York\x00", False),
        ("", False),
    ],
)
def test_time_zones(name: str, expected: bool) -> None:
    assert is_timezone(name) is expected
