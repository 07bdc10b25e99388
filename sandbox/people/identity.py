"""Names, zones, phones and habits of invented people."""

from __future__ import annotations

import string
from random import Random

from sandbox.people.person import Device

_FIRST = (
    "Ada", "Amir", "Bea", "Caleb", "Carmen", "Dana", "Deshawn", "Elena", "Felix", "Grace",
    "Hana", "Ian", "Imani", "Jonah", "Keiko", "Lamar", "Leila", "Mateo", "Nora", "Omar",
    "Priya", "Quinn", "Rosa", "Sam", "Tariq", "Uma", "Viktor", "Wren", "Yusuf", "Zoe",
)  # fmt: skip
_LAST = (
    "Abbott", "Barros", "Chen", "Dawson", "Ekwueme", "Fischer", "Garcia", "Hale", "Ito", "Jensen",
    "Kaplan", "Lindqvist", "Moreau", "Nakamura", "Okafor", "Petrov", "Quintero", "Reyes",
    "Sandoval", "Tran", "Usman", "Vance", "Whitaker", "Young", "Zielinski",
)  # fmt: skip
_ZONES = (
    "America/New_York", "America/New_York", "America/Chicago", "America/Los_Angeles",
    "America/Denver", "America/New_York", "America/Phoenix", "America/Chicago",
    "Pacific/Honolulu", "America/Anchorage", "Europe/London", "America/Los_Angeles",
)  # fmt: skip
_BASE64 = string.ascii_letters + string.digits + "-_"
_KINDS = (
    ("fcm_token",), ("fcm_token",), ("fcm_token",), ("fcm_token", "fcm_token"), ("fcm_fid",),
    ("fcm_token",), ("fcm_token", "apns"), ("fcm_token",), ("fcm_token",), ("apns",),
)  # fmt: skip
_NO_PHONE = 23  # every so many has none


def _letters(rng: Random, count: int) -> str:
    return "".join(rng.choices(_BASE64, k=count))


def _address(rng: Random, kind: str) -> str:
    """Return an address in the form that gateways use."""
    if kind == "apns":
        return f"{rng.getrandbits(256):064x}"
    installation = rng.choice("cdef") + _letters(rng, 21)
    if kind == "fcm_fid":
        return installation
    return f"{installation}:APA91b{_letters(rng, 134)}"


def name_of(rng: Random) -> str:
    """Return a name."""
    return f"{rng.choice(_FIRST)} {rng.choice(_LAST)}"


def zone_of(number: int) -> str:
    """Return where person `number` lives."""
    return _ZONES[number % len(_ZONES)]


def devices_of(rng: Random, number: int) -> tuple[Device, ...]:
    """Return the phones of person `number`: mostly one with an FCM token, rarely none."""
    if number % _NO_PHONE == _NO_PHONE - 1:
        return ()
    return tuple(Device(kind, _address(rng, kind)) for kind in _KINDS[number % len(_KINDS)])


def preferences_of(rng: Random) -> dict[str, str]:
    """Return quiet hours for one person in four."""
    if rng.random() >= 0.25:
        return {}
    begin, end = rng.choice((("22:00", "07:00"), ("23:30", "06:00"), ("00:00", "08:00")))
    return {"quiet_from": begin, "quiet_to": end}
