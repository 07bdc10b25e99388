"""A push as it leaves us, and what became of it; `docs/push.md` is the contract with the app."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

CONTRACT_VERSION = "1"  # of `docs/push.md`; data key `v` of every push


class DeviceKind(StrEnum):
    """How a device is addressed."""

    FCM_TOKEN = "fcm_token"
    FCM_FID = "fcm_fid"
    APNS = "apns"


class Interruption(StrEnum):
    """How loudly the phone announces it, in Apple's words."""

    PASSIVE = "passive"
    ACTIVE = "active"
    TIME_SENSITIVE = "time-sensitive"


@dataclass(frozen=True, slots=True)
class PushMessage:
    """One push for one device.

    Attributes:
        collapse_id: a later push with the same one replaces this on the phone; 32 hex digits.
        thread_id: pushes with the same one are shown as a group.
        category: which buttons the app offers.
        apns_priority: 10 = at once, 5 = when convenient.
        expires_at: not to be shown after this.
        data: keys and texts that the app reads, among them the deep link.
    """

    kind: DeviceKind
    address: str = field(repr=False)
    title: str
    body: str
    collapse_id: str
    thread_id: str
    category: str
    interruption: Interruption
    apns_priority: int
    expires_at: datetime
    data: Mapping[str, str]


class PushResult(StrEnum):
    """What became of an attempt, by what has to be done now."""

    ACCEPTED = "accepted"
    RETRY = "retry"  # definitely not taken; again later
    UNKNOWN = "unknown"  # may have been taken: once more, with the same collapse id
    DEAD = "dead"  # never again: our payload is wrong
    DEVICE_GONE = "device_gone"  # never again, and the device is disabled
    PAUSED = "paused"  # not taken, and nobody else's would be: all sending waits


@dataclass(frozen=True, slots=True)
class PushOutcome:
    """The answer of a gateway.

    Attributes:
        message_id: the gateway's name of an accepted push.
        error: the gateway's word for what was wrong (`UNREGISTERED`); None when accepted.
        status: HTTP status, None when there was no answer.
        retry_after_s: how long the gateway asks to wait.
        is_alarming: somebody has to look at it: a wrong key, project or payload.
    """

    result: PushResult
    message_id: str | None = None
    error: str | None = None
    status: int | None = None
    retry_after_s: float | None = None
    is_alarming: bool = False
