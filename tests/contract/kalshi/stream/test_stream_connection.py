"""Lines that break, fall silent or are refused."""

import asyncio
import contextlib
import time
from dataclasses import replace
from functools import partial

import pytest
from websockets.exceptions import ConnectionClosed

from app.core.clock import SystemClock
from app.core.errors import SourceRefused
from app.services.ports import StreamKind, StreamPhase
from tests.contract.kalshi.stream.harness import FAST, Due, Running, Start
from tests.kalshi_socket import FakeKalshi, settled_msg, ticker_msg, until


@pytest.mark.parametrize("politely", [True, False], ids=["goodbye", "cut"])
async def test_drop_is_followed_by_fresh_data_and_a_gap(
    start: Start, server: FakeKalshi, politely: bool
) -> None:
    running = await start()
    await running.live()
    await server.publish("ticker", ticker_msg())
    sink = running.sink
    await until(lambda: bool(sink.ticks))
    started = time.monotonic()
    if politely:
        await server.connections[-1].close(1001)
    else:
        await server.drop()
    await until(lambda: len(server.connections) == 2)
    await running.live()
    await server.publish("ticker", ticker_msg())
    await until(lambda: len(sink.ticks) == 2)
    assert time.monotonic() - started < 2
    for kind in StreamKind:
        first, second = sink.gaps_of(kind)
        assert second.reason.startswith("reconnected")
        assert second.since is not None
        assert first.until <= second.since <= second.until
    phases = [state.phase for state in sink.states]
    assert phases == [StreamPhase.DEGRADED, StreamPhase.LIVE] * 2


async def test_dead_line_is_noticed(start: Start, server: FakeKalshi) -> None:
    running = await start()
    await running.live()
    started = time.monotonic()
    server.fall_silent()
    await until(lambda: running.stream.counters.connections == 2)
    assert FAST.transport_s <= time.monotonic() - started < FAST.transport_s + 0.6
    await running.live()


async def test_quiet_line_is_not_dead(start: Start, server: FakeKalshi, due: Due) -> None:
    running = await start()
    await running.live()
    await asyncio.sleep(3 * FAST.transport_s)
    assert due.asked > 1
    assert running.stream.counters.connections == 1
    assert [state.phase for state in running.sink.states] == [
        StreamPhase.DEGRADED,
        StreamPhase.LIVE,
    ]
    assert len(server.commands) == 3, "nothing was subscribed to again"


async def test_unanswered_subscription_is_a_reconnect(start: Start, server: FakeKalshi) -> None:
    server.mute.add("trade")
    running = await start()
    await until(lambda: running.stream.counters.connections == 2)
    assert running.sink.phase is StreamPhase.DEGRADED
    server.mute.clear()
    await running.live()


async def test_missing_ticks_are_stale_then_asked_for_then_a_reconnect(
    start: Start, server: FakeKalshi, due: Due
) -> None:
    due.answer = True
    running = await start()
    await running.live()
    await until(lambda: running.sink.phase is StreamPhase.STALE)
    await until(lambda: server.asked("subscribe", "ticker") == 2)
    assert running.stream.counters.connections == 1
    assert [command["cmd"] for command in server.commands].count("unsubscribe") == 1
    await until(lambda: running.stream.counters.connections == 2)
    started = time.monotonic()
    await until(lambda: server.is_subscribed and server.asked("subscribe", "ticker") == 3)
    assert running.sink.phase is StreamPhase.STALE, "until there is a tick"
    await until(lambda: server.asked("subscribe", "ticker") == 4)
    assert time.monotonic() - started >= FAST.stale_s, "the new line has its own time"
    await until(lambda: running.stream.counters.connections == 3)
    assert time.monotonic() - started >= FAST.dead_s
    await until(lambda: server.is_subscribed)
    await server.publish("ticker", ticker_msg())
    await running.live()


async def test_renewed_subscription_brings_ticks_back(
    start: Start, server: FakeKalshi, due: Due
) -> None:
    due.answer = True
    running = await start()
    await until(lambda: server.asked("subscribe", "ticker") == 2)
    await until(lambda: len(running.sink.gaps_of(StreamKind.TICKS)) == 2)
    await server.publish("ticker", ticker_msg())
    await running.live()
    assert running.sink.gaps_of(StreamKind.TICKS)[-1].reason == "no ticks"
    assert running.stream.counters.connections == 1


async def test_not_knowing_is_stale_and_nothing_more(
    start: Start, server: FakeKalshi, due: Due
) -> None:
    due.answer = None
    running = await start()
    await until(lambda: running.sink.phase is StreamPhase.STALE)
    await asyncio.sleep(2 * FAST.dead_s)
    assert (running.stream.counters.connections, len(server.commands)) == (1, 3)
    due.answer = False
    await running.live()


@pytest.mark.parametrize("code", [10, 25])
async def test_terminal_error_is_renewed_with_a_gap(
    start: Start, server: FakeKalshi, code: int
) -> None:
    running = await start()
    await running.live()
    sid = server.sids["market_lifecycle_v2"]
    await server.publish("market_lifecycle_v2", settled_msg(1))
    error = {"type": "error", "sid": sid, "msg": {"code": code, "msg": "over"}}
    await server.send(error | {"seq": server.next_seq(sid)})
    sink = running.sink
    await until(lambda: len(sink.gaps_of(StreamKind.LIFECYCLE)) == 2)
    assert sink.gaps_of(StreamKind.LIFECYCLE)[-1].reason == f"error {code}"
    assert server.sids["market_lifecycle_v2"] != sid
    await server.publish("market_lifecycle_v2", settled_msg(2))
    await until(lambda: len(sink.events) == 2)
    assert running.stream.counters.connections == 1
    assert running.stream.counters.errors == {code: 1}


async def test_terminal_errors_in_a_row_are_a_reconnect(start: Start, server: FakeKalshi) -> None:
    running = await start()
    await running.live()
    for times in (1, 2):
        sid = server.sids["ticker"]
        await server.send({"type": "error", "sid": sid, "msg": {"code": 25, "msg": "over"}})
        await until(partial(has_been_asked, server, times + 1))
    await until(lambda: running.stream.counters.connections == 2)


async def test_other_errors_are_counted(start: Start, server: FakeKalshi) -> None:
    running = await start()
    await running.live()
    for code in (7, 27, 10**12):
        await server.send({"type": "error", "id": 99, "msg": {"code": code, "msg": "no"}})
    await server.publish("ticker", ticker_msg())
    await until(lambda: bool(running.sink.ticks))
    assert running.stream.counters.errors == {7: 1, 27: 1, -1: 1}
    assert running.stream.counters.connections == 1


@pytest.mark.parametrize("status", [401, 403])
async def test_refused_key_is_the_end_after_three(
    start: Start, server: FakeKalshi, status: int
) -> None:
    server.statuses = [status] * 5
    running = await start()
    with pytest.raises(SourceRefused, match=str(status)) as refusal:
        await asyncio.wait_for(running.task, 5)
    assert len(server.requests) == 3
    assert running.sink.phase is StreamPhase.STALE
    timestamps = {request.headers["KALSHI-ACCESS-TIMESTAMP"] for request in server.requests}
    signatures = {request.headers["KALSHI-ACCESS-SIGNATURE"] for request in server.requests}
    assert len(signatures) == len(timestamps)
    assert not any(signature in str(refusal.value) for signature in signatures)


async def test_refusals_in_a_row_count(start: Start, server: FakeKalshi) -> None:
    server.statuses = [401, 401]
    running = await start()
    await running.live()
    server.statuses = [401, 401]
    await server.drop()
    await until(lambda: running.stream.counters.connections == 2)
    await running.live()


class Hasty(SystemClock):
    """Sleeps a hundredth of what it is asked for, and writes it down."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(seconds / 100)


@pytest.mark.parametrize(
    ("retry_after", "shortest"),
    [pytest.param(None, 10, id="floor"), pytest.param("25", 25, id="asked-for")],
)
async def test_rate_limit_is_waited_for(
    start: Start, server: FakeKalshi, retry_after: str | None, shortest: float
) -> None:
    server.statuses = [429]
    server.headers = {"Retry-After": retry_after} if retry_after else {}
    clock = Hasty()
    running = await start(clock=clock)
    await until(lambda: running.stream.counters.connections == 1)
    assert max(clock.slept) == shortest


@pytest.mark.parametrize("status", [302, 404, 500, 503])
async def test_other_answers_are_tried_again(start: Start, server: FakeKalshi, status: int) -> None:
    server.statuses = [status]
    server.headers = {"Location": server.url.replace("ws", "http") + "/elsewhere"}
    running = await start()
    await running.live()
    assert [request.path for request in server.requests] == ["/trade-api/ws/v2"] * 2


async def test_unreachable_is_tried_until_it_is_there(start: Start, server: FakeKalshi) -> None:
    await server.stop()
    running = await start()
    await until(lambda: running.stream.counters.failed_connections >= 3)
    await asyncio.sleep(2 * FAST.transport_s)
    assert running.sink.phase is not StreamPhase.LIVE
    await server.start()
    await running.live()
    await asyncio.sleep(0.1)
    assert running.stream.counters.connections == 1, "the new line is not as old as the silence"


async def test_slow_storing_ends_the_line_and_loses_nothing(
    start: Start, server: FakeKalshi
) -> None:
    running = await start(limits=replace(FAST, lifecycle_waiting=20, lifecycle_batch=5))
    await running.live()
    sink, counters = running.sink, running.stream.counters
    sink.gate.clear()
    with contextlib.suppress(ConnectionClosed):
        for number in range(60):
            await server.publish("market_lifecycle_v2", settled_msg(number))
            await asyncio.sleep(0.01)
    await until(lambda: server.close_codes == [1001])
    await asyncio.sleep(0.2)
    assert counters.connections == 1, "not before there is room again"
    sink.gate.set()
    await until(lambda: counters.connections == 2)
    received = counters.lifecycle
    await until(lambda: len(sink.events) == received)
    assert received >= 20
    assert [event.ext_id for event in sink.events] == [f"KXM-{n}" for n in range(received)]
    await running.live()
    assert "announcements" in sink.gaps_of(StreamKind.LIFECYCLE)[-1].reason


async def test_cancelling_stores_what_was_received(start: Start, server: FakeKalshi) -> None:
    running = await start(limits=replace(FAST, lifecycle_batch=5))
    await running.live()
    sink = running.sink
    sink.gate.clear()
    for number in range(12):
        await server.publish("market_lifecycle_v2", settled_msg(number))
    await until(lambda: running.stream.counters.lifecycle == 12)
    running.task.cancel()
    await until(lambda: server.close_codes == [1001])
    assert not sink.events
    sink.gate.set()
    with pytest.raises(asyncio.CancelledError):
        await running.task
    assert [event.ext_id for event in sink.events] == [f"KXM-{n}" for n in range(12)]


async def test_cancelling_says_goodbye(start: Start, server: FakeKalshi) -> None:
    running = await start()
    await running.live()
    await server.publish("ticker", ticker_msg())
    started = time.monotonic()
    running.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running.task
    assert time.monotonic() - started < 1
    await until(lambda: server.close_codes == [1001])


async def test_cancelling_does_not_wait_for_the_deaf(start: Start, server: FakeKalshi) -> None:
    running = await start()
    await running.live()
    server.fall_silent()
    started = time.monotonic()
    running.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running.task
    assert time.monotonic() - started < 1


async def test_fault_of_the_sink_is_not_swallowed(start: Start, server: FakeKalshi) -> None:
    running = await start()
    await running.live()

    def fail(ticks: object) -> None:
        raise ZeroDivisionError

    running.sink.on_ticks = fail  # type: ignore[method-assign]
    await server.publish("ticker", ticker_msg())
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(running.task, 5)


async def test_delays_grow_until_data_has_been_healthy(start: Start, server: FakeKalshi) -> None:
    running = await start(limits=replace(FAST, healthy_s=0.3))
    for number in range(4):
        await until(partial(has_connected, server, number + 1))
        await running.live()
        await server.publish("ticker", ticker_msg())
        await until(partial(has_ticked, running, number + 1))
        if number == 2:
            await asyncio.sleep(0.5)
        await server.drop()
    await until(partial(has_connected, server, 5))
    assert running.dice.ceilings == [0.5, 1, 0.5, 1]


async def test_two_hundred_drops(start: Start, server: FakeKalshi) -> None:
    running = await start()
    for number in range(200):
        await until(partial(has_connected, server, number + 1))
        await running.live()
        await server.publish("market_lifecycle_v2", settled_msg(number))
        await server.publish("ticker", ticker_msg())
        await until(partial(has_ticked, running, number + 1))
        await server.drop()
    await until(partial(has_connected, server, 201))
    await running.live()
    counters = running.stream.counters
    assert (counters.connections, counters.lifecycle) == (201, 200)
    assert (counters.missed, counters.repeated) == (0, 0), "numbers begin anew"
    assert set(running.dice.ceilings) == {0.5}, "ticks had come each time"
    assert len(running.sink.gaps_of(StreamKind.LIFECYCLE)) == 201


def has_been_asked(server: FakeKalshi, times: int) -> bool:
    return server.asked("subscribe", "ticker") >= times


def has_connected(server: FakeKalshi, times: int) -> bool:
    return len(server.connections) >= times


def has_ticked(running: Running, times: int) -> bool:
    return len(running.sink.ticks) >= times
