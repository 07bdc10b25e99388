"""What people read: fixed templates filled with numbers; the one way from rows to text.

Push, inbox and "why did I get this" call the same function with the same rows. The wording
of a move that nobody can explain names no cause; `tests` forbid the words that would.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Any

from app.domain.alerts import AlertReason, Tier
from app.domain.detections import DetectionKind

MAX_TITLE, MAX_BODY = 65, 178  # characters that a lock screen shows
_CENT, _TENTH = Decimal("0.01"), Decimal("0.1")


class Wording(StrEnum):
    """How the unexplained tier speaks (setting `UNEXPLAINED_WORDING`)."""

    PLAIN = "plain"
    BRIEF = "brief"  # the customer's own sample


@dataclass(frozen=True, slots=True)
class Text:
    """One text as it is shown."""

    title: str
    body: str


CORRECTION = "correction"


def template_of(kind: DetectionKind, tier: Tier, wording: Wording) -> str:
    """Return the id of a template; it stays with the row, so old texts can be rebuilt."""
    return f"{kind}.{tier}.{wording}"


def render(template: str, numbers: Mapping[str, Any], *, show_amounts: bool) -> Text:
    """Write the text of an alert, or of somebody's notification of it.

    Args:
        numbers: of the alert (`label, before, now, minutes, ...`), for a person also
            `is_holder, impact_usd, impact_mid_usd, value_before_usd, positions`; decimals may
            be text or numbers.
        show_amounts: whether dollars may be shown, as on an unlocked screen.

    Raises:
        ValueError: there is no such template.
    """
    if template not in TEMPLATES:
        raise ValueError(f"no template {template!r}")
    sentences = [part for part in TEMPLATES[template](numbers, show_amounts) if part]
    return Text(_title(numbers), _join(sentences))


def _title(numbers: Mapping[str, Any]) -> str:
    """Return the outcome with its prices; what is taken back is not said once more."""
    if numbers.get("reason") == AlertReason.CORRECTION:
        return _shorten(f"Correction: {numbers['label']}", MAX_TITLE)
    before, now = numbers.get("before"), numbers.get("now")
    move = ""
    if before is not None and now is not None and numbers["direction"] != 0:
        move = f": {cents(before)} to {cents(now)}"
    return _shorten(str(numbers["label"]), MAX_TITLE - len(move)) + move


def _plain_move(numbers: Mapping[str, Any], show_amounts: bool) -> Sequence[str]:
    """Say that a price moved and that nobody has said why."""
    again = (
        "Still moving"
        if numbers.get("is_again", numbers.get("reason") == "update")
        else "Unusual move"
    )
    move = f"from {cents(numbers['before'])} to {cents(numbers['now'])}"
    return (
        f"{again}: {move} in {_minutes(numbers)}.",
        _impact(numbers, show_amounts),
        "No public news found yet.",
        _doubts(numbers),
    )


def _brief_move(numbers: Mapping[str, Any], show_amounts: bool) -> Sequence[str]:
    """Say the same in the customer's words."""
    before, now = Decimal(numbers["before"]), Decimal(numbers["now"])
    verb = "dropped" if now < before else "rose"
    return (
        f"Unusual movement on this market. Line {verb} {percent(abs(now - before) / before)}.",
        "No public news yet. Could be insider info.",
        _impact(numbers, show_amounts),
    )


def _plain_volume(numbers: Mapping[str, Any], show_amounts: bool) -> Sequence[str]:
    """Say that much was traded and that nobody has said why."""
    del show_amounts
    times = numbers.get("times_usual")
    usual = f", about {Decimal(times):.0f} times the usual" if times else ""
    price = f" Price now {cents(numbers['now'])}." if numbers.get("now") is not None else ""
    return (
        f"Unusual volume: {_count(numbers['contracts'])} contracts in {_minutes(numbers)}{usual}."
        f"{price}",
        _place(numbers),
        "No public news found yet.",
        _doubts(numbers),
    )


def _correction(numbers: Mapping[str, Any], show_amounts: bool) -> Sequence[str]:
    """Take an alert back."""
    del numbers, show_amounts
    return ("Correction: our last alert about this market was wrong. We take it back.",)


TEMPLATES: Mapping[str, Callable[[Mapping[str, Any], bool], Sequence[str]]] = {
    template_of(DetectionKind.LINE_MOVE, Tier.UNEXPLAINED, Wording.PLAIN): _plain_move,
    template_of(DetectionKind.LINE_MOVE, Tier.UNEXPLAINED, Wording.BRIEF): _brief_move,
    template_of(DetectionKind.VOLUME_SPIKE, Tier.UNEXPLAINED, Wording.PLAIN): _plain_volume,
    template_of(DetectionKind.VOLUME_SPIKE, Tier.UNEXPLAINED, Wording.BRIEF): _plain_volume,
    CORRECTION: _correction,
}


def _impact(numbers: Mapping[str, Any], show_amounts: bool) -> str:
    """Say what it means for a person; nothing for who only reads the alert."""
    if not numbers.get("is_holder"):
        return _place(numbers)
    sellable, mid = _number(numbers, "impact_usd"), _number(numbers, "impact_mid_usd")
    whose = "Your position is" if len(numbers["positions"]) == 1 else "Your positions are"
    change = mid if sellable is None else sellable
    if change is None:
        return f"{whose} hard to price now."
    if not change:
        return f"{whose} about unchanged."
    where = "up" if change > 0 else "down"
    share = _share(change, numbers.get("value_before_usd"))
    if not show_amounts:
        return f"{whose} {where} {share}." if share else f"{whose} {where}."
    said = f"{whose} {where} {dollars(abs(change))}{f' ({share})' if share else ''}"
    if sellable is None:
        return f"{said} at mid price{'' if _has_buyers(numbers) else '; nobody offers to buy now'}."
    if mid is not None and mid != change:
        return f"{said} if sold now, {_signed(mid)} at mid price."
    return f"{said}."


def _has_buyers(numbers: Mapping[str, Any]) -> bool:
    """Tell whether every position could be sold now; buyers of a NO are those who sell YES."""
    sides = {"yes": "bid", "no": "ask"}
    return all(
        each.get(sides[each.get("side", "yes")]) is not None for each in numbers["positions"]
    )


def _number(numbers: Mapping[str, Any], name: str) -> Decimal | None:
    found = numbers.get(name)
    return None if found is None else Decimal(found)


def _place(numbers: Mapping[str, Any]) -> str:
    """Say why a person hears of it when no amount of theirs is at stake."""
    if numbers.get("is_holder"):
        return "You hold this."
    return "You follow this." if numbers.get("is_follower") else ""


def _share(change: Decimal, value_before: Any) -> str:
    if value_before is None or not Decimal(value_before):
        return ""
    return percent(abs(change) / Decimal(value_before))


def _doubts(numbers: Mapping[str, Any]) -> str:
    """Say what makes the numbers less sure."""
    if numbers.get("is_stale"):
        return "Prices may be old."
    if numbers.get("is_wide"):
        return "Few offers now, so prices are rough."
    return ""


def _minutes(numbers: Mapping[str, Any]) -> str:
    minutes = int(numbers["minutes"])
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def cents(price: Any) -> str:
    """Return a probability as cents of a dollar, with a tenth where it needs one."""
    shown = (Decimal(price) * 100).quantize(_TENTH, ROUND_HALF_EVEN)
    return f"{int(shown) if shown == int(shown) else shown}¢"


def percent(share: Decimal) -> str:
    """Return a share as whole percent; less than one is said so."""
    shown = int((share * 100).quantize(Decimal(1), ROUND_HALF_EVEN))
    return f"{shown}%" if shown else "under 1%"


def dollars(usd: Decimal) -> str:
    """Return an amount of money, cents only below a thousand."""
    shown = usd.quantize(_CENT, ROUND_HALF_EVEN)
    return f"${shown.quantize(Decimal(1), ROUND_HALF_EVEN):,}" if shown >= 1_000 else f"${shown}"


def _signed(usd: Decimal) -> str:
    if not usd:
        return "unchanged"
    return f"{'up' if usd > 0 else 'down'} {dollars(abs(usd))}"


def _count(contracts: Any) -> str:
    return f"{Decimal(contracts).quantize(Decimal(1), ROUND_HALF_EVEN):,}"


def _join(sentences: Sequence[str]) -> str:
    """Join as many sentences as fit; the first ones matter most."""
    text = ""
    for sentence in sentences:
        longer = f"{text} {sentence}".strip()
        if len(longer) <= MAX_BODY:
            text = longer
    return text


def _shorten(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"
