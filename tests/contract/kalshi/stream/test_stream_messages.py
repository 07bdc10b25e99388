"""What arrives, and what is wrong with it."""

import asyncio
import base64
import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.domain.types import MarketStatus
from app.services.kalshi.stream import SocketLimits
from app.services.ports import StreamKind, StreamPhase
from tests.contract.kalshi.stream.harness import Start
from tests.kalshi_socket import (
    CHANNELS,
    PATH,
    FakeKalshi,
    settled_msg,
    ticker_msg,
    trade_msg,
    until,
)


async def test_handshake_is_signed(
    start: Start, server: FakeKalshi, signing_key: Ed25519PrivateKey
) -> None:
    await (await start()).live()
    (request,) = server.requests
    headers = request.headers
    signed = f"{headers['KALSHI-ACCESS-TIMESTAMP']}GET{PATH}".encode()
    signature = base64.b64decode(headers["KALSHI-ACCESS-SIGNATURE"])
    signing_key.public_key().verify(signature, signed)
    assert headers["KALSHI-ACCESS-KEY"] == "key-1"
    assert "Sec-WebSocket-Extensions" not in headers, "no compression"


async def test_every_channel_is_asked_for_all_markets(start: Start, server: FakeKalshi) -> None:
    await (await start()).live()
    assert [command["params"] for command in server.commands] == [
        {"channels": [channel]} for channel in reversed(CHANNELS)
    ]
    assert len({command["id"] for command in server.commands}) == 3


async def test_start_is_a_gap_since_what_was_known(start: Start) -> None:
    known = datetime(2026, 11, 22, tzinfo=UTC)
    running = await start(since=known)
    await running.live()
    gaps = {gap.kind: gap for gap in running.sink.gaps}
    assert set(gaps) == set(StreamKind)
    assert {(gap.since, gap.reason) for gap in gaps.values()} == {(known, "started")}
    phases = [state.phase for state in running.sink.states]
    assert phases == [StreamPhase.DEGRADED, StreamPhase.LIVE]


async def test_a_gap_is_told_before_the_ticks_that_end_it(start: Start, server: FakeKalshi) -> None:
    """Also when the reply to the subscription and the first ticks are read together."""
    server.mute = {"ticker"}
    running = await start()
    await until(lambda: server.asked("subscribe", "ticker") == 1)
    (command,) = [c for c in server.commands if c["params"]["channels"] == ["ticker"]]
    reply = {"id": command["id"], "type": "subscribed", "msg": {"channel": "ticker", "sid": 9}}
    await server.send(reply)
    await server.send({"type": "ticker", "sid": 9, "msg": ticker_msg()})
    await until(lambda: bool(running.sink.ticks))
    order = running.sink.order
    assert order.index("gap of ticks") < order.index("ticks")


async def test_messages_in_our_words(start: Start, server: FakeKalshi) -> None:
    running = await start()
    await running.live()
    await server.publish("ticker", ticker_msg(price_dollars="0.4900"))
    await server.publish("trade", trade_msg())
    await server.publish("market_lifecycle_v2", settled_msg(7))
    sink = running.sink
    await until(lambda: bool(sink.ticks and sink.trades and sink.events))
    assert (sink.ticks[0].last, sink.ticks[0].ts_ms) == ("0.4900", 1669149841000)
    assert str(sink.trades[0].price) == "0.3600"
    assert (sink.events[0].ext_id, sink.events[0].status) == ("KXM-7", MarketStatus.SETTLED)
    assert len(sink.gaps) == 3, "no others than those of the start"


@pytest.mark.parametrize(
    ("frame", "counter"),
    [
        pytest.param(b'{"type":"ticker"}', "binary", id="binary"),
        pytest.param("{", "broken", id="half-json"),
        pytest.param("[1, 2]", "broken", id="a-list"),
        pytest.param("", "broken", id="empty"),
        pytest.param('{"type": 5}', "broken", id="type-not-text"),
        pytest.param("[" * 100_000, "broken", id="deep"),
    ],
)
async def test_bad_frame_is_counted(
    start: Start, server: FakeKalshi, frame: str | bytes, counter: str
) -> None:
    running = await start()
    await running.live()
    await server.send(frame)
    await server.publish("ticker", ticker_msg())
    counters = running.stream.counters
    await until(lambda: bool(running.sink.ticks and getattr(counters, counter)))
    assert getattr(counters, counter) == counters.unread == 1
    assert counters.connections == 1


async def test_bad_utf8_in_a_text_frame_is_counted(start: Start, server: FakeKalshi) -> None:
    running = await start()
    await running.live()
    raw = json.dumps({"type": "ticker", "sid": 1, "msg": ticker_msg("M")}).encode()
    await server.connections[-1].send(raw.replace(b'"M"', b'"\xff\xfe"'), text=True)
    await server.publish("ticker", ticker_msg())
    await until(lambda: bool(running.sink.ticks))
    counters = running.stream.counters
    assert (counters.unread, counters.connections, len(running.sink.ticks)) == (1, 1, 1)


@pytest.mark.parametrize(
    "msg",
    [
        pytest.param({"market_ticker": "M"}, id="no-time"),
        pytest.param(ticker_msg(ts_ms="1669149841000"), id="time-as-text"),
        pytest.param(ticker_msg(price_dollars=0.48), id="price-as-number"),
        pytest.param({}, id="nothing"),
    ],
)
async def test_unreadable_ticker_costs_itself(
    start: Start, server: FakeKalshi, msg: dict[str, object]
) -> None:
    running = await start()
    await running.live()
    await server.publish("ticker", msg)
    await server.publish("ticker", ticker_msg())
    await until(lambda: bool(running.sink.ticks))
    assert dict(running.stream.counters.unreadable) == {"ticker": 1}
    assert running.sink.rejects[0].kind == "ticker"


@pytest.mark.parametrize(
    ("channel", "msg", "kind"),
    [
        pytest.param("trade", trade_msg(count_fp="x"), StreamKind.TRADES, id="trade"),
        pytest.param("trade", {"trade_id": 5}, StreamKind.TRADES, id="trade-shape"),
        pytest.param(
            "market_lifecycle_v2",
            {"market_ticker": "M", "event_type": "settled", "settled_ts": -5},
            StreamKind.LIFECYCLE,
            id="lifecycle",
        ),
        pytest.param("market_lifecycle_v2", {}, StreamKind.LIFECYCLE, id="lifecycle-shape"),
    ],
)
async def test_unreadable_numbered_message_is_a_gap(
    start: Start, server: FakeKalshi, channel: str, msg: dict[str, object], kind: StreamKind
) -> None:
    running = await start()
    await running.live()
    await server.publish(channel, msg)
    sink = running.sink
    await until(lambda: len(sink.gaps_of(kind)) == 2)
    assert sink.gaps_of(kind)[-1].missed == 1
    assert len(sink.rejects) == 1
    assert running.stream.counters.missed == 0, "its number came"


async def test_unknown_kind_is_counted_and_numbered(start: Start, server: FakeKalshi) -> None:
    running = await start()
    await running.live()
    sid = server.sids["market_lifecycle_v2"]
    await server.send({"type": "novelty", "sid": sid, "seq": server.next_seq(sid), "msg": {}})
    await server.publish("market_lifecycle_v2", settled_msg())
    await until(lambda: bool(running.sink.events))
    assert dict(running.stream.counters.unknown) == {"novelty": 1}
    assert len(running.sink.gaps) == 3


async def test_missing_numbers_are_a_gap(start: Start, server: FakeKalshi) -> None:
    running = await start()
    await running.live()
    await server.publish("market_lifecycle_v2", settled_msg(0))
    await server.publish("market_lifecycle_v2", settled_msg(1), skip=4)
    sink = running.sink
    await until(lambda: len(sink.events) == 2)
    gap = sink.gaps_of(StreamKind.LIFECYCLE)[-1]
    assert (gap.missed, running.stream.counters.missed) == (4, 4)
    assert gap.since is not None
    assert gap.since <= gap.until
    assert len(sink.gaps_of(StreamKind.TRADES)) == 1, "that of the start"


async def test_repeated_and_late_numbers_are_no_gap(start: Start, server: FakeKalshi) -> None:
    running = await start()
    await running.live()
    sid = server.sids["trade"]
    for seq, trade_id in [(1, "a"), (1, "a"), (3, "c"), (2, "b"), (4, "d")]:
        await server.send({"type": "trade", "sid": sid, "seq": seq, "msg": trade_msg(trade_id)})
    sink = running.sink
    await until(lambda: len(sink.trades) == 5)
    assert [gap.missed for gap in sink.gaps_of(StreamKind.TRADES)] == [None, 1]
    assert running.stream.counters.repeated == 2


async def test_fragments_are_joined(start: Start, server: FakeKalshi) -> None:
    running = await start()
    await running.live()
    text = json.dumps({"type": "ticker", "sid": 1, "msg": ticker_msg()})
    await server.connections[-1].send([text[:9], "", text[9:200], text[200:]])
    await server.connections[-1].send([b"\x01", b"\x02"])
    await server.publish("ticker", ticker_msg())
    await until(lambda: len(running.sink.ticks) == 2)
    assert running.stream.counters.unread == running.stream.counters.binary == 1


async def test_oversize_frame_ends_the_connection_not_the_stream(
    start: Start, server: FakeKalshi
) -> None:
    running = await start(sockets=SocketLimits(frame_bytes=10_000))
    await running.live()
    await server.send("x" * 10_001)
    counters = running.stream.counters
    await until(lambda: counters.connections == 2 and server.is_subscribed)
    assert counters.oversize == 1


async def test_too_much_waiting_ends_the_connection_and_loses_nothing(
    start: Start, server: FakeKalshi
) -> None:
    running = await start(sockets=SocketLimits(pause_bytes=10_000, waiting_bytes=20_000))
    await running.live()
    await burst(server, 500)
    counters = running.stream.counters
    await until(lambda: counters.connections == 2)
    assert 20 < counters.ticks == len(running.sink.ticks) <= 500
    assert running.sink.gaps_of(StreamKind.TICKS)[-1].reason.startswith("reconnected: more frames")


async def test_reading_pauses_and_goes_on(start: Start, server: FakeKalshi) -> None:
    running = await start(sockets=SocketLimits(pause_bytes=20_000))
    await running.live()
    for _ in range(20):
        await burst(server, 500)
        await asyncio.sleep(0)
    await until(lambda: len(running.sink.ticks) == 10_000)
    assert running.stream.counters.connections == 1


async def burst(server: FakeKalshi, frames: int) -> None:
    """Send tickers in one piece, as much as the line takes."""
    connection = server.connections[-1]
    text = json.dumps({"type": "ticker", "sid": 1, "msg": ticker_msg()})
    for _ in range(frames):
        connection.protocol.send_text(text.encode())
    connection.send_data()
