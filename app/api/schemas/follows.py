"""What a person watches, in requests and answers."""

from uuid import UUID

from pydantic import StrictBool

from app.api.schemas.base import Instant, Out
from app.api.schemas.inputs import In
from app.domain.people import FollowKind
from app.domain.types import Exchange


class FollowIn(In):
    """How to follow; `push` left out keeps what was chosen, at first the default of the kind.

    Markets push by default; events and series, which are follows of all their markets, fill
    the inbox only.
    """

    push: StrictBool | None = None


class FollowOut(Out):
    """Something a person follows; `push` tells whether it pushes, the inbox has it anyway."""

    kind: FollowKind
    target_id: UUID
    push: bool
    created_at: Instant


class FollowListedOut(FollowOut):
    """The same with the names that the catalogue has for it."""

    exchange: Exchange | None
    ext_id: str | None
    title: str | None


class FollowPage(Out):
    """What a person follows, latest first; `cursor` asks for the rest, null at the end."""

    follows: list[FollowListedOut]
    cursor: str | None
