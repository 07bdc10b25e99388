"""Who holds and follows what in a replay: `people.json`, else one follower for every market."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid5

from app.core.database import Pool
from app.domain.ids import NAMESPACE
from app.domain.people import FollowKind
from app.domain.push import DeviceKind
from app.domain.types import Exchange
from app.models.demo import DemoDevice, DemoFollow, DemoPerson
from app.store.demo_people import insert_people

_ZONE = "America/New_York"


class ReplayPeople:
    """The people of a replay."""

    def __init__(self, pool: Pool, listed: Sequence[DemoPerson] | None) -> None:
        """Remember who is listed; None = nobody is, and every market gets a follower."""
        self._pool = pool
        self._listed = listed

    async def meet(self, markets: Sequence[tuple[Exchange, str]], *, now: datetime) -> None:
        """Store who has to do with markets that are new in the catalogue."""
        people = self._listed
        if people is None:
            people = [_follower(exchange, ext_id) for exchange, ext_id in markets]
        if not markets or not people:
            return
        async with self._pool.acquire() as conn, conn.transaction():
            await insert_people(conn, people, now=now)


def _follower(exchange: Exchange, ext_id: str) -> DemoPerson:
    """Make somebody with a phone who follows one market, so that its pushes can be seen."""
    return DemoPerson(
        id=uuid5(NAMESPACE, f"follower:{exchange}:{ext_id}"),
        name=f"follower of {ext_id}",
        timezone=_ZONE,
        devices=(DemoDevice(kind=DeviceKind.FCM_TOKEN, address=f"phone:{exchange}:{ext_id}"),),
        follows=(DemoFollow(kind=FollowKind.MARKET, exchange=exchange, ext_id=ext_id, push=True),),
    )
