"""The body of `messages:send`, read as strictly as the real one reads it."""

from __future__ import annotations

from typing import Any

import msgspec

from sandbox.vendors.firebase.behaviours import INVALID_ARGUMENT
from sandbox.vendors.firebase.replies import Refused, google_error, violation

Texts = dict[str, str]
BODY_TOP = 262_144  # bytes
_TOO_LARGE = google_error(400, "INVALID_ARGUMENT", "Request payload size exceeds the limit.")


class _Wire(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Google refuses fields it does not know; null is the same as absent."""


class Notification(_Wire):
    """What both platforms show."""

    title: str | None = None
    body: str | None = None
    image: str | None = None


class Android(_Wire):
    """Wishes for Android; `ttl` is a duration such as `3600s`."""

    collapse_key: str | None = None
    priority: str | None = None
    ttl: str | None = None
    restricted_package_name: str | None = None
    data: Texts | None = None
    notification: dict[str, Any] | None = None
    fcm_options: Texts | None = None
    direct_boot_ok: bool | None = None
    bandwidth_constrained_ok: bool | None = None
    restricted_satellite_ok: bool | None = None


class Apns(_Wire):
    """Headers and payload for Apple."""

    headers: Texts | None = None
    payload: dict[str, Any] | None = None
    fcm_options: Texts | None = None
    live_activity_token: str | None = None


class Message(_Wire):
    """One message; source: FCM v1 reference, `projects.messages` (reliability.md section 3)."""

    name: str | None = None
    data: Texts | None = None
    notification: Notification | None = None
    android: Android | None = None
    webpush: dict[str, Any] | None = None
    apns: Apns | None = None
    fcm_options: Texts | None = None
    token: str | None = None
    topic: str | None = None
    condition: str | None = None
    fid: str | None = None

    def targets(self) -> list[tuple[str, str]]:
        """Return every target that is set, by name; a message must have one."""
        fields = (
            ("token", self.token),
            ("topic", self.topic),
            ("condition", self.condition),
            ("fid", self.fid),
        )
        return [(name, address) for name, address in fields if address is not None]

    def target(self) -> tuple[str, str]:
        """Return the name of the first target and the address, empty when there is none."""
        return next(iter(self.targets()), ("", ""))

    def apns_headers(self) -> Texts:
        """Return the headers for Apple."""
        return (self.apns.headers if self.apns else None) or {}

    def collapse_id(self) -> str:
        """Return what makes this push replace an earlier one, empty when nothing does."""
        android = self.android.collapse_key if self.android else None
        return self.apns_headers().get("apns-collapse-id", android or "")

    def aps(self) -> dict[str, Any]:
        """Return the part of the payload that iOS reads."""
        found = (self.apns.payload or {}).get("aps") if self.apns else None
        return found if isinstance(found, dict) else {}

    def shown(self) -> tuple[str, str]:
        """Return title and body as a phone shows them."""
        alert = self.aps().get("alert")
        if isinstance(alert, str):
            return "", alert
        common = self.notification or Notification()
        own = alert if isinstance(alert, dict) else {}
        return (
            str(own.get("title", common.title or "")),
            str(own.get("body", common.body or "")),
        )


class SendRequest(_Wire):
    """The whole body."""

    message: Message
    validate_only: bool | None = None


_decoder = msgspec.json.Decoder(SendRequest)


def read_request(body: bytes) -> SendRequest | Refused:
    """Decode a body, or return its refusal: too large, not JSON, a wrong field or type."""
    if len(body) > BODY_TOP:
        return Refused(INVALID_ARGUMENT, _TOO_LARGE)
    try:
        return _decoder.decode(body)
    except msgspec.ValidationError as error:
        text, _, path = str(error).partition(" - at ")
        field = path.strip("`").removeprefix("$.")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        text, field = "Unable to parse JSON.", ""
    place = f" at '{field}'" if field else ""
    message = f"Invalid JSON payload received. {text}{place}"
    reply = google_error(400, "INVALID_ARGUMENT", message, violation(field, text))
    return Refused(INVALID_ARGUMENT, reply)
