"""Names and options of the faults of a vendor's WebSocket."""

from __future__ import annotations

# fault -> options it takes besides rate, count and route
HANDSHAKE_FAULTS: dict[str, frozenset[str]] = {
    "ws_refuse": frozenset({"status", "retry_after"}),
    "ws_slow_handshake": frozenset({"seconds"}),
}
LINE_FAULTS: dict[str, frozenset[str]] = {  # happen to a connection or a subscription
    "ws_disconnect": frozenset({"seconds"}),
    "ws_cut": frozenset({"seconds"}),
    "ws_black_hole": frozenset({"seconds"}),
    "ws_code10": frozenset({"seconds"}),
    "ws_code25": frozenset({"seconds"}),
}
FRAME_FAULTS: dict[str, frozenset[str]] = {  # happen to one message of data
    "ws_gap": frozenset(),
    "ws_repeat": frozenset(),
    "ws_reorder": frozenset(),
    "ws_oversize": frozenset(),
    "ws_binary": frozenset(),
    "ws_half_json": frozenset(),
    "ws_bad_utf8": frozenset(),
    "ws_fragments": frozenset(),
    "ws_absurd_prices": frozenset({"kinds"}),
    "ws_unknown_type": frozenset(),
}
SILENCE_FAULTS: dict[str, frozenset[str]] = {  # hold back all data while they are on
    "ws_stall_open": frozenset(),
    "ws_stall_closed": frozenset(),
}
COMMAND_FAULTS: dict[str, frozenset[str]] = {"ws_error": frozenset({"code"})}
STREAM_FAULTS = {
    **HANDSHAKE_FAULTS,
    **LINE_FAULTS,
    **FRAME_FAULTS,
    **SILENCE_FAULTS,
    **COMMAND_FAULTS,
}
STATUSES = frozenset({302, 401, 403, 404, 429, 500, 502, 503, 504})
