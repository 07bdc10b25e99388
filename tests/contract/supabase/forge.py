"""Tokens as the sandbox's issuer signs them, and as somebody would who has bad intentions."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sandbox.issuer import TokenIssuer

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
USER = "0b9a6f0e-2f2a-4f0e-9a53-0a4a6f7f1c11"
PLACE = 32  # bytes of each half of an ES256 signature

Change = Callable[[dict[str, Any]], None]


def encode(part: bytes) -> str:
    """Write base64url without padding."""
    return urlsafe_b64encode(part).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Read base64url without padding."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(frozen=True)
class Forger:
    """Makes tokens that are good but for one thing.

    Attributes:
        sandbox: its key signs everything that is signed with the right key.
        issuer: the `iss` claim.
    """

    sandbox: TokenIssuer
    issuer: str

    @property
    def key(self) -> EllipticCurvePrivateKey:
        return self.sandbox._key

    @property
    def key_id(self) -> str:
        return self.sandbox._kid

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return good claims with changes; `...` leaves one out."""
        made = self.sandbox.token({"sub": USER}, self.issuer, NOW_S)
        good = jwt.decode(str(made["access_token"]), options={"verify_signature": False})
        return {name: claim for name, claim in (good | changes).items() if claim is not ...}

    def good(self, **changes: Any) -> str:
        """Sign claims with the right key."""
        return self.sign(self.claims(**changes))

    def sign(
        self,
        claims: Mapping[str, Any],
        *,
        key: Any = None,
        algorithm: str = "ES256",
        **header: Any,
    ) -> str:
        """Sign claims; fields of the header may be changed, `...` leaves one out."""
        fields = {"kid": self.key_id, **header}
        known = {name: field for name, field in fields.items() if field is not ...}
        return jwt.encode(dict(claims), key or self.key, algorithm=algorithm, headers=known)

    def raw(self, payload: bytes, **header: Any) -> str:
        """Sign any bytes under any header with the right key, past the library's own checks."""
        fields = {"alg": "ES256", "typ": "JWT", "kid": self.key_id, **header}
        text = f"{encode(json.dumps(fields).encode())}.{encode(payload)}"
        signer = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256)
        return f"{text}.{encode(signer.sign(text.encode(), self.key))}"

    def with_signature(self, change: Callable[[bytes], bytes]) -> str:
        """Return a good token whose signature was changed."""
        text, _, signature = self.good().rpartition(".")
        return f"{text}.{encode(change(decode(signature)))}"

    def with_payload(self, **changes: Any) -> str:
        """Return a good token whose claims were changed after it was signed."""
        header, _, signature = self.good().split(".")
        payload = encode(json.dumps(self.claims(**changes)).encode())
        return f"{header}.{payload}.{signature}"

    def with_public_key_as_secret(self) -> str:
        """Sign by HS256 with what everybody knows."""
        pem = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        text, _, _ = self.raw(b"{}").rpartition(".")
        header = {"alg": "HS256", "typ": "JWT", "kid": self.key_id}
        text = f"{encode(json.dumps(header).encode())}.{encode(json.dumps(self.claims()).encode())}"
        signer = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
        return f"{text}.{encode(signer.sign(text.encode(), pem))}"

    def unsigned(self, name: str) -> str:
        """Name an algorithm that needs no signature."""
        header = {"alg": name, "typ": "JWT", "kid": self.key_id}
        return f"{encode(json.dumps(header).encode())}.{self.good().split('.')[1]}."

    def nested_header(self) -> str:
        """Write a header deeper than a parser likes."""
        return f"{encode(b'[' * 2_000)}.{encode(b'{}')}.{encode(b'x')}"


def der(signature: bytes) -> bytes:
    """Write a signature as TLS does instead of as JWTs do."""
    r, s = (int.from_bytes(half) for half in (signature[:PLACE], signature[PLACE:]))
    return encode_dss_signature(r, s)


OTHER_KEY = generate_private_key(SECP256R1())
P384_KEY = generate_private_key(SECP384R1())
RSA_KEY = generate_rsa(65537, 2048)
