"""A small Kalshi socket for tests, and a sink that remembers."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from app.domain.catalogue import Reject
from app.domain.lifecycle_events import LifecycleEvent
from app.domain.ticks import Tick
from app.domain.trades import PublicTrade
from app.services.ports import StreamGap, StreamKind, StreamPhase, StreamState

PATH = "/trade-api/ws/v2"
CHANNELS = ("ticker", "trade", "market_lifecycle_v2")


async def until(holds: Callable[[], bool], *, within_s: float = 5) -> None:
    """Wait for something to hold; a failure says what did not."""
    try:
        async with asyncio.timeout(within_s):
            while not holds():  # noqa: ASYNC110 - there is no event to wait for
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(f"did not come true within {within_s} s") from None


@dataclass
class FakeKalshi:
    """Answers handshakes and commands like Kalshi; a test says when it does not.

    Attributes:
        statuses: answers to the next handshakes instead of 101.
        mute: channels whose subscribe commands are not answered.
        requests: handshakes that arrived.
        commands: of all connections, in their order.
    """

    statuses: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    mute: set[str] = field(default_factory=set)
    requests: list[Request] = field(default_factory=list)
    commands: list[dict[str, Any]] = field(default_factory=list)
    connections: list[ServerConnection] = field(default_factory=list)
    close_codes: list[int | None] = field(default_factory=list)
    sids: dict[str, int] = field(default_factory=dict)
    port: int = 0
    _last_sid: int = 0
    _seqs: dict[int, int] = field(default_factory=dict)
    _server: Server | None = None

    async def start(self) -> None:
        """Listen; again on the same port when it was stopped."""
        self._server = await serve(
            self._serve, "127.0.0.1", self.port, process_request=self._answer, ping_interval=None
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        for connection in self.connections:
            connection.transport.abort()
        self._server.close()
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}{PATH}"

    @property
    def is_subscribed(self) -> bool:
        """Whether the present connection has all channels."""
        return set(self.sids) == set(CHANNELS)

    def asked(self, cmd: str, channel: str) -> int:
        """Count commands about a channel."""
        return sum(
            command["cmd"] == cmd and channel in command["params"].get("channels", [])
            for command in self.commands
        )

    async def send(self, frame: dict[str, Any] | str | bytes) -> None:
        """Send to the newest connection; a dict as JSON text."""
        text = json.dumps(frame) if isinstance(frame, dict) else frame
        await self.connections[-1].send(text)

    async def publish(self, channel: str, msg: dict[str, Any], *, skip: int = 0) -> None:
        """Send a message of a channel with its next number; `skip` numbers are left out."""
        sid = self.sids[channel]
        frame: dict[str, Any] = {"type": channel, "sid": sid, "msg": msg}
        if channel != "ticker":
            frame["seq"] = self.next_seq(sid, skip)
        await self.send(frame)

    def next_seq(self, sid: int, skip: int = 0) -> int:
        self._seqs[sid] = self._seqs.get(sid, 0) + 1 + skip
        return self._seqs[sid]

    async def drop(self) -> None:
        """Cut the newest connection without a goodbye."""
        self.connections[-1].transport.abort()
        await asyncio.sleep(0)

    def fall_silent(self) -> None:
        """Keep the newest connection open and neither read nor write any more."""
        self.connections[-1].transport.pause_reading()

    def _answer(self, connection: ServerConnection, request: Request) -> Response | None:
        self.requests.append(request)
        if not self.statuses:
            return None
        status = HTTPStatus(self.statuses.pop(0))
        return Response(status.value, status.phrase, Headers(self.headers), b"{}")

    async def _serve(self, connection: ServerConnection) -> None:
        self.connections.append(connection)
        self.sids.clear()
        self._seqs.clear()
        self._last_sid = 0
        try:
            async for text in connection:
                await self._obey(connection, json.loads(text))
        except ConnectionClosed:
            pass
        finally:
            self.close_codes.append(connection.protocol.close_code)

    async def _obey(self, connection: ServerConnection, command: dict[str, Any]) -> None:
        self.commands.append(command)
        if command["cmd"] == "unsubscribe":
            for sid in command["params"]["sids"]:
                reply = {"id": command["id"], "type": "unsubscribed", "sid": sid}
                await connection.send(json.dumps(reply | {"seq": self.next_seq(sid)}))
        for channel in command["params"].get("channels", []):
            if channel in self.mute:
                continue
            self._last_sid += 1
            self.sids[channel] = self._last_sid
            msg = {"channel": channel, "sid": self._last_sid}
            reply = {"id": command["id"], "type": "subscribed", "msg": msg}
            await connection.send(json.dumps(reply))


@dataclass
class RecordingSink:
    """Remembers everything; `gate` holds announcements back while it is not set."""

    ticks: list[Tick] = field(default_factory=list)
    trades: list[PublicTrade] = field(default_factory=list)
    events: list[LifecycleEvent] = field(default_factory=list)
    gaps: list[StreamGap] = field(default_factory=list)
    states: list[StreamState] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    @property
    def phase(self) -> StreamPhase | None:
        return self.states[-1].phase if self.states else None

    def gaps_of(self, kind: StreamKind) -> list[StreamGap]:
        return [gap for gap in self.gaps if gap.kind is kind]

    def on_ticks(self, ticks: Sequence[Tick]) -> None:
        self.ticks += ticks
        self.order.append("ticks")

    def on_trades(self, trades: Sequence[PublicTrade]) -> None:
        self.trades += trades

    async def on_lifecycle(self, events: Sequence[LifecycleEvent]) -> None:
        await self.gate.wait()
        self.events += events

    def on_gap(self, gap: StreamGap) -> None:
        self.gaps.append(gap)
        self.order.append(f"gap of {gap.kind}")

    def on_state(self, state: StreamState) -> None:
        self.states.append(state)

    def on_rejects(self, rejects: Sequence[Reject]) -> None:
        self.rejects += rejects


def ticker_msg(market: str = "KXNBAGAME-26NOV22LALBOS-LAL", **fields: Any) -> dict[str, Any]:
    """Make the `msg` of a ticker as Kalshi sends it in late 2026."""
    return {
        "market_id": "9b0f6b43-5b68-4f9f-9f02-9a2d1b8ac1a1",
        "market_ticker": market,
        "price_dollars": "0.4800",
        "yes_bid_dollars": "0.4500",
        "yes_ask_dollars": "0.5300",
        "volume_fp": "33896.00",
        "open_interest_fp": "20422.00",
        "dollar_volume": 16948,
        "dollar_open_interest": 10211,
        "yes_bid_size_fp": "300.00",
        "yes_ask_size_fp": "150.00",
        "last_trade_size_fp": "25.00",
        "ts": 1669149841,
        "ts_ms": 1669149841000,
        "time": "2022-11-22T20:44:01Z",
    } | fields


def trade_msg(trade_id: str = "t1", **fields: Any) -> dict[str, Any]:
    """Make the `msg` of a trade."""
    return {
        "trade_id": trade_id,
        "market_ticker": "KXNBAGAME-26NOV22LALBOS-LAL",
        "yes_price_dollars": "0.3600",
        "no_price_dollars": "0.6400",
        "count_fp": "136.00",
        "taker_side": "no",
        "taker_outcome_side": "no",
        "taker_book_side": "ask",
        "is_block_trade": False,
        "ts": 1669149841,
        "ts_ms": 1669149841123,
    } | fields


def settled_msg(number: int = 0) -> dict[str, Any]:
    """Make the `msg` of a settlement."""
    return {"market_ticker": f"KXM-{number}", "event_type": "settled", "settled_ts": 1784500206}
