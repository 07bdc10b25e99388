"""`docs/push.md` shows what really leaves us."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.domain.caps import CapRule
from app.domain.deliveries import DeliveryState
from app.domain.push import Interruption
from app.domain.quiet_hours import QuietBehaviour
from app.pipeline.deliver.claim import ClaimedDelivery
from app.pipeline.deliver.message import to_message
from app.services.firebase.payload import encode_push
from app.store.deliveries import Decision, DueDelivery, PriorityRule

NOW = datetime(2026, 8, 9, 21, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def document() -> str:
    return (Path(__file__).parents[3] / "docs" / "push.md").read_text()


@pytest.fixture(scope="module")
def example(document: str) -> dict[str, Any]:
    found = re.search(r"```json\n(.*?)```", document, re.DOTALL)
    assert found is not None
    read: dict[str, Any] = json.loads(found[1])
    return read


def claim(example: dict[str, Any], *, is_maybe_duplicate: bool = False) -> ClaimedDelivery:
    """Return a claimed delivery with the ids and the text of the document's example."""
    message = example["message"]
    data, aps = message["data"], message["apns"]["payload"]["aps"]
    delivery_id, someone = UUID(int=1), UUID(int=2)
    due = DueDelivery(
        id=delivery_id,
        notification_id=UUID(data["notification_id"]),
        device_id=someone,
        user_id=someone,
        alert_id=UUID(data["alert_id"]),
        priority=2,
        attempts=0,
        is_maybe_duplicate=is_maybe_duplicate,
        collapse_id=message["android"]["collapse_key"],
        expires_at=NOW + timedelta(minutes=10),
        lost_answers=0,
        episode_id=UUID(aps["thread-id"]),
        market_id=UUID(data["market_id"]),
        alert_kind=data["kind"],
        tier=data["tier"],
        alert_reason=data["reason"],
        template="line_move.unexplained.plain",
        numbers={},
        stopped_by=None,
        zone="America/New_York",
        quiet_from=None,
        quiet_to=None,
        is_protect_quiet=False,
        is_held_when_quiet=True,
        show_amounts=False,
        kind="fcm_token",
        address=message["token"],
    )
    decision = Decision(
        delivery_id,
        DeliveryState.SENDING,
        title=aps["alert"]["title"],
        body=aps["alert"]["body"],
        address=message["token"],
    )
    rule = PriorityRule(CapRule(), QuietBehaviour.HOLD, 10, Interruption.ACTIVE)
    return ClaimedDelivery(due, decision, rule, UUID(int=3), 0.0)


def test_the_example_is_what_a_delivery_becomes(example: dict[str, Any]) -> None:
    assert json.loads(encode_push(to_message(claim(example)), now=NOW)) == example


def test_every_data_key_is_in_the_table_and_no_other(
    document: str, example: dict[str, Any]
) -> None:
    table = document.partition("## Data keys")[2].partition("**Deep link.**")[0]
    listed = set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
    assert listed == set(to_message(claim(example, is_maybe_duplicate=True)).data)
