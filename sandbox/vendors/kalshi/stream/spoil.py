"""What becomes of a good message when a fault hits it: the frames that go out instead."""

from __future__ import annotations

from collections.abc import Callable

import orjson

from sandbox.faults.knobs import Knob
from sandbox.vendors.kalshi.stream.framing import BINARY, fragments, frame

_OVERSIZE = 4 * 1024 * 1024 + 65_536
_TEN_YEARS_MS = 10 * 365 * 86_400 * 1_000
_PRICES = ("price_dollars", "yes_price_dollars", "settlement_value")
_VOLUMES = ("volume_fp", "count_fp")
Fields = dict[str, object]


def _oversize(payload: bytes) -> bytes:
    return frame(payload[:-1] + b',"padding":"%b"}' % (b"x" * _OVERSIZE))


def _unknown_type(payload: bytes) -> bytes:
    kind, rest = payload[len(b'{"type":"') :].split(b'"', 1)
    return frame(b'{"type":"%b_v9"%b' % (kind, rest))


# these consume the message: the client cannot read it
BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "ws_oversize": _oversize,
    "ws_binary": lambda payload: frame(payload, BINARY),
    "ws_half_json": lambda payload: frame(payload[: len(payload) // 2]),
    "ws_bad_utf8": lambda payload: frame(payload[:-1] + b',"note":"\xff\xfe\xc3("}'),
    "ws_unknown_type": _unknown_type,
}
# these do not
HARMLESS: dict[str, Callable[[bytes], bytes]] = {
    "ws_repeat": lambda payload: frame(payload) * 2,
    "ws_fragments": lambda payload: fragments(payload, 3),
}


def _set(names: tuple[str, ...], value: object) -> Callable[[Fields], None]:
    def apply(msg: Fields) -> None:
        for name in names:
            if name in msg:
                msg[name] = value

    return apply


def _far_future(msg: Fields) -> None:
    for name, size in (("ts_ms", _TEN_YEARS_MS), ("ts", _TEN_YEARS_MS // 1_000)):
        found = msg.get(name)
        if isinstance(found, int):
            msg[name] = found + size


ABSURD: dict[str, Callable[[Fields], None]] = {
    "negative": _set(_PRICES, "-0.0500"),
    "above_one": _set(_PRICES, "1.7000"),
    "nan": _set(_PRICES, "NaN"),
    "bare_nan": _set(_PRICES, orjson.Fragment(b"NaN")),
    "huge_exponent": _set(_PRICES, orjson.Fragment(b"1e400")),
    "huge_volume": _set(_VOLUMES, "9" * 40 + ".00"),
    "far_future": _far_future,
}


def absurd(payload: bytes, knob: Knob) -> bytes:
    """Return a message with one absurd figure; the kinds take turns."""
    message = orjson.loads(payload)
    kinds = [kind for kind in knob.words("kinds") if kind in ABSURD] or list(ABSURD)
    ABSURD[kinds[knob.asked % len(kinds)]](message["msg"])
    return frame(orjson.dumps(message))


def has_price(kind: str) -> bool:
    """Say whether a kind of message has prices to spoil."""
    return kind in ("ticker", "trade")
