"""The socket's error codes as the AsyncAPI document lists them."""

from __future__ import annotations

TEXTS: dict[int, str] = {
    1: "Unable to process message",
    2: "Params required",
    3: "Channels required",
    4: "Subscription IDs required",
    5: "Unknown command",
    7: "Unknown subscription ID",
    8: "Unknown channel name",
    9: "Authentication required",
    10: "Channel error",
    11: "Invalid parameter",
    12: "Exactly one subscription ID is required",
    13: "Unsupported action",
    14: "Market Ticker required",
    15: "Action required",
    18: "Command timeout",
    19: "shard_factor must be > 0",
    20: "shard_factor is required when shard_key is set",
    21: "shard_key must be >= 0 and < shard_factor",
    22: "shard_factor must be <= 100",
    23: "Match IDs required",
    24: "Index IDs required",
    25: "Subscription buffer overflow",
    26: "Subscription market limit exceeded",
    27: "Too many requests",
    28: "Underlying tickers required",
}


class CommandRefused(Exception):
    """A command that is answered with an error."""

    def __init__(self, code: int, sid: int | None = None) -> None:
        """Say which of the documented codes."""
        super().__init__(TEXTS.get(code, "Error"))
        self.code, self.sid = code, sid

    def body(self) -> dict[str, object]:
        """Return `msg` of the error."""
        return {"code": self.code, "msg": str(self)}
