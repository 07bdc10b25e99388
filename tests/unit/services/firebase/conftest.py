"""A push whose fields a test may choose."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.push import DeviceKind, Interruption, PushMessage

NOW = datetime(2026, 8, 9, 21, 0, tzinfo=UTC)
MakePush = Callable[..., PushMessage]


@pytest.fixture
def make_push() -> MakePush:
    def make(**fields: Any) -> PushMessage:
        known: dict[str, Any] = {
            "kind": DeviceKind.FCM_TOKEN,
            "address": "address",
            "title": "Hawks win: 62¢ to 48¢",
            "body": "Unusual move.",
            "collapse_id": "0" * 32,
            "thread_id": "thread",
            "category": "alert.unexplained",
            "interruption": Interruption.ACTIVE,
            "apns_priority": 10,
            "expires_at": NOW + timedelta(minutes=10),
            "data": {"v": "1"},
        }
        return PushMessage(**(known | fields))

    return make
