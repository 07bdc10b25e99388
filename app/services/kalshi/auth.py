"""Kalshi request signing: RSA-PSS and Ed25519 keys."""

import base64
from collections.abc import Mapping
from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from app.core.errors import OperatorError

_MIN_RSA_BITS = 2048
_SALT_BYTES = 32  # the digest's length
_SETTING = "KALSHI_PRIVATE_KEY"


class KalshiSigner:
    """Signs requests with one API key; neither `repr` nor errors ever show the private part."""

    def __init__(self, key_id: str, pem: str) -> None:
        """Load the key.

        Args:
            pem: PKCS#1 or PKCS#8 PEM; line breaks may be written as a literal backslash n.

        Raises:
            OperatorError: no key id, or a key Kalshi does not take; one line says why.
        """
        if not key_id.strip():
            raise OperatorError("KALSHI_API_KEY_ID is not set.")
        self.key_id = key_id.strip()
        self._key = _load_key(pem)

    def __repr__(self) -> str:
        return f"KalshiSigner(...{self.key_id[-4:]})"

    def headers(self, method: str, path: str, now: datetime) -> Mapping[str, str]:
        """Return the three access headers of one attempt.

        Args:
            path: from the host's root (`/trade-api/v2/...`); a query is cut off.
            now: aware time of this attempt; Kalshi refuses old signatures.
        """
        timestamp_ms = str(int(now.timestamp() * 1000))
        signature = self._sign(signed_text(timestamp_ms, method, path).encode())
        return {
            "KALSHI-ACCESS-KEY": self.key_id,
            "KALSHI-ACCESS-TIMESTAMP": timestamp_ms,
            "KALSHI-ACCESS-SIGNATURE": base64.b64encode(signature).decode(),
        }

    def _sign(self, text: bytes) -> bytes:
        if isinstance(self._key, Ed25519PrivateKey):
            return self._key.sign(text)
        padding = PSS(mgf=MGF1(hashes.SHA256()), salt_length=_SALT_BYTES)
        return self._key.sign(text, padding, hashes.SHA256())


def signed_text(timestamp_ms: str, method: str, path: str) -> str:
    """Return what gets signed: time, method and path without query, with nothing between."""
    return f"{timestamp_ms}{method.upper()}{path.partition('?')[0]}"


def _load_key(pem: str) -> RSAPrivateKey | Ed25519PrivateKey:
    text = pem.strip().strip("\"'").replace("\\r", "").replace("\\n", "\n").strip() + "\n"
    _refuse_other_pem(text)
    try:
        key = load_pem_private_key(text.encode(), password=None)
    except TypeError:
        raise OperatorError(f"{_SETTING} is encrypted: store it without a passphrase.") from None
    except (ValueError, UnsupportedAlgorithm):
        raise OperatorError(f"{_SETTING} is malformed: paste the whole PEM file.") from None
    if isinstance(key, Ed25519PrivateKey):
        return key
    if not isinstance(key, RSAPrivateKey):
        raise OperatorError(f"{_SETTING} is neither an RSA nor an Ed25519 key.")
    if key.key_size < _MIN_RSA_BITS:
        raise OperatorError(
            f"{_SETTING} has {key.key_size} bits: Kalshi needs at least {_MIN_RSA_BITS}."
        )
    return key


def _refuse_other_pem(text: str) -> None:
    """Name the usual mix-ups; the library's own messages can quote what they were given."""
    if "-----BEGIN" not in text:
        raise OperatorError(f"{_SETTING} is not PEM: it must start with -----BEGIN.")
    if "PUBLIC KEY-----" in text:
        raise OperatorError(f"{_SETTING} holds a public key: use the private one.")
    if "ENCRYPTED" in text:
        raise OperatorError(f"{_SETTING} is encrypted: store it without a passphrase.")
    if "PRIVATE KEY-----" not in text or "OPENSSH" in text:
        raise OperatorError(f"{_SETTING} is not a PKCS#1 or PKCS#8 private key.")
