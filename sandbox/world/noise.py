"""Seeded numbers: stable keys, generators, ids and a cheap lattice noise."""

import random
from hashlib import blake2b

_SIZE = 4096
_MASK = _SIZE - 1
_SPREAD = 2_654_435_761  # Knuth's multiplicative hash
_table = random.Random(20_261_122)
UNIT: tuple[float, ...] = tuple(_table.random() for _ in range(_SIZE))
NATURAL: tuple[int, ...] = tuple(int(value * 1024) for value in UNIT)


def key_of(*parts: object) -> int:
    """Hash parts to a 63-bit integer that is the same in every process."""
    text = "|".join(map(str, parts)).encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest()) >> 1


def rng_of(*parts: object) -> random.Random:
    """Return a generator seeded by the parts."""
    return random.Random(key_of(*parts))


def uuid_of(*parts: object) -> str:
    """Return a stable UUID text for the parts."""
    text = blake2b("|".join(map(str, parts)).encode(), digest_size=16).hexdigest()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def derived(key: int, number: int) -> int:
    """Return key `number` of a family of keys."""
    return (key + number * 0x9E37_79B9_7F4A_7C15) & 0x7FFF_FFFF_FFFF_FFFF


def slot_of(key: int, index: int) -> int:
    """Return the table position of number `index` in the sequence of `key`."""
    return ((key + index * 7_919) * _SPREAD >> 13) & _MASK


def unit(key: int, index: int) -> float:
    """Return number `index` (0 <= x < 1) of the sequence of `key`."""
    return UNIT[slot_of(key, index)]


def natural(key: int, index: int) -> int:
    """Return integer `index` (0..1023) of the sequence of `key`."""
    return NATURAL[slot_of(key, index)]


def wave(key: int, at_us: int, period_us: int) -> float:
    """Return smooth noise in -1..1: knots every `period_us`, straight lines between them."""
    knot, rest = divmod(at_us, period_us)
    left = UNIT[((key + knot * 7_919) * _SPREAD >> 13) & _MASK]
    right = UNIT[((key + (knot + 1) * 7_919) * _SPREAD >> 13) & _MASK]
    return 2.0 * (left + (right - left) * (rest / period_us)) - 1.0
