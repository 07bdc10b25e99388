"""The decision log: one line for each decision, the same at every replay."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from evaluation.replay.decisions import Decision, Told

_SHOWN = 3  # people named in a line; the others are counted
_VOLUME_KEYS = ("contracts", "volume")


def to_line(decision: Decision) -> str:
    """Return a decision as one line of text."""
    parts = [
        _time(decision.at),
        decision.market,
        f"{decision.kind} ({decision.policy})",
        f"{_price(decision.before)} -> {_price(decision.now)}",
        f"x{decision.strength.normalize():f}",
        f"volume {_volume(decision) or 'unknown'}",
        _outcome(decision),
    ]
    if decision.outcome == "alerted":
        parts += [decision.tier or "", f"{decision.title} | {decision.body}", _who(decision.told)]
    return "  ".join(parts)


def to_json(decision: Decision) -> dict[str, Any]:
    """Return a decision with all its numbers; decimals as text."""
    return {
        "at": _time(decision.at),
        "market": decision.market,
        "kind": decision.kind,
        "policy": decision.policy,
        "before": _text(decision.before),
        "now": _text(decision.now),
        "strength": _text(decision.strength),
        "numbers": {name: _plain(decision.numbers[name]) for name in sorted(decision.numbers)},
        "outcome": decision.outcome,
        "reason": decision.reason,
        "tier": decision.tier,
        "title": decision.title,
        "body": decision.body,
        "told": [
            {
                "name": told.name,
                "is_holder": told.is_holder,
                "outcome": told.outcome,
                "title": told.title,
                "body": told.body,
            }
            for told in decision.told
        ],
    }


def _outcome(decision: Decision) -> str:
    return f"{decision.outcome}: {decision.reason}" if decision.reason else decision.outcome


def _who(told: Sequence[Told]) -> str:
    if not told:
        return "to nobody"
    named = [f"{each.name} ({each.outcome})" for each in told[:_SHOWN]]
    more = f" and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
    return f"to {', '.join(named)}{more}"


def _volume(decision: Decision) -> str | None:
    found = (decision.numbers.get(key) for key in _VOLUME_KEYS)
    return next((str(_plain(volume)) for volume in found if volume is not None), None)


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1_000:03d}Z"


def _price(price: Decimal | None) -> str:
    return "none" if price is None else f"{price.normalize():f}"


def _text(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"


def _plain(number: object) -> object:
    return f"{number:f}" if isinstance(number, Decimal) else number
