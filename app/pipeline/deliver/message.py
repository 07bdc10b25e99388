"""A claimed delivery as the push that leaves us; `docs/push.md` is the contract with the app."""

from app.domain.push import CONTRACT_VERSION, DeviceKind, PushMessage
from app.pipeline.deliver.claim import ClaimedDelivery

_LINK = "alpha://notifications/"


def to_message(claimed: ClaimedDelivery) -> PushMessage:
    """Return the push for a claimed delivery, with the text and address that were stored."""
    due, decision, rule = claimed.due, claimed.decision, claimed.rule
    data = {
        "v": CONTRACT_VERSION,
        "notification_id": str(due.notification_id),
        "alert_id": str(due.alert_id),
        "market_id": str(due.market_id),
        "kind": due.alert_kind,
        "tier": due.tier,
        "reason": due.alert_reason,
        "link": f"{_LINK}{due.notification_id}",
    }
    if due.is_maybe_duplicate:
        data["maybe_duplicate"] = "true"
    return PushMessage(
        kind=DeviceKind(due.kind or ""),
        address=decision.address or "",
        title=decision.title or "",
        body=decision.body or "",
        collapse_id=due.collapse_id,
        thread_id=str(due.episode_id),
        category=f"alert.{due.tier}",
        interruption=rule.interruption,
        apns_priority=rule.apns_priority,
        expires_at=due.expires_at,
        data=data,
    )
