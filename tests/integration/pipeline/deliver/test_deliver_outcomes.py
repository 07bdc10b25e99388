"""What a gateway says, and what becomes of the delivery, the device and everybody else."""

from datetime import timedelta

from app.domain.push import PushMessage, PushOutcome, PushResult
from app.pipeline.deliver import deliver_all_due
from app.store import switches
from app.store.deliveries import return_lost
from app.store.deliveries.dead import list_dead, redrive, show_delivery
from tests.integration.pipeline.deliver.conftest import ACCEPTED, DeliveryStage

UNKNOWN = PushOutcome(PushResult.UNKNOWN, error="timeout")
BUSY = PushOutcome(PushResult.RETRY, error="UNAVAILABLE", status=503)


def answers(*outcomes: PushOutcome) -> object:
    """Answer these one after the other, the last one for ever."""
    left = list(outcomes)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


async def test_a_refusal_for_now_is_tried_later_and_later(stage: DeliveryStage) -> None:
    await stage.alert()
    stage.gateway.answer = answers(BUSY, BUSY, BUSY, ACCEPTED)  # type: ignore[assignment]
    pauses = []
    while (row := await stage.one())["state"] != "accepted":
        stage.clock.advance(max(row["due_at"] - stage.clock.now(), timedelta()))
        await deliver_all_due(stage.parts)
        pauses.append(((await stage.one())["due_at"] - stage.clock.now()).total_seconds())
    for pause, longest in zip(pauses[:3], (1, 2, 4), strict=True):
        assert longest / 2 <= pause <= longest
    assert row["attempts"] == 4
    assert not row["is_maybe_duplicate"]
    assert await stage.outcomes() == ["retry", "retry", "retry", "accepted"]


async def test_the_gateway_may_ask_for_longer(stage: DeliveryStage) -> None:
    await stage.alert()
    asks = PushOutcome(PushResult.RETRY, error="UNAVAILABLE", status=503, retry_after_s=45)
    stage.gateway.answer = lambda _: asks
    await deliver_all_due(stage.parts)
    assert (await stage.one())["due_at"] - stage.clock.now() == timedelta(seconds=45)


async def test_six_attempts_are_enough_and_an_operator_may_redrive(stage: DeliveryStage) -> None:
    await stage.alert()
    stage.gateway.answer = lambda _: BUSY
    for _ in range(8):
        await deliver_all_due(stage.parts)
        stage.clock.advance(timedelta(seconds=30))
    row = await stage.one()
    assert (row["state"], row["reason"], len(stage.gateway.sent)) == ("dead", "attempts", 6)
    stage.gateway.answer = lambda _: ACCEPTED
    async with stage.pool.acquire() as conn:
        (dead,) = await list_dead(conn, limit=10)
        assert dead["id"] == row["id"]
        assert await redrive(conn, now=stage.clock.now()) == [row["id"]]
        assert await redrive(conn, now=stage.clock.now()) == []
    await deliver_all_due(stage.parts)
    assert (await stage.one())["state"] == "accepted"


async def test_what_has_expired_is_not_redriven(stage: DeliveryStage) -> None:
    await stage.alert()
    stage.gateway.answer = lambda _: PushOutcome(PushResult.DEAD, error="INVALID", status=400)
    await deliver_all_due(stage.parts)
    stage.clock.advance(timedelta(minutes=10))
    async with stage.pool.acquire() as conn:
        assert await redrive(conn, now=stage.clock.now()) == []


async def test_a_retry_that_would_come_too_late_expires(stage: DeliveryStage) -> None:
    await stage.alert(expires_at=stage.clock.now() + timedelta(seconds=30))
    stage.gateway.answer = lambda _: PushOutcome(PushResult.RETRY, retry_after_s=30)
    await deliver_all_due(stage.parts)
    assert (await stage.one())["state"] == "expired"


async def test_a_lost_answer_is_sent_exactly_once_more(stage: DeliveryStage) -> None:
    await stage.alert()
    stage.gateway.answer = lambda _: UNKNOWN
    for _ in range(5):
        await deliver_all_due(stage.parts)
        stage.clock.advance(timedelta(seconds=30))
    row = await stage.one()
    assert (row["state"], row["reason"]) == ("unknown", "timeout")
    first, second = stage.gateway.sent
    assert first.collapse_id == second.collapse_id
    assert (first.data.get("maybe_duplicate"), second.data["maybe_duplicate"]) == (None, "true")
    async with stage.pool.acquire() as conn:
        assert [one["id"] for one in await list_dead(conn, limit=10)] == [row["id"]]
        shown = await show_delivery(conn, row["id"])
    assert shown is not None
    assert [one["outcome"] for one in shown["tries"]] == ["unknown", "unknown"]
    assert "address" not in shown


async def test_a_refusal_between_two_lost_answers_does_not_count_as_one(
    stage: DeliveryStage,
) -> None:
    await stage.alert()
    stage.gateway.answer = answers(UNKNOWN, BUSY, ACCEPTED)  # type: ignore[assignment]
    for _ in range(3):
        await deliver_all_due(stage.parts)
        stage.clock.advance(timedelta(seconds=30))
    row = await stage.one()
    assert (row["state"], row["is_maybe_duplicate"]) == ("accepted", True)


async def test_a_gateway_client_that_breaks_its_promise_hurts_one(stage: DeliveryStage) -> None:
    await stage.alert(people=3)

    def break_for_one(message: PushMessage) -> PushOutcome:
        if message.address == "token-2":
            raise RuntimeError("a bug")
        return ACCEPTED

    stage.gateway.answer = break_for_one
    await deliver_all_due(stage.parts)
    rows = await stage.sql("SELECT address, state::text, reason FROM alpha.deliveries ORDER BY 1")
    assert [tuple(row.values()) for row in rows] == [
        ("token-1", "accepted", None),
        ("token-2", "retry", "RuntimeError"),
        ("token-3", "accepted", None),
    ]


async def test_words_that_postgres_does_not_take_are_cleaned(stage: DeliveryStage) -> None:
    await stage.alert()
    nasty = PushOutcome(PushResult.DEAD, error="a\x00b\ud800" + "c" * 999, status=400)
    stage.gateway.answer = lambda _: nasty
    await deliver_all_due(stage.parts)
    row = await stage.one()
    assert (row["state"], len(row["reason"])) == ("dead", 300)
    assert row["reason"].startswith("ab?c")


GONE = PushOutcome(PushResult.DEVICE_GONE, error="UNREGISTERED", status=404)


async def test_a_dead_address_disables_its_device_and_no_other(stage: DeliveryStage) -> None:
    await stage.alert(people=3)
    stage.gateway.answer = lambda message: GONE if message.address == "token-2" else ACCEPTED
    await deliver_all_due(stage.parts)
    rows = await stage.sql(
        "SELECT d.address, state::text, reason, disabled_reason FROM alpha.deliveries d"
        " JOIN alpha.devices v ON v.id = d.device_id ORDER BY 1"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("token-1", "accepted", None, None),
        ("token-2", "dead", "device_gone", "UNREGISTERED"),
        ("token-3", "accepted", None, None),
    ]


async def test_an_address_that_changed_meanwhile_is_tried(stage: DeliveryStage) -> None:
    await stage.alert()
    anew = "UPDATE alpha.devices SET address = 'new', registered_at = $1"
    changes = [anew]

    async def send(message: PushMessage) -> PushOutcome:
        stage.gateway.sent.append(message)
        if changes:
            await stage.sql(changes.pop(), stage.clock.now())
            return GONE
        return ACCEPTED

    stage.gateway.send = send  # type: ignore[method-assign]
    await deliver_all_due(stage.parts)
    assert stage.gateway.addresses == ["token-1", "new"]
    (device,) = await stage.sql("SELECT disabled_at FROM alpha.devices")
    assert device["disabled_at"] is None


async def test_the_same_address_registered_anew_is_not_disabled(stage: DeliveryStage) -> None:
    await stage.alert()
    stage.gateway.answer = lambda _: GONE
    await stage.sql("UPDATE alpha.devices SET registered_at = $1", stage.clock.now())
    await deliver_all_due(stage.parts)
    (device,) = await stage.sql("SELECT disabled_at FROM alpha.devices")
    row = await stage.one()
    assert device["disabled_at"] is None
    assert (row["state"], len(stage.gateway.sent)) == ("dead", 6)


async def test_a_pause_stops_everybody_and_costs_no_attempt(stage: DeliveryStage) -> None:
    await stage.alert(people=300)
    stage.gateway.answer = lambda _: PushOutcome(
        PushResult.PAUSED, error="QUOTA_EXCEEDED", status=429, retry_after_s=20
    )
    assert await deliver_all_due(stage.parts) == 200
    rows = await stage.sql("SELECT DISTINCT state::text, attempts FROM alpha.deliveries ORDER BY 1")
    assert [tuple(row.values()) for row in rows] == [("pending", 0), ("retry", 0)]
    assert await deliver_all_due(stage.parts) == 0
    stage.clock.advance(timedelta(seconds=20))
    stage.gateway.answer = lambda _: ACCEPTED
    assert await deliver_all_due(stage.parts) == 300


async def test_a_gateways_pause_does_not_end_an_operators(stage: DeliveryStage) -> None:
    now = stage.clock.now()
    async with stage.pool.acquire() as conn:
        await switches.turn(conn, switches.PAUSE_PUSH, is_on=True, now=now, note="mine")
        await switches.pause_push(conn, until=now + timedelta(seconds=9), now=now, note="429")
        (switch,) = await switches.list_switches(conn)
    assert (switch.until, switch.note) == (None, "mine")


async def test_without_a_gateway_deliveries_wait_and_expire(stage: DeliveryStage) -> None:
    await stage.alert()
    parts = type(stage.parts)(stage.parts.settings, stage.clock, stage.pool, "test", None)
    assert await deliver_all_due(parts) == 0
    assert (await stage.one())["state"] == "pending"
    stage.clock.advance(timedelta(minutes=10))
    await deliver_all_due(parts)
    assert (await stage.one())["state"] == "expired"


async def test_a_lost_lease_is_not_an_answer_and_never_the_end(stage: DeliveryStage) -> None:
    await stage.alert()
    for number in range(1, 9):
        await stage.sql(
            "UPDATE alpha.deliveries SET state = 'sending', lease_token = gen_random_uuid(),"
            " lease_until = $1, sent_at = $1, attempts = attempts + 1",
            stage.clock.now(),
        )
        stage.clock.advance(timedelta(seconds=1))
        async with stage.pool.acquire() as conn:
            now = stage.clock.now()
            assert await return_lost(conn, before=now, now=now) == 1
        assert await stage.outcomes() == ["lost"] * number
    await deliver_all_due(stage.parts)
    row = await stage.one()
    assert (row["state"], row["attempts"], row["is_maybe_duplicate"]) == ("accepted", 1, True)
    assert stage.gateway.sent[0].data["maybe_duplicate"] == "true"


async def test_who_lost_the_lease_only_leaves_a_record(stage: DeliveryStage) -> None:
    await stage.alert()

    async def send(message: PushMessage) -> PushOutcome:
        await stage.sql("UPDATE alpha.deliveries SET lease_token = gen_random_uuid(), attempts = 5")
        return ACCEPTED

    stage.gateway.send = send  # type: ignore[method-assign]
    await deliver_all_due(stage.parts)
    row = await stage.one()
    assert (row["state"], row["attempts"]) == ("sending", 5)
    assert await stage.outcomes() == ["accepted"]


async def test_who_is_deleted_while_a_push_is_under_way_is_gone(stage: DeliveryStage) -> None:
    await stage.alert(people=2)

    async def send(message: PushMessage) -> PushOutcome:
        if message.address == "token-1":
            await stage.sql("DELETE FROM alpha.users WHERE id = md5('user:1')::uuid")
        return ACCEPTED

    stage.gateway.send = send  # type: ignore[method-assign]
    await deliver_all_due(stage.parts)
    rows = await stage.sql("SELECT address, state::text FROM alpha.deliveries")
    assert [tuple(row.values()) for row in rows] == [("token-2", "accepted")]
