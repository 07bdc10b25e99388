"""An entry of the Redis stream `ticks`: the pieces of minutes of one flush, packed.

msgpack `[version, [piece, ...]]`, each piece an array of the fields of `MicroCandle` in
their order, so about 70 bytes. Pieces of one market and minute may repeat; added up in
stream order they make its candle.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from app.domain.fold import MicroCandle

VERSION = 1
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[Literal[1], list[MicroCandle]]).decode


def encode_entry(pieces: Sequence[MicroCandle]) -> bytes:
    """Pack the pieces of one flush."""
    return _encode((VERSION, pieces))


def decode_entry(packed: bytes) -> list[MicroCandle]:
    """Unpack an entry.

    Raises:
        ValueError: not an entry, or one of another version.
    """
    return _decode(packed)[1]
