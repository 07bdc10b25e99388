"""Who is asking: routes that need a person take one of these as a parameter."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.api.deps import WebDep
from app.api.schemas.base import ErrorOut
from app.core.errors import Forbidden, NotReady, SourceError, Unauthenticated
from app.services.ports import SignedIn

SIGNED_IN: dict[int | str, dict[str, Any]] = {
    401: {"model": ErrorOut, "description": "No good access token; sign in or refresh it."}
}
_OFF_RETRY_S = 60

_bearer = HTTPBearer(
    scheme_name="accessToken",
    bearerFormat="JWT",
    description="Supabase's access token of the person who is signed in.",
    auto_error=False,
)
_Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


async def get_caller(web: WebDep, credentials: _Credentials) -> SignedIn:
    """Return whom the request's token speaks for.

    Raises:
        Unauthenticated: there is no token, or it is not good.
        NotReady: nobody can sign in here, or the issuer's keys cannot be had.
    """
    if web.tokens is None:
        detail = "Signing in is switched off on this server."
        raise NotReady(detail, code="sign_in_off", retry_after_s=_OFF_RETRY_S)
    if credentials is None:
        raise Unauthenticated("This needs an access token (Authorization: Bearer ...).")
    try:
        return await web.tokens.verify(credentials.credentials)
    except SourceError as error:
        detail = "We cannot check who you are right now. Please try again in a moment."
        raise NotReady(detail, code="sign_in_unavailable") from error


Caller = Annotated[SignedIn, Depends(get_caller)]


async def get_user_id(caller: Caller) -> UUID:
    """Return the id of whoever is signed in, named or not."""
    return caller.user_id


async def get_permanent_user_id(caller: Caller) -> UUID:
    """Return the id of whoever is signed in with a name.

    Raises:
        Forbidden: they are anonymous.
    """
    if caller.is_anonymous:
        raise Forbidden("Please create an account first.", code="anonymous_user")
    return caller.user_id


async def get_user_id_if_any(web: WebDep, credentials: _Credentials) -> UUID | None:
    """Return the id of whoever is signed in, None without a token.

    Raises:
        Unauthenticated, NotReady: there is a token; as for `get_caller`.
    """
    return None if credentials is None else (await get_caller(web, credentials)).user_id


CurrentUser = Annotated[UUID, Depends(get_user_id)]
UserIfAny = Annotated[UUID | None, Depends(get_user_id_if_any)]
PermanentUser = Annotated[UUID, Depends(get_permanent_user_id)]
