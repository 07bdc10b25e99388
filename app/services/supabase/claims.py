"""What a token whose signature is good must say before we believe it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.services.ports import SignedIn
from app.services.supabase.errors import EXPIRED, TokenRefused

LEEWAY = timedelta(seconds=30)  # clocks of two systems differ
ROLE = "authenticated"  # neither `anon` nor `service_role`, which are no persons
REQUIRED = ("exp", "iat", "sub", "aud", "iss")
_LAST_S = 253_370_764_800  # the year 9999 begins


def to_signed_in(claims: Mapping[str, Any], *, now: datetime) -> SignedIn:
    """Read claims whose signature, audience and issuer were checked.

    Raises:
        TokenRefused: expired, not valid yet, not a person's, or not readable.
    """
    expires_at = _read_time(claims["exp"])
    if expires_at + LEEWAY <= now:
        raise TokenRefused("expired", detail=EXPIRED)
    starts = [_read_time(claims[name]) for name in ("iat", "nbf") if name in claims]
    if any(start > now + LEEWAY for start in starts):
        raise TokenRefused("not valid yet")
    if claims.get("role") != ROLE:
        raise TokenRefused("wrong role")
    is_anonymous = claims.get("is_anonymous", False)
    if not isinstance(is_anonymous, bool):
        raise TokenRefused("is_anonymous is no boolean")
    return SignedIn(_read_user_id(claims["sub"]), is_anonymous, expires_at)


def _read_time(seconds: Any) -> datetime:
    """Read Unix seconds; NaN, infinity, booleans and texts are none."""
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    if not is_number or not 0 <= seconds <= _LAST_S:
        raise TokenRefused("a time is no number of seconds")
    return datetime.fromtimestamp(seconds, UTC)


def _read_user_id(text: str) -> UUID:
    """Read a UUID as it is usually written, so that one person has one spelling."""
    try:
        user_id = UUID(text)
    except ValueError:
        raise TokenRefused("sub is no UUID") from None
    if str(user_id) != text:
        raise TokenRefused("sub is an unusual UUID")
    return user_id
