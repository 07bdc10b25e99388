"""Access tokens verified as Supabase signs them: an asymmetric key, and claims we insist on.

The text of a token, good or bad, is neither kept nor logged nor answered.
"""

from hashlib import sha256
from typing import Any

import jwt
import structlog

from app.core.clock import Clock
from app.core.config import SupabaseSettings
from app.core.errors import Unauthenticated
from app.services.ports import SignedIn
from app.services.supabase.claims import REQUIRED, to_signed_in
from app.services.supabase.errors import TokenRefused
from app.services.supabase.expiring import Expiring
from app.services.supabase.key_set import is_key_id
from app.services.supabase.keys import SigningKeys

MAX_TOKEN = 4_096  # characters
BELIEVE_S = 60.0
MAX_VERIFIED = 10_000

log = structlog.get_logger()


class SupabaseTokens:
    """Verifies tokens; believes one that was good for a minute more without looking again."""

    def __init__(self, settings: SupabaseSettings, clock: Clock, keys: SigningKeys) -> None:
        """Take the issuer's settings and keys."""
        self._settings = settings
        self._clock = clock
        self._keys = keys
        self._algorithms = [algorithm.value for algorithm in settings.jwt_algorithms]
        self._verified: Expiring[bytes, SignedIn] = Expiring(clock, MAX_VERIFIED)

    async def verify(self, token: str) -> SignedIn:
        """Return whom a token speaks for.

        Raises:
            Unauthenticated: it is not good, or no longer.
            SourceError: the issuer's keys cannot be had.
        """
        try:
            return await self._verify(token)
        except TokenRefused as refused:
            log.info("token.refused", reason=refused.reason)
            raise Unauthenticated(refused.detail) from None

    async def _verify(self, token: str) -> SignedIn:
        if len(token) > MAX_TOKEN or not token.isascii():
            raise TokenRefused("too long or not ASCII")
        digest = sha256(token.encode()).digest()
        known = self._verified.get(digest)
        if known is not None and self._clock.now() < known.expires_at:
            return known
        found = await self._check(token)
        if self._clock.now() < found.expires_at:
            self._verified.put(digest, found, for_s=BELIEVE_S)
        return found

    async def _check(self, token: str) -> SignedIn:
        try:
            key = await self._keys.find(self._read_key_id(token))
            if key is None:
                raise TokenRefused("unknown key")
            claims = self._decode(token, key)
        except jwt.PyJWTError as error:
            raise TokenRefused(type(error).__name__) from None
        return to_signed_in(claims, now=self._clock.now())

    def _read_key_id(self, token: str) -> str:
        """Read which key is meant; nothing about this can be trusted yet."""
        header = jwt.get_unverified_header(token)
        key_id = header.get("kid")
        if header.get("alg") not in self._algorithms:
            raise TokenRefused("wrong algorithm")
        if not is_key_id(key_id):
            raise TokenRefused("no key id, or a long one")
        return str(key_id)

    def _decode(self, token: str, key: jwt.PyJWK) -> dict[str, Any]:
        """Check everything but times, for which the library would read the machine's clock."""
        return jwt.decode(
            token,
            key,
            algorithms=self._algorithms,
            audience=self._settings.jwt_aud,
            issuer=self._settings.jwt_issuer,
            options={
                "require": list(REQUIRED),
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
