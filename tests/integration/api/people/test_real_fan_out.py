"""What the pipeline's own fan-out writes is what inbox and why can read."""

from decimal import Decimal

from app.core.database import Conn
from app.domain.people import FollowKind, Side
from app.models.db import User
from app.store.notifications import fan_out
from tests.factories import NOW
from tests.integration.api.people.told import save_move, save_update
from tests.integration.api.serving import Client, Save
from tests.people_factories import make_device, make_follow, make_position


async def test_a_holder_reads_what_was_fanned_out(
    mine: Client, save: Save, conn: Conn, me: User
) -> None:
    move = await save_move(save, notified_at=None)
    held = make_position(me, move.market, side=Side.NO, contracts=Decimal("12.5"))
    follow = make_follow(me, move.market.event.id, FollowKind.EVENT, is_push=False)
    await save(held, follow, make_device(me))

    made = await fan_out(conn, move.alert.id, now=NOW)

    assert (made.notifications, made.deliveries) == (1, 1)
    (told,) = (await mine.get("/v1/notifications")).json()["notifications"]
    assert (told["impact_usd"], told["impact_mid_usd"]) == ("1.5", "1.5")
    assert "Your position is up $1.50 (23%)" in told["body"]
    why = (await mine.get(f"/v1/notifications/{told['id']}/why")).json()
    assert (why["is_holder"], why["is_follower"]) == (True, True)
    assert why["positions"] == [
        {
            "market_id": str(move.market.id),
            "side": "no",
            "contracts": "12.5",
            "price_before": "0.48",
            "price_now": "0.36",
            "impact_usd": "1.5",
            "impact_mid_usd": "1.5",
        }
    ]
    assert [found["kind"] for found in why["follows"]] == ["event"]
    assert [delivery["state"] for delivery in why["deliveries"]] == ["pending"]
    assert why["body"] == told["body"]


async def test_a_muted_episode_is_not_pushed_again(
    mine: Client, save: Save, conn: Conn, me: User
) -> None:
    first = await save_move(save, notified_at=None)
    await save(make_position(me, first.market), make_device(me))
    await fan_out(conn, first.alert.id, now=NOW)
    (told,) = (await mine.get("/v1/notifications")).json()["notifications"]

    await mine.post(f"/v1/notifications/{told['id']}/receipts", json={"kind": "muted"})
    again = await save_update(save, first)
    made = await fan_out(conn, again.id, now=NOW)

    assert made.deliveries == 0
    inbox = (await mine.get("/v1/notifications")).json()["notifications"]
    assert {shown["suppressed_reason"] for shown in inbox} == {None, "muted"}
