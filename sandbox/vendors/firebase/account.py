"""The service account of the sandbox's Firebase project, and the access tokens it gets."""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import cached_property
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sandbox.vendors.firebase.seeded_rsa import seeded_rsa

PROJECT = "alpha-sandbox"
TOKEN_PATH = "/_google/token"
_PREFIX = "ya29.c."
_WHEN, _SALT, _MAC = 8, 17, 32  # bytes of a token; a multiple of 3 needs no padding
_LENGTH = len(_PREFIX) + (_WHEN + _SALT + _MAC) * 4 // 3


class ServiceAccount:
    """One account, made from the seed."""

    email = f"firebase-adminsdk@{PROJECT}.iam.gserviceaccount.com"

    def __init__(self, seed: int) -> None:
        """Name the account; its key is made when it is first asked for."""
        self._name = f"firebase account {seed}"

    @property
    def key_id(self) -> str:
        """The key's id, 40 hex digits."""
        return sha256(self._name.encode()).hexdigest()[:40]

    @cached_property
    def key(self) -> RSAPrivateKey:
        """The private key."""
        return seeded_rsa(self._name)

    def describe(self, base: str) -> dict[str, str]:
        """Return the key file for a sandbox that answers at `base`."""
        pem = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": self.key_id,
            "private_key": pem.decode(),
            "client_email": self.email,
            "client_id": str(int(self.key_id[:16], 16)),
            "token_uri": f"{base}{TOKEN_PATH}",
            "universe_domain": "googleapis.com",
        }


class AccessTokens:
    """Bearer tokens that carry their own end, so they outlive a restart as Google's do."""

    def __init__(self, seed: int) -> None:
        """Sign with a secret of the seed."""
        self._secret = sha256(f"firebase access tokens {seed}".encode()).digest()

    def issue(self, expires_us: int) -> str:
        """Return a token valid before a time in microseconds since 1970."""
        signed = expires_us.to_bytes(_WHEN) + secrets.token_bytes(_SALT)
        mac = hmac.digest(self._secret, signed, "sha256")
        return _PREFIX + urlsafe_b64encode(signed + mac).decode()

    def is_valid(self, token: str, now_us: int) -> bool:
        """Say whether a token is one of ours and has not expired."""
        if len(token) != _LENGTH or not token.startswith(_PREFIX):
            return False
        try:
            raw = urlsafe_b64decode(token.removeprefix(_PREFIX))
        except ValueError:
            return False
        signed, mac = raw[:-_MAC], raw[-_MAC:]
        is_ours = hmac.compare_digest(mac, hmac.digest(self._secret, signed, "sha256"))
        return is_ours and now_us < int.from_bytes(signed[:_WHEN])
