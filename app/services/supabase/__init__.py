"""Supabase Auth: who signed in, told by tokens that its keys have signed."""

from app.core.clock import Clock
from app.core.config import SupabaseSettings
from app.services.supabase.endpoint import KeyEndpoint
from app.services.supabase.keys import SigningKeys
from app.services.supabase.tokens import SupabaseTokens


def open_tokens(settings: SupabaseSettings, clock: Clock) -> SupabaseTokens | None:
    """Make what verifies access tokens, None without an issuer; asks for keys on first use.

    Raises:
        OperatorError: the address of the keys is wrong.
    """
    if not settings.has_issuer:
        return None
    return SupabaseTokens(settings, clock, SigningKeys(KeyEndpoint(settings), clock))


__all__ = ["KeyEndpoint", "SupabaseTokens", "open_tokens"]
