"""What a delivery is after an attempt: the table of outcomes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.deliveries import DeliveryState
from app.domain.push import PushOutcome, PushResult
from app.pipeline.deliver.claim import ClaimedDelivery
from app.pipeline.deliver.decide import LATE
from app.store.deliveries import Attempt, DeliveryRules, Settlement

_LONGEST = 300  # characters that are kept of a gateway's words
_LONGEST_WAIT_S = 3600.0  # however long a gateway asks to wait


@dataclass(frozen=True, slots=True)
class Sent:
    """One attempt that ended.

    Attributes:
        is_registered_anew: the device has got a new address since; only known for a dead one.
    """

    claimed: ClaimedDelivery
    outcome: PushOutcome
    began_at: datetime
    ended_at: datetime
    is_registered_anew: bool = False


@dataclass(frozen=True, slots=True)
class _Fate:
    """The part of a settlement that depends on the outcome."""

    state: DeliveryState
    reason: str | None = None
    due_at: datetime | None = None
    is_counted: bool = True
    is_maybe_duplicate: bool = False


def settle(sent: Sent, rules: DeliveryRules) -> Settlement:
    """Turn an outcome into what the delivery is now."""
    fate = _FATES[sent.outcome.result](sent, rules)
    if fate.due_at is not None and fate.due_at >= sent.claimed.due.expires_at:
        fate = _Fate(DeliveryState.EXPIRED, LATE, is_maybe_duplicate=fate.is_maybe_duplicate)
    return Settlement(
        id=sent.claimed.due.id,
        token=sent.claimed.token,
        state=fate.state,
        reason=fate.reason,
        due_at=fate.due_at,
        is_counted=fate.is_counted,
        is_maybe_duplicate=fate.is_maybe_duplicate,
        attempt=_attempt(sent),
    )


def give_back(claimed: ClaimedDelivery, now: datetime) -> Settlement:
    """Return a delivery that was claimed and never begun; nothing has happened to it."""
    state = DeliveryState.RETRY if claimed.due.attempts else DeliveryState.PENDING
    return Settlement(claimed.due.id, claimed.token, state, due_at=now, is_counted=False)


def pause_of(outcome: PushOutcome, rules: DeliveryRules) -> timedelta:
    """Return for how long a gateway that wants no more pushes gets none."""
    asked = _asked(outcome)
    return rules.pause if asked is None else max(asked, timedelta(seconds=1))


def _asked(outcome: PushOutcome) -> timedelta | None:
    if outcome.retry_after_s is None:
        return None
    return timedelta(seconds=min(outcome.retry_after_s, _LONGEST_WAIT_S))


def _accepted(sent: Sent, rules: DeliveryRules) -> _Fate:
    return _Fate(DeliveryState.ACCEPTED)


def _refused_for_now(sent: Sent, rules: DeliveryRules) -> _Fate:
    """Try again, later each time, and no earlier than the gateway asks."""
    if sent.claimed.attempt >= rules.attempts:
        return _Fate(DeliveryState.DEAD, "attempts")
    asked = _asked(sent.outcome) or timedelta()
    return _Fate(
        DeliveryState.RETRY,
        _word(sent.outcome),
        due_at=sent.ended_at + max(_backoff(sent.claimed, rules), asked),
    )


def _unanswered(sent: Sent, rules: DeliveryRules) -> _Fate:
    """Send once more, since it may have been taken or not; a second silence is the end."""
    if sent.claimed.due.lost_answers:
        return _Fate(DeliveryState.UNKNOWN, _word(sent.outcome), is_maybe_duplicate=True)
    return _Fate(
        DeliveryState.RETRY,
        _word(sent.outcome),
        due_at=sent.ended_at + _backoff(sent.claimed, rules),
        is_maybe_duplicate=True,
    )


def _never(sent: Sent, rules: DeliveryRules) -> _Fate:
    if sent.ended_at >= sent.claimed.due.expires_at:
        return _Fate(DeliveryState.EXPIRED, LATE)
    return _Fate(DeliveryState.DEAD, _word(sent.outcome))


def _nobody_there(sent: Sent, rules: DeliveryRules) -> _Fate:
    """Try the new address of a device that has one; else the delivery ends with the device."""
    if sent.is_registered_anew and sent.claimed.attempt < rules.attempts:
        return _Fate(DeliveryState.RETRY, "registered_anew", due_at=sent.ended_at)
    return _Fate(DeliveryState.DEAD, "device_gone")


def _pausing(sent: Sent, rules: DeliveryRules) -> _Fate:
    return _Fate(
        DeliveryState.RETRY,
        "paused",
        due_at=sent.ended_at + pause_of(sent.outcome, rules),
        is_counted=False,
    )


_FATES: Mapping[PushResult, Callable[[Sent, DeliveryRules], _Fate]] = {
    PushResult.ACCEPTED: _accepted,
    PushResult.RETRY: _refused_for_now,
    PushResult.UNKNOWN: _unanswered,
    PushResult.DEAD: _never,
    PushResult.DEVICE_GONE: _nobody_there,
    PushResult.PAUSED: _pausing,
}


def _backoff(claimed: ClaimedDelivery, rules: DeliveryRules) -> timedelta:
    """Return a pause that doubles, between half and all of it; the same at every replay."""
    doublings = claimed.attempt - 1
    longest = min(rules.retry_first * (1 << doublings), rules.retry_most)
    spread = (claimed.due.id.int + claimed.attempt * 7919) % 1000 / 1000
    return longest * (0.5 + spread / 2)


def _attempt(sent: Sent) -> Attempt:
    outcome = sent.outcome
    return Attempt(
        number=sent.claimed.attempt,
        outcome=outcome.result.value,
        began_at=sent.began_at,
        ended_at=sent.ended_at,
        status=outcome.status,
        detail=clean(outcome.error),
        message_id=clean(outcome.message_id),
    )


def _word(outcome: PushOutcome) -> str:
    return clean(outcome.error) or outcome.result.value


def clean(said: str | None) -> str | None:
    """Return a gateway's words as PostgreSQL takes them."""
    if said is None:
        return None
    return said.replace("\x00", "").encode("utf-8", "replace").decode()[:_LONGEST]
