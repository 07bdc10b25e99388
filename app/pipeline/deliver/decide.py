"""Whether a due delivery goes out now, later or not at all; the second look at everything."""

from collections.abc import Sequence, Set
from datetime import datetime

from app.domain.caps import Push, reached_cap
from app.domain.deliveries import DeliveryState
from app.domain.quiet_hours import QuietBehaviour, QuietHours, quiet_until
from app.domain.words import Text, render
from app.store.deliveries import Decision, DeliveryRules, DueDelivery, PriorityRule

LATE = "late"
QUIET = "quiet_hours"
_UNREADABLE = (LookupError, ValueError, TypeError, ArithmeticError, AttributeError)


def decide(
    due: DueDelivery,
    rules: DeliveryRules,
    switches: Set[str],
    sent: Sequence[Push],
    *,
    now: datetime,
) -> Decision:
    """Decide about one delivery.

    What completes or takes back an earlier alert is owed to whoever got that: caps do not
    count for it. A correction goes out even while a switch stops its kind.

    Args:
        switches: the names of those that are on.
        sent: what this person got in the last day, and what was just decided to be sent.
    """
    if now >= due.expires_at:
        return Decision(due.id, DeliveryState.EXPIRED, LATE)
    stopped_by = due.stopped_by or _switched_off(due, switches)
    if stopped_by is not None:
        return Decision(due.id, DeliveryState.SUPPRESSED, stopped_by)
    rule = rules.priorities[due.priority]
    silence = _keep_quiet(due, rule, now)
    if silence is not None:
        return silence
    cap = None if due.is_owed else _reached_cap(due, rule, sent, now)
    if cap is not None:
        return Decision(due.id, DeliveryState.SUPPRESSED, cap)
    return _send(due)


def as_push(due: DueDelivery, now: datetime) -> Push:
    """Return a delivery as caps count it."""
    return Push(due.notification_id, due.priority, due.market_id, now)


def _switched_off(due: DueDelivery, switches: Set[str]) -> str | None:
    if due.alert_reason == "correction":
        return None
    if f"shadow:{due.alert_kind}:{due.tier}" in switches:
        return "shadow"
    is_killed = f"kill:{due.alert_kind}" in switches or f"kill:{due.tier}" in switches
    return "killed" if is_killed else None


def _keep_quiet(due: DueDelivery, rule: PriorityRule, now: datetime) -> Decision | None:
    """Hold or drop what would wake somebody; None when it may go out. What is owed is held."""
    until = _quiet_until(due, rule, now)
    if until is None:
        return None
    may_drop = rule.quiet is not QuietBehaviour.HOLD and not due.is_owed
    if may_drop and not due.is_held_when_quiet:
        return Decision(due.id, DeliveryState.SUPPRESSED, QUIET)
    if until >= due.expires_at:
        return Decision(due.id, DeliveryState.EXPIRED, QUIET)
    return Decision(due.id, DeliveryState.PENDING, QUIET, due_at=until)


def _quiet_until(due: DueDelivery, rule: PriorityRule, now: datetime) -> datetime | None:
    if due.quiet_from is None or due.quiet_to is None or rule.quiet is QuietBehaviour.IGNORE:
        return None
    if rule.quiet is QuietBehaviour.ASKED and not due.is_protect_quiet:
        return None
    return quiet_until(QuietHours(due.quiet_from, due.quiet_to, due.zone), now)


def _reached_cap(
    due: DueDelivery, rule: PriorityRule, sent: Sequence[Push], now: datetime
) -> str | None:
    if any(one.notification_id == due.notification_id for one in sent):
        return None  # it is at another of their devices, or on its way there
    is_worse = due.alert_reason == "update"
    return reached_cap(rule.caps, as_push(due, now), sent, is_worse=is_worse)


def _send(due: DueDelivery) -> Decision:
    """Write the text that goes out; what cannot be written is dead, and stops nobody else."""
    try:
        text: Text = render(due.template, due.numbers, show_amounts=due.show_amounts)
    except _UNREADABLE:
        return Decision(due.id, DeliveryState.DEAD, "unrenderable")
    return Decision(
        due.id,
        DeliveryState.SENDING,
        title=text.title,
        body=text.body,
        address=due.address,
    )
