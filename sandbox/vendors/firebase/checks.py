"""What the gateway refuses in a body that can be read: targets, keys, sizes, Apple's headers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from sandbox.vendors.firebase.behaviours import INVALID_ARGUMENT
from sandbox.vendors.firebase.messages import Message, SendRequest
from sandbox.vendors.firebase.replies import (
    Detail,
    Refused,
    apns_error,
    fcm_error,
    google_error,
    violation,
)

_PAYLOAD_TOP = 4_096  # bytes
_TTL_TOP_S = 2_419_200
_COLLAPSE_TOP = 64  # bytes
_RESERVED, _RESERVED_STARTS = frozenset({"from", "message_type"}), ("gcm", "google")
_TTL = re.compile(r"(\d{1,12})(\.\d{1,9})?s", re.ASCII)
_DIGITS = re.compile(r"\d{1,18}", re.ASCII)
_PUSH_TYPES = frozenset({"alert", "background", "liveactivity", "location", "voip"})


def _refuse(message: str, *details: Detail) -> Refused:
    reply = google_error(400, "INVALID_ARGUMENT", message, *details)
    return Refused(INVALID_ARGUMENT, reply)


def _wrong(field: str, text: str) -> Refused:
    """Return a refusal by the gateway itself, which names the field."""
    return _refuse(text, violation(field, text), fcm_error("INVALID_ARGUMENT"))


def check_request(request: SendRequest, size: int) -> None:
    """Check a body of `size` bytes.

    Raises:
        Refused: 400 INVALID_ARGUMENT.
    """
    message = request.message
    _check_target(message)
    _check_data(message.data or {})
    _check_ttl(message)
    if message.apns is not None:
        _check_headers(message.apns.headers or {})
        _check_payload(message.apns.payload or {})
    if size > _PAYLOAD_TOP:  # a payload is never larger than the body it came in
        _check_size(message)


def _check_target(message: Message) -> None:
    targets = message.targets()
    if len(targets) > 1:
        text = f"oneof field 'target' is already set. Cannot set '{targets[1][0]}'"
        raise _refuse(f"Invalid value at 'message' (oneof), {text}", violation("message", text))
    if not targets or not targets[0][1].strip():
        raise _wrong("message.token", "Recipient of the message is not set.")


def _check_data(data: dict[str, str]) -> None:
    for key in data:
        if key in _RESERVED or key.startswith(_RESERVED_STARTS):
            raise _wrong("message.data", f"Invalid data payload key: {key}")


def _check_ttl(message: Message) -> None:
    ttl = message.android.ttl if message.android else None
    if ttl is None:
        return
    found = _TTL.fullmatch(ttl)
    if found is None:
        text = f"Invalid value at 'message.android.ttl' (Duration), {ttl!r}"
        raise _refuse(text, violation("message.android.ttl", text))
    if int(found[1]) > _TTL_TOP_S or (int(found[1]) == _TTL_TOP_S and float(found[2] or 0) > 0):
        raise _wrong("message.android.ttl", f"Invalid value for ttl: at most {_TTL_TOP_S}s")


def _is_short(text: str) -> bool:
    return 0 < len(text.encode()) <= _COLLAPSE_TOP


_HEADERS: dict[str, tuple[Callable[[str], object], str]] = {
    "apns-collapse-id": (_is_short, "BadCollapseId"),
    "apns-priority": (frozenset({"10", "5", "1"}).__contains__, "BadPriority"),
    "apns-expiration": (_DIGITS.fullmatch, "BadExpirationDate"),
    "apns-push-type": (_PUSH_TYPES.__contains__, "InvalidPushType"),
}


def _check_headers(headers: dict[str, str]) -> None:
    for name, (fits, reason) in _HEADERS.items():
        if name in headers and not fits(headers[name]):
            raise _refuse(
                "Request contains an invalid argument.",
                fcm_error("INVALID_ARGUMENT"),
                apns_error(400, reason),
            )


def _check_payload(payload: dict[str, Any]) -> None:
    if not isinstance(payload.get("aps", {}), dict):
        raise _wrong("message.apns.payload", "Invalid value at 'message.apns.payload.aps'")


def _check_size(message: Message) -> None:
    """Refuse a payload above 4,096 bytes, counted as it would reach the phone."""
    payload: dict[str, Any] = dict(message.data or {})
    if message.apns is not None:
        payload |= message.apns.payload or {}
    if message.notification is not None:
        payload["aps"] = {"alert": message.notification} | message.aps()
    if len(msgspec.json.encode(payload)) <= _PAYLOAD_TOP:
        return
    if message.apns is not None:
        details = (fcm_error("INVALID_ARGUMENT"), apns_error(413, "PayloadTooLarge"))
        raise _refuse("Request contains an invalid argument.", *details)
    raise _wrong("message", "Android message is too big")
