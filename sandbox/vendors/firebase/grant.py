"""Judges the signed assertion of a service account, as Google's token endpoint does."""

from __future__ import annotations

from collections.abc import Mapping

import jwt
import orjson

from sandbox.vendors.firebase.account import ServiceAccount

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# google-auth signs for this audience whatever endpoint its key file names
_USUAL_AUDIENCE = "https://oauth2.googleapis.com/token"
_SCOPES = frozenset(
    f"https://www.googleapis.com/auth/{name}" for name in ("firebase.messaging", "cloud-platform")
)
_LONGEST_S, _SKEW_S = 3_600, 300
_jws = jwt.PyJWS(algorithms=["RS256"])


class GrantError(Exception):
    """A refusal: OAuth's `error` and Google's description of it."""

    def __init__(self, description: str, error: str = "invalid_grant") -> None:
        """Keep both."""
        super().__init__(description)
        self.error, self.description = error, description


def check_grant(
    form: Mapping[str, str], account: ServiceAccount, audience: str, nows_s: tuple[float, ...]
) -> None:
    """Check a request for a token.

    Args:
        form: The parameters, each once.
        account: The only account there is.
        audience: The endpoint as the sender knows it.
        nows_s: Unix times the server may hold to be now; one of them must fit.

    Raises:
        GrantError: what is wrong.
    """
    grant_type = form.get("grant_type", "")
    if grant_type != GRANT_TYPE:
        raise GrantError(f"Invalid grant_type: {grant_type}", "unsupported_grant_type")
    if not form.get("assertion"):
        raise GrantError("Missing required parameter: assertion", "invalid_request")
    claims = _claims(form["assertion"], account)
    if claims.get("aud") not in (audience, _USUAL_AUDIENCE):
        raise GrantError(f"Invalid JWT: Failed audience check. The right audience is {audience}")
    if not any(_is_current(claims, now_s) for now_s in nows_s):
        raise GrantError(
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable "
            "timeframe. Check your iat and exp values in the JWT claim."
        )
    if _SCOPES.isdisjoint(str(claims.get("scope", "")).split()):
        raise GrantError("Invalid OAuth scope or ID token audience provided.", "invalid_scope")


def _claims(assertion: str, account: ServiceAccount) -> dict[str, object]:
    """Return what an assertion says once its signer is known and its signature fits."""
    try:
        read = _jws.decode_complete(assertion, options={"verify_signature": False})
        claims = orjson.loads(read["payload"])
    except (jwt.PyJWTError, ValueError):
        raise GrantError("Invalid JWT: it cannot be read.") from None
    if not isinstance(claims, dict) or claims.get("iss") != account.email:
        raise GrantError("Invalid grant: account not found")
    if read["header"].get("kid", account.key_id) != account.key_id:
        raise GrantError("Invalid JWT Signature.")
    try:
        _jws.decode(assertion, account.key.public_key(), algorithms=["RS256"])
    except jwt.PyJWTError:
        raise GrantError("Invalid JWT Signature.") from None
    return claims


def _is_current(claims: dict[str, object], now_s: float) -> bool:
    issued, expires = claims.get("iat"), claims.get("exp")
    if not isinstance(issued, int) or not isinstance(expires, int):
        return False
    return issued - _SKEW_S <= now_s < expires and 0 < expires - issued <= _LONGEST_S
