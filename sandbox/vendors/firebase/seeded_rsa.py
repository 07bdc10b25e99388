"""Makes the RSA key of a seed: the same in every process, so it need not be kept anywhere."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from itertools import count

from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPrivateNumbers,
    RSAPublicNumbers,
    rsa_crt_dmp1,
    rsa_crt_dmq1,
    rsa_crt_iqmp,
)

_EXPONENT = 65_537
_PRIME_BITS = 1_024
_SMALL = [n for n in range(3, 12_000, 2) if all(n % d for d in range(3, int(n**0.5) + 1, 2))]


def _number(name: str) -> int:
    """Return an odd number of full length whose two highest bits are set."""
    digests = (sha256(f"{name} {part}".encode()).digest() for part in range(_PRIME_BITS // 256))
    return int.from_bytes(b"".join(digests)) | 3 << _PRIME_BITS - 2 | 1


def _prime(name: str) -> int:
    """Return the first prime behind a number, by trial division and then Fermat's test."""
    first = _number(name)
    rests = [(first % prime, prime) for prime in _SMALL]
    for step in count(0, 2):
        if all((rest + step) % prime for rest, prime in rests):
            candidate = first + step
            if candidate % _EXPONENT != 1 and pow(2, candidate - 1, candidate) == 1:
                return candidate
    raise AssertionError("there is always another prime")


@lru_cache(maxsize=8)
def seeded_rsa(name: str) -> RSAPrivateKey:
    """Return the 2,048 bit key of a name; it protects nothing. Takes up to a second."""
    p, q = _prime(f"{name} p"), _prime(f"{name} q")
    d = pow(_EXPONENT, -1, (p - 1) * (q - 1))
    numbers = RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=rsa_crt_dmp1(d, p),
        dmq1=rsa_crt_dmq1(d, q),
        iqmp=rsa_crt_iqmp(p, q),
        public_numbers=RSAPublicNumbers(_EXPONENT, p * q),
    )
    return numbers.private_key()
