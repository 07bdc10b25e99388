"""FCM's answers, as what has to be done about them: one table.

A status alone decides where FCM's own word (`FcmError.errorCode`) adds nothing. What comes
without Google's envelope was not said by FCM: a proxy, or a wrong address.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pydantic import ValidationError

from app.domain.push import PushOutcome, PushResult
from app.models.firebase import FcmAccepted, FcmRefused, FcmStatus

PAUSE_S = 60.0  # when everybody has to wait and nobody says how long
_LONGEST_WAIT_S = 600.0  # a header that asks for more is not believed
_WORD = re.compile(r"[A-Z][A-Z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the gateway.

    Attributes:
        body: None when it was cut off, stalled or larger than an answer can be.
        retry_after: the header as it came.
    """

    status: int
    body: bytes | None
    retry_after: str | None = None
    is_json: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table."""

    result: PushResult
    is_alarming: bool = False


_OUR_MISTAKE = Rule(PushResult.DEAD, is_alarming=True)
_WRONG_SET_UP = Rule(PushResult.PAUSED, is_alarming=True)

BY_CODE: Mapping[tuple[int, str], Rule] = {
    (404, "UNREGISTERED"): Rule(PushResult.DEVICE_GONE),
    (403, "SENDER_ID_MISMATCH"): Rule(PushResult.DEVICE_GONE, is_alarming=True),
    (401, "THIRD_PARTY_AUTH_ERROR"): _WRONG_SET_UP,  # Apple's key in Firebase
    (401, "APNS_AUTH_ERROR"): _WRONG_SET_UP,
}

BY_STATUS: Mapping[int, Rule] = {
    400: _OUR_MISTAKE,
    401: Rule(PushResult.RETRY),  # our access token
    403: _WRONG_SET_UP,
    404: _OUR_MISTAKE,
    413: _OUR_MISTAKE,
    429: Rule(PushResult.PAUSED),
    500: Rule(PushResult.RETRY),
    503: Rule(PushResult.RETRY),
}

_ALWAYS_BY_STATUS = frozenset({401, 429, 500, 503})  # whoever says it
_MAYBE_TAKEN = Rule(PushResult.UNKNOWN)


def to_outcome(answer: Answer, *, now: datetime) -> PushOutcome:
    """Say what an answer means.

    Args:
        now: of the clock that a date in `Retry-After` is compared with.
    """
    if 200 <= answer.status < 300:
        return _read_accepted(answer)
    said = _read_refused(answer)
    rule = _find_rule(answer, said)
    wait_s = read_retry_after(answer.retry_after, now=now)
    if rule.result is PushResult.PAUSED:
        wait_s = wait_s or PAUSE_S
    return PushOutcome(
        rule.result,
        error=_word_for(answer, said),
        status=answer.status,
        retry_after_s=wait_s,
        is_alarming=rule.is_alarming,
    )


def read_retry_after(header: str | None, *, now: datetime) -> float | None:
    """Read `Retry-After`, seconds or a date, as seconds from now; None = nothing sensible."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _LONGEST_WAIT_S)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    wait_s = (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
    return min(max(wait_s, 0.0), _LONGEST_WAIT_S)


def _read_accepted(answer: Answer) -> PushOutcome:
    """Believe a 2xx only with the name of the message."""
    try:
        name = FcmAccepted.model_validate_json(answer.body or b"").name
    except ValidationError:
        return PushOutcome(PushResult.UNKNOWN, error="NO_NAME", status=answer.status)
    return PushOutcome(PushResult.ACCEPTED, message_id=name, status=answer.status)


def _read_refused(answer: Answer) -> FcmStatus | None:
    try:
        return FcmRefused.model_validate_json(answer.body or b"").error
    except ValidationError:
        return None


def _find_rule(answer: Answer, said: FcmStatus | None) -> Rule:
    status = answer.status
    if status == 408 or (status >= 500 and status not in BY_STATUS):
        return _MAYBE_TAKEN
    if said is None and status not in _ALWAYS_BY_STATUS:
        was_cut_off = answer.body is None or answer.is_json
        return Rule(PushResult.RETRY) if was_cut_off and status >= 400 else _WRONG_SET_UP
    if said is not None and _is_bad_address(status, said):
        return Rule(PushResult.DEVICE_GONE)
    code = said.fcm_code if said else ""
    return BY_CODE.get((status, code)) or BY_STATUS.get(status, _WRONG_SET_UP)


def _is_bad_address(status: int, said: FcmStatus) -> bool:
    """Tell a bad address from a bad message: both are `INVALID_ARGUMENT`."""
    is_about_token = "registration token" in said.message.lower()
    return status == 400 and said.fcm_code == "INVALID_ARGUMENT" and is_about_token


def _word_for(answer: Answer, said: FcmStatus | None) -> str:
    """Return FCM's word, else Google's, else the status: never its sentence, which can quote."""
    words = (said.fcm_code, said.status) if said else ()
    known = (word for word in words if _WORD.fullmatch(word))
    return next(known, f"HTTP_{answer.status}")
