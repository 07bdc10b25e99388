"""A push as FCM takes it: one JSON document of at most 4,096 bytes (`docs/push.md`)."""

from dataclasses import replace
from datetime import datetime

import orjson

from app.domain.push import DeviceKind, Interruption, PushMessage

MAX_BYTES = 4096  # the whole request, so always less than what FCM counts
_MAX_TTL_S = 2_419_200  # 28 days, FCM's limit
_ELLIPSIS = "…"
_ADDRESS_FIELDS = {DeviceKind.FCM_TOKEN: "token", DeviceKind.FCM_FID: "fid"}
_RESERVED = frozenset({"aps", "from", "message_type"})
_RESERVED_STARTS = ("gcm", "google")


class Unsendable(Exception):
    """This message can never be sent; `word` says why, in the manner of FCM's own codes."""

    def __init__(self, word: str, *, is_our_fault: bool = True) -> None:
        super().__init__(word)
        self.word = word
        self.is_our_fault = is_our_fault


def encode_push(message: PushMessage, *, now: datetime) -> bytes:
    """Write the body of one `messages:send` request; the text is cut when it is too long.

    Raises:
        Unsendable: no address FCM knows, expired, a reserved data key, text that is no
            Unicode, or too long even without text.
    """
    body = _encode(message, now)
    excess = len(body) - MAX_BYTES
    if excess <= 0:
        return body
    return _encode(replace(message, body=_shorten(message.body, excess)), now)


def _encode(message: PushMessage, now: datetime) -> bytes:
    address_field = _ADDRESS_FIELDS.get(message.kind)
    if address_field is None:
        raise Unsendable("NO_GATEWAY")
    ttl_s = int((message.expires_at - now).total_seconds())
    if ttl_s <= 0:
        raise Unsendable("EXPIRED", is_our_fault=False)
    if any(key in _RESERVED or key.startswith(_RESERVED_STARTS) for key in message.data):
        raise Unsendable("RESERVED_KEY")
    wire = {
        address_field: message.address,
        "data": dict(message.data),
        "apns": {"headers": _apns_headers(message), "payload": {"aps": _aps(message)}},
        "android": {
            "priority": "HIGH" if message.apns_priority == 10 else "NORMAL",
            "ttl": f"{min(ttl_s, _MAX_TTL_S)}s",
            "collapse_key": message.collapse_id,
        },
    }
    try:
        return orjson.dumps({"message": wire})
    except TypeError:  # half of a surrogate pair
        raise Unsendable("NOT_UNICODE") from None


def _apns_headers(message: PushMessage) -> dict[str, str]:
    return {
        "apns-push-type": "alert",
        "apns-priority": str(message.apns_priority),
        "apns-expiration": str(int(message.expires_at.timestamp())),
        "apns-collapse-id": message.collapse_id,
    }


def _aps(message: PushMessage) -> dict[str, object]:
    """Write Apple's part; `mutable-content` lets the app drop what it has shown already."""
    aps: dict[str, object] = {
        "alert": {"title": message.title, "body": message.body},
        "category": message.category,
        "thread-id": message.thread_id,
        "interruption-level": message.interruption,
        "mutable-content": 1,
    }
    if message.interruption is not Interruption.PASSIVE:
        aps["sound"] = "default"
    return aps


def _shorten(text: str, excess: int) -> str:
    """Cut at least `excess` bytes off a text, at a word where there is one.

    Raises:
        Unsendable: nothing of it would be left.
    """
    room = _count_bytes(text) - excess - _count_bytes(_ELLIPSIS)
    keep = 0
    for letter in text:
        room -= _count_bytes(letter)
        if room < 0:
            break
        keep += 1
    if keep == 0:
        raise Unsendable("TOO_LONG")
    at_word = text[: keep + 1].rpartition(" ")[0].rstrip()
    return (at_word or text[:keep]) + _ELLIPSIS


def _count_bytes(text: str) -> int:
    """Count the bytes of a text inside JSON."""
    return len(orjson.dumps(text)) - 2
