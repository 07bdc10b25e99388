"""The rules of delivery as operators set them, in `alpha.rules`; there are no others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.core.database import Conn
from app.core.errors import OperatorError
from app.domain.caps import CapRule
from app.domain.push import Interruption
from app.domain.quiet_hours import QuietBehaviour


@dataclass(frozen=True, slots=True)
class PriorityRule:
    """How one class of pushes is delivered; `apns_priority` 10 = at once, 5 = when convenient."""

    caps: CapRule
    quiet: QuietBehaviour
    apns_priority: int
    interruption: Interruption


@dataclass(frozen=True, slots=True)
class DeliveryRules:
    """The rules of all classes.

    Attributes:
        attempts: how often the gateway may refuse for now before a delivery is dead.
        retry_first, retry_most: the first pause between two attempts, and the longest.
        pause: how long nothing is sent when the gateway does not say how long.
        unseen: devices that were not seen for this long get nothing.
    """

    priorities: Mapping[int, PriorityRule]
    attempts: int
    retry_first: timedelta
    retry_most: timedelta
    pause: timedelta
    unseen: timedelta


async def read_delivery_rules(conn: Conn) -> DeliveryRules:
    """Read the rows `delivery` and `priority:0` to `priority:3`.

    Raises:
        OperatorError: a row is missing or says something that cannot be.
    """
    rows = await conn.fetch(
        "SELECT name, body FROM alpha.rules WHERE name = 'delivery' OR starts_with(name, $1)",
        "priority:",
    )
    bodies: dict[str, Mapping[str, Any]] = {row["name"]: row["body"] for row in rows}
    try:
        return _to_rules(bodies)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise OperatorError(
            f"alpha.rules: the rules of delivery are not complete: {error}."
        ) from error


def _to_rules(bodies: Mapping[str, Mapping[str, Any]]) -> DeliveryRules:
    every = bodies["delivery"]
    return DeliveryRules(
        priorities={number: _to_priority(bodies[f"priority:{number}"]) for number in range(4)},
        attempts=int(every["attempts"]),
        retry_first=timedelta(seconds=float(every["retry_first_s"])),
        retry_most=timedelta(seconds=float(every["retry_most_s"])),
        pause=timedelta(seconds=float(every["pause_s"])),
        unseen=timedelta(days=float(every["unseen_days"])),
    )


def _to_priority(body: Mapping[str, Any]) -> PriorityRule:
    silent_s = body["per_market_s"]
    return PriorityRule(
        caps=CapRule(
            per_hour=body["per_hour"],
            per_day=body["per_day"],
            per_market=None if silent_s is None else timedelta(seconds=float(silent_s)),
        ),
        quiet=QuietBehaviour(body["quiet"]),
        apns_priority=int(body["apns_priority"]),
        interruption=Interruption(body["interruption"]),
    )
