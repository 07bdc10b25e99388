"""The issuer's public keys as we use them: a JSON Web Key Set (RFC 7517), read with suspicion."""

from collections.abc import Collection, Mapping
from typing import Any

import jwt
import orjson

from app.core.config import JwtAlgorithm
from app.core.errors import PayloadInvalid
from app.services.supabase.errors import SOURCE

MAX_KEYS = 16
MAX_KEY_ID = 128  # characters
_MIN_RSA_BITS = 2_048
_PRIVATE = frozenset({"d", "k"})  # parts of a key that nobody publishes
_SHAPES = {
    JwtAlgorithm.ES256: {"kty": "EC", "crv": "P-256"},
    JwtAlgorithm.RS256: {"kty": "RSA"},
}

KeySet = Mapping[str, jwt.PyJWK]


def parse_key_set(body: bytes, algorithms: Collection[JwtAlgorithm]) -> KeySet:
    """Read a key set; what is not a public signing key for `algorithms` is left out.

    Returns:
        Keys by their id, the first `MAX_KEYS` of them; each verifies one algorithm only.

    Raises:
        PayloadInvalid: no key set, or none that we can use.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise PayloadInvalid(SOURCE, "the key set is not JSON") from error
    rows = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        raise PayloadInvalid(SOURCE, "the key set has no list of keys")
    keys: dict[str, jwt.PyJWK] = {}
    for row in rows:
        key = _to_key(row, algorithms) if isinstance(row, dict) else None
        if key is not None and len(keys) < MAX_KEYS:
            keys.setdefault(row["kid"], key)
    if not keys:
        raise PayloadInvalid(SOURCE, f"none of {len(rows)} published keys can be used")
    return keys


def is_key_id(text: object) -> bool:
    """Whether this can name a key."""
    return isinstance(text, str) and 0 < len(text) <= MAX_KEY_ID


def _to_key(row: dict[str, Any], algorithms: Collection[JwtAlgorithm]) -> jwt.PyJWK | None:
    algorithm = next((one for one in algorithms if _fits(row, one)), None)
    if algorithm is None or not is_key_id(row.get("kid")):
        return None
    try:
        key = jwt.PyJWK(row, algorithm.value)
    except jwt.PyJWTError:
        return None
    is_weak = algorithm is JwtAlgorithm.RS256 and key.key.key_size < _MIN_RSA_BITS
    return None if is_weak else key


def _fits(row: dict[str, Any], algorithm: JwtAlgorithm) -> bool:
    """Whether a key says that it is one for verifying signatures of this algorithm."""
    operations = row.get("key_ops", ["verify"])
    return (
        all(row.get(name) == text for name, text in _SHAPES[algorithm].items())
        and row.get("alg", algorithm.value) == algorithm.value
        and row.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
        and not _PRIVATE & row.keys()
    )
