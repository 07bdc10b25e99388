"""A follow of an event or a series is one of its markets: of those that came later, too."""

import pytest

from app.core.database import Pool
from app.domain import ids
from app.domain.types import Exchange
from app.pipeline.deliver import deliver_all_due
from tests.pipeline_factories import (
    RecordingGateway,
    add_event,
    add_follow,
    add_market,
    add_person,
    change,
    decide_and_tell,
    detect,
    make_detection,
    make_parts,
    prices,
)

pytestmark = pytest.mark.usefixtures("clean_tables")

BEFORE, AFTER = prices("0.62", "0.61", "0.63"), prices("0.48", "0.47", "0.49")


@pytest.mark.parametrize("kind", ["event", "series"])
@pytest.mark.parametrize("push", [True, False])
async def test_a_market_that_joins_later(pool: Pool, kind: str, push: bool) -> None:
    async with pool.acquire() as conn:
        event_id = await add_event(conn, "KXGAME-1")
        targets = {"event": event_id, "series": ids.series_id(Exchange.KALSHI, "KXGAME")}
        follower = await add_person(conn, "follower")
        await add_follow(conn, follower, targets[kind], kind=kind, push=push)
        await add_person(conn, "stranger")
        later = await add_market(conn, "KXGAME-1-LATER")
    gateway = RecordingGateway()
    parts = make_parts(pool, push=gateway)

    await detect(pool, make_detection([change(later, BEFORE, AFTER)]))
    await decide_and_tell(parts)
    await deliver_all_due(parts)

    (told,) = await pool.fetch("SELECT user_id, suppressed_reason FROM alpha.notifications")
    assert told["user_id"] == follower
    assert told["suppressed_reason"] == (None if push else "follow_without_push")
    assert len(gateway.sent) == int(push)


async def test_holding_and_following_at_every_level_is_told_once(pool: Pool) -> None:
    async with pool.acquire() as conn:
        market = await add_market(conn, "KXGAME-1-BOS")
        follower = await add_person(conn, "follower")
        series_id = ids.series_id(Exchange.KALSHI, "KXGAME")
        await add_follow(conn, follower, market)
        await add_follow(conn, follower, await add_event(conn), kind="event", push=False)
        await add_follow(conn, follower, series_id, kind="series", push=False)
    gateway = RecordingGateway()
    parts = make_parts(pool, push=gateway)

    await detect(pool, make_detection([change(market, BEFORE, AFTER)]))
    await decide_and_tell(parts)
    await deliver_all_due(parts)

    assert len(gateway.sent) == 1
