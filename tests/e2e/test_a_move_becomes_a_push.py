"""The whole of it, as a stranger starts it: a private shock reaches exactly whom it concerns."""

import time
from typing import Any

from tests.e2e.conftest import RunningAlpha, call, wait_until

PRIVATE = "private"


def pushes(alpha: RunningAlpha) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = alpha.sandbox("/_pushes?limit=10000")["pushes"]
    return [push for push in found if push["outcome"] == "accepted"]


def concerned(alpha: RunningAlpha, markets: set[str]) -> set[str]:
    """Return the addresses of everybody who holds, or follows with push, one of these markets."""
    rows = alpha.sql(
        """
        WITH theirs AS (
            SELECT p.user_id FROM alpha.positions p JOIN alpha.markets m ON m.id = p.market_id
            WHERE m.ext_id = ANY($1)
            UNION
            SELECT f.user_id FROM alpha.follows f JOIN alpha.markets m
                ON f.target_id IN (m.id, m.event_id)
            WHERE m.ext_id = ANY($1) AND f.is_push
        )
        SELECT d.address FROM alpha.devices d JOIN theirs USING (user_id) WHERE d.kind <> 'apns'
        """,
        list(markets),
    )
    return {row["address"] for row in rows}


def held_back(alpha: RunningAlpha) -> set[str]:
    """Return the addresses of deliveries that were withheld for a reason that is on record."""
    rows = alpha.sql(
        """
        SELECT d.address FROM alpha.devices d
        JOIN alpha.notifications n ON n.user_id = d.user_id
        LEFT JOIN alpha.deliveries v ON v.notification_id = n.id AND v.device_id = d.id
        WHERE n.suppressed_reason IS NOT NULL OR v.state = 'suppressed' AND v.reason IS NOT NULL
           OR v.state = 'pending' AND v.due_at > v.created_at
        """
    )
    return {row["address"] for row in rows}


def shocked(alpha: RunningAlpha) -> set[str]:
    """Return the markets of all private shocks so far."""
    truth = alpha.sandbox("/_truth")
    return {market for shock in truth if shock["kind"] == PRIVATE for market in shock["markets"]}


def told_of(alpha: RunningAlpha) -> set[str]:
    """Return the markets that alerts cover."""
    rows = alpha.sql(
        "SELECT DISTINCT m.ext_id FROM alpha.alert_markets a"
        " JOIN alpha.markets m ON m.id = a.market_id"
    )
    return {row["ext_id"] for row in rows}


def test_the_first_shock_reaches_exactly_whom_it_concerns(alpha: RunningAlpha) -> None:
    wait_until(lambda: pushes(alpha), 120, "a push is accepted")
    time.sleep(5)  # whatever else comes of it
    got = [push["address"] for push in pushes(alpha)]
    assert len(got) == len(set(got)), "once each"
    assert told_of(alpha) <= shocked(alpha), "only what was shocked is told of"
    owed = concerned(alpha, told_of(alpha))
    assert set(got) <= owed
    assert owed - set(got) <= held_back(alpha)
    for push in pushes(alpha):
        assert "No public news found yet." in push["body"]
        assert push["collapse_id"]
        assert "$" not in push["title"] + push["body"], "no amounts on a locked screen"


def test_the_person_can_ask_why(alpha: RunningAlpha) -> None:
    (row, *_) = alpha.sql(
        "SELECT user_id, id FROM alpha.notifications WHERE suppressed_reason IS NULL"
    )
    base = alpha.state.settings["SUPABASE_JWT_ISSUER"].removesuffix("/auth/v1")
    _, token = call(f"{base}/_token", "POST", {"sub": str(row["user_id"])})
    headers = {"authorization": f"Bearer {token['access_token']}"}
    status, inbox = call(f"{alpha.state.web_url}/v1/notifications", headers=headers)
    assert status == 200
    assert str(row["id"]) in str(inbox)
    status, why = call(f"{alpha.state.web_url}/v1/notifications/{row['id']}/why", headers=headers)
    assert (status, why["tier"], why["evidence"]) == (200, "unexplained", [])
    status, _ = call(f"{alpha.state.web_url}/v1/notifications/{row['id']}/why")
    assert status == 401


def test_a_shock_while_the_pipeline_is_killed_is_told_once(alpha: RunningAlpha) -> None:
    before = len(pushes(alpha))
    calm = next(
        row["ext_id"]
        for row in alpha.sql(
            """
            SELECT m.ext_id FROM alpha.markets m JOIN alpha.positions p ON p.market_id = m.id
            JOIN alpha.market_quotes q ON q.market_id = m.id
            JOIN alpha.devices d ON d.user_id = p.user_id AND d.kind <> 'apns'
            WHERE q.bid BETWEEN 0.3 AND 0.6 AND m.event_id NOT IN (
                SELECT event_id FROM alpha.detections)
            ORDER BY q.volume_24h DESC
            """
        )
    )
    shock = {"kind": PRIVATE, "ticker": calm, "delta": "0.16", "seconds": 20}
    alpha.sandbox("/_shock", "POST", shock)
    for _ in range(3):
        time.sleep(5)
        alpha.kill("pipeline")
    wait_until(lambda: calm in told_of(alpha), 150, "the shock is told")
    wait_until(lambda: len(pushes(alpha)) > before, 30, "and pushed")
    time.sleep(5)
    sent: dict[tuple[str, str], list[str]] = {}
    for push in pushes(alpha):
        key = (push["address"], push["data"]["alert_id"])
        sent.setdefault(key, []).append(push["collapse_id"])
    assert all(len(ids) <= 2 and len(set(ids)) == 1 for ids in sent.values())
    assert {address for address, _ in sent} <= concerned(alpha, shocked(alpha))
