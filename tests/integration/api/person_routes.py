"""Routes that need a person, as the routes of users are written."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from app.api.auth import SIGNED_IN, CurrentUser, PermanentUser
from app.api.errors import RESPONSES


class PersonOut(BaseModel):
    """Who asked."""

    user_id: UUID


router = APIRouter(responses={**RESPONSES, **SIGNED_IN})


@router.get("/v1/test/me", operation_id="test_me")
async def read_me(user_id: CurrentUser, number: int = 1) -> PersonOut:
    """Answer whoever is signed in."""
    return PersonOut(user_id=user_id)


@router.get("/v1/test/named", operation_id="test_named")
async def read_named(user_id: PermanentUser) -> PersonOut:
    """Answer whoever has an account."""
    return PersonOut(user_id=user_id)
