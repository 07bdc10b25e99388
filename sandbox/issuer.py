"""Issues access tokens shaped like Supabase's: ES256, with the public key as JWKS."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from hashlib import sha256

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from jwt.algorithms import ECAlgorithm

_LIFETIME_S = 3_600


def _seeded_key(seed: int) -> EllipticCurvePrivateKey:
    """Return the signing key of a seed: tokens outlive a restart."""
    number = int.from_bytes(sha256(f"issuer {seed}".encode()).digest()) >> 1
    return derive_private_key(number, SECP256R1())


class TokenIssuer:
    """Signs tokens for whoever asks."""

    def __init__(self, seed: int) -> None:
        """Use the key of a seed."""
        self._key = _seeded_key(seed)
        public = json.loads(ECAlgorithm.to_jwk(self._key.public_key()))
        point = f"{public['x']}.{public['y']}".encode()
        self._kid = str(uuid.UUID(bytes=sha256(point).digest()[:16], version=4))
        self._jwk = {
            **public,
            "kid": self._kid,
            "use": "sig",
            "alg": "ES256",
            "key_ops": ["verify"],
        }

    def jwks(self) -> dict[str, object]:
        """Return the public keys."""
        return {"keys": [self._jwk]}

    def token(self, wish: Mapping[str, object], issuer: str, now_s: int) -> dict[str, object]:
        """Sign a token.

        Args:
            wish: `sub` and `email`; any other claim overrides the usual one, `expires_in` is in
                seconds and may be negative.
            issuer: The `iss` claim.
            now_s: Unix seconds.
        """
        claims = dict(wish)
        lifetime = int(str(claims.pop("expires_in", _LIFETIME_S)))
        email = claims.pop("email", "person@example.com")
        full = {
            "iss": issuer,
            "sub": str(uuid.uuid5(uuid.NAMESPACE_URL, f"mailto:{email}")),
            "aud": "authenticated",
            "iat": now_s,
            "exp": now_s + lifetime,
            "email": email,
            "phone": "",
            "app_metadata": {"provider": "email", "providers": ["email"]},
            "user_metadata": {},
            "role": "authenticated",
            "aal": "aal1",
            "amr": [{"method": "password", "timestamp": now_s}],
            "session_id": str(uuid.uuid4()),
            "is_anonymous": False,
            **claims,
        }
        signed = jwt.encode(full, self._key, algorithm="ES256", headers={"kid": self._kid})
        return {
            "access_token": signed,
            "token_type": "bearer",
            "expires_in": lifetime,
            "expires_at": now_s + lifetime,
        }
