"""Bytes of an answer as JSON with exact numbers; a strict reader first, a lenient one behind it."""

import json
from decimal import Decimal, InvalidOperation

import msgspec

from app.services.kalshi.normalize.rows import UnreadableNumber

_STRICT = msgspec.json.Decoder(float_hook=Decimal)
_MAX_INT_DIGITS = 60


class NotJson(ValueError):
    """The bytes are not JSON, not even for the lenient reader (cut off, HTML)."""


def decode_json(body: bytes) -> object:
    """Read a body; numbers with a fraction or exponent become `Decimal`, never float.

    Values JSON does not allow (NaN, Infinity, 1e999999999999999999, lone surrogates, bad
    UTF-8, raw control characters) are read as marks, so that only the rows that
    hold them are lost and not the whole page.

    Raises:
        NotJson: neither reader understands the body.
    """
    try:
        return _STRICT.decode(body)
    except (ValueError, InvalidOperation, RecursionError):  # DecodeError is a ValueError
        return _decode_leniently(body)


def _decode_leniently(body: bytes) -> object:
    try:
        return json.loads(
            body.decode("utf-8-sig", errors="replace"),
            strict=False,
            parse_float=_read_float,
            parse_int=_read_int,
            parse_constant=UnreadableNumber,
        )
    except (ValueError, RecursionError) as error:
        raise NotJson("not JSON") from error


def _read_float(token: str) -> Decimal | UnreadableNumber:
    try:
        return Decimal(token)
    except InvalidOperation:
        return UnreadableNumber(token)


def _read_int(token: str) -> int | UnreadableNumber:
    return int(token) if len(token) <= _MAX_INT_DIGITS else UnreadableNumber(token)
