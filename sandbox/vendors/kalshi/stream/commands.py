"""Commands of a client as they come: read, checked, refused with the documented codes."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from sandbox.vendors.kalshi.stream.refusals import CommandRefused
from sandbox.vendors.kalshi.stream.subscriptions import COMMUNICATIONS, INDEXES, PYTH, Subscription

_NAMES = frozenset({"subscribe", "unsubscribe", "update_subscription", "list_subscriptions"})
_SHARDS_TOP = 100
Params = dict[str, object]


@dataclass(frozen=True, slots=True)
class Command:
    """One command; `id` None when the client sent none (or 0)."""

    id: int | None
    name: str
    params: Params


def read_id(text: bytes | None) -> tuple[int | None, dict[str, object]]:
    """Return a command's id and the command as JSON.

    Raises:
        CommandRefused: not a JSON object.
    """
    try:
        command = orjson.loads(text or b"")
    except ValueError:
        raise CommandRefused(1) from None
    if not isinstance(command, dict):
        raise CommandRefused(1)
    number = command.get("id")
    return (number or None) if type(number) is int else None, command


def read_command(number: int | None, command: dict[str, object]) -> Command:
    """Check what every command must have.

    Raises:
        CommandRefused: a bad id, an unknown command, no params.
    """
    given = command.get("id", 0)
    if type(given) is not int or given < 0:
        raise CommandRefused(11)
    name = command.get("cmd")
    if not isinstance(name, str) or name not in _NAMES:
        raise CommandRefused(5)
    params = command.get("params")
    if name != "list_subscriptions" and not isinstance(params, dict):
        raise CommandRefused(2)
    return Command(number, name, params if isinstance(params, dict) else {})


def words(params: Params, one: str, many: str = "") -> list[str]:
    """Return a parameter that is one text or, under another name, several.

    Raises:
        CommandRefused: 11 for both at once, or anything that is not text.
    """
    if one and many and one in params and many in params:
        raise CommandRefused(11)
    single, several = params.get(one), params.get(many, [])
    found = [single] if single is not None else several
    if not isinstance(found, list):
        raise CommandRefused(11)
    texts = [item for item in found if isinstance(item, str) and item]
    if len(texts) < len(found):
        raise CommandRefused(11)
    return texts


def flag(params: Params, name: str) -> bool:
    """Return a boolean, false when absent."""
    value = params.get(name, False)
    if not isinstance(value, bool):
        raise CommandRefused(11)
    return value


def sids(params: Params) -> list[int]:
    """Return the `sids` of an unsubscribe."""
    found = params.get("sids")
    if not isinstance(found, list) or not found:
        raise CommandRefused(4)
    if not all(type(sid) is int for sid in found):
        raise CommandRefused(11)
    return found


def only_sid(params: Params) -> int:
    """Return the one subscription an update is about."""
    found: object = params.get("sids") if "sids" in params else [params.get("sid")]
    if not isinstance(found, list) or len(found) != 1 or ("sid" in params and "sids" in params):
        raise CommandRefused(12)
    if found[0] is None:
        raise CommandRefused(12)
    if type(found[0]) is not int:
        raise CommandRefused(11)
    return found[0]


def check_shards(params: Params) -> None:
    """Check the sharding of the communications channel."""
    factor, key = params.get("shard_factor"), params.get("shard_key")
    if factor is None:
        if key is not None:
            raise CommandRefused(20)
        return
    if type(factor) is not int or (key is not None and type(key) is not int):
        raise CommandRefused(11)
    if factor <= 0:
        raise CommandRefused(19)
    if factor > _SHARDS_TOP:
        raise CommandRefused(22)
    if isinstance(key, int) and not 0 <= key < factor:
        raise CommandRefused(21)


def items_of(params: Params, channel: str) -> list[str]:
    """Return the indexes or underlyings a subscription begins with."""
    if channel == COMMUNICATIONS:
        check_shards(params)
    if channel in INDEXES:
        return words(params, "", "index_ids")
    return words(params, "", "underlying_tickers") if channel == PYTH else []


def change_items(sub: Subscription, params: Params, action: str) -> dict[str, list[str]]:
    """Add or remove indexes or underlyings; return what is followed now.

    Raises:
        CommandRefused: 24 or 28 when nothing is named.
    """
    name = "index_ids" if sub.channel in INDEXES else "underlying_tickers"
    chosen = words(params, "", name)
    if not chosen:
        raise CommandRefused(24 if sub.channel in INDEXES else 28, sub.sid)
    if action.startswith("un"):
        sub.items = [] if "all" in chosen else [item for item in sub.items if item not in chosen]
    elif "all" in chosen:
        sub.items = ["all"]
    else:
        sub.items += [item for item in chosen if item not in sub.items]
    return {name: sub.items}
