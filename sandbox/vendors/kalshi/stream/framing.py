"""WebSocket frames as bytes (RFC 6455): a server's are not masked."""

from __future__ import annotations

TEXT, BINARY, CONTINUATION = 0x1, 0x2, 0x0
_FIN = 0x80


def frame(payload: bytes, opcode: int = TEXT, *, is_last: bool = True) -> bytes:
    """Return one frame with a payload of any size."""
    first = opcode | _FIN if is_last else opcode
    size = len(payload)
    if size < 126:
        return b"%c%c%b" % (first, size, payload)
    if size < 65_536:
        return b"%c\x7e%b%b" % (first, size.to_bytes(2), payload)
    return b"%c\x7f%b%b" % (first, size.to_bytes(8), payload)


def fragments(payload: bytes, pieces: int) -> bytes:
    """Return one text message cut into several frames."""
    size = max(len(payload) // pieces, 1)
    parts = [payload[at : at + size] for at in range(0, len(payload), size)]
    return b"".join(
        frame(part, CONTINUATION if number else TEXT, is_last=number == len(parts) - 1)
        for number, part in enumerate(parts)
    )
