"""Clients of the sandbox's socket, on real connections."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.frames import Frame, Opcode

from sandbox.keys import ApiKey
from sandbox.vendors.kalshi.stream.service import StreamService
from sandbox.vendors.kalshi.vendor import KalshiVendor
from tests.contract.sandbox.conftest import Serve, Talk, signature

PATH = "/trade-api/ws/v2"
WITHIN_S = 10.0  # longer means hung
MINUTE = 60_000_000


def signed(key: ApiKey, *, path: str = PATH) -> dict[str, str]:
    """Return the headers of a handshake made now."""
    at_ms = int(time.time() * 1_000)
    return {
        "KALSHI-ACCESS-KEY": key.api_key_id,
        "KALSHI-ACCESS-TIMESTAMP": str(at_ms),
        "KALSHI-ACCESS-SIGNATURE": signature(key, f"{at_ms}GET{path}"),
    }


class PingedConnection(ClientConnection):
    """Remembers the bodies of pings and the kinds of frames."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.pings: list[bytes] = []
        self.opcodes: list[Opcode] = []

    def process_event(self, event: Any) -> None:
        if isinstance(event, Frame):
            self.opcodes.append(event.opcode)
            if event.opcode is Opcode.PING:
                self.pings.append(bytes(event.data))
        super().process_event(event)


@dataclass
class Line:
    """One connection to the socket, and the sandbox behind it."""

    socket: PingedConnection
    talk: Talk
    seen: list[dict[str, Any]] = field(default_factory=list)
    _ids: int = 0

    @property
    def stream(self) -> StreamService:
        return stream_of(self.talk)

    async def raw(self) -> str | bytes:
        """Return the next message as it is."""
        return await asyncio.wait_for(self.socket.recv(decode=False), WITHIN_S)

    async def next(self, *kinds: str) -> dict[str, Any]:
        """Return the next message of one of these kinds, or of any."""
        while True:
            message: dict[str, Any] = json.loads(await self.raw())
            self.seen.append(message)
            if not kinds or message["type"] in kinds:
                return message

    async def take(self, count: int, *kinds: str) -> list[dict[str, Any]]:
        """Return the next messages of these kinds."""
        return [await self.next(*kinds) for _ in range(count)]

    async def command(self, name: str, **params: Any) -> int:
        """Send a command; return its id."""
        self._ids += 1
        body = {"id": self._ids, "cmd": name, "params": params}
        await self.socket.send(json.dumps(body))
        return self._ids

    async def ask(self, name: str, **params: Any) -> dict[str, Any]:
        """Send a command and return its reply."""
        number = await self.command(name, **params)
        while True:
            message = await self.next()
            if message.get("id") == number:
                return message

    async def subscribe(self, channel: str, **params: Any) -> int:
        """Subscribe to a channel; return the sid."""
        reply = await self.ask("subscribe", channels=[channel], **params)
        assert reply["type"] == "subscribed", reply
        return cast(int, reply["msg"]["sid"])

    async def put_flood(self, **rates: float) -> None:
        """Send true states again and again."""
        answer = await self.talk.client.put("/_stream/flood", json=rates)
        assert answer.status_code == 200, answer.text

    async def closed(self) -> int | None:
        """Wait for the end; return the close code."""
        await asyncio.wait_for(self.socket.wait_closed(), WITHIN_S)
        return self.socket.close_code


def stream_of(talk: Talk) -> StreamService:
    """Return the socket's side of a sandbox."""
    vendor = talk.sandbox.vendors["kalshi"]
    assert isinstance(vendor, KalshiVendor)
    return vendor.stream


Dial = Callable[..., Any]


@pytest.fixture
async def dial() -> AsyncIterator[Dial]:
    """Connect to a served sandbox."""
    async with AsyncExitStack() as stack:

        async def make(talk: Talk, **options: Any) -> Line:
            key = talk.sandbox.keys.first("ed25519")
            assert key is not None
            headers = options.pop("headers", signed(key))
            url = str(talk.client.base_url).replace("http", "ws") + options.pop("path", PATH)
            settings: dict[str, Any] = {
                "additional_headers": headers,
                "compression": None,
                "max_size": None,
                "ping_interval": None,
                "max_queue": None,
                "close_timeout": 1,
                "create_connection": PingedConnection,
            }
            opened = await connect(url, **(settings | options))
            stack.push_async_callback(opened.close)
            return Line(cast(PingedConnection, opened), talk)

        yield make


Online = Callable[..., Any]


@pytest.fixture
async def online(serve: Serve, dial: Dial) -> Online:
    """Serve a sandbox and connect to it; its clock goes with the machine's."""

    async def make(**changes: Any) -> Line:
        fixed: dict[str, Any] = {"now_us": None, "speed": 1.0, "prices": "seeded"}
        talk = await serve(**(fixed | changes))
        line = await dial(talk)
        assert isinstance(line, Line)
        return line

    return make


async def advance(line: Line, seconds: float) -> None:
    """Move the sandbox's clock; what happened meanwhile is sent with the next round."""
    line.talk.sandbox.clock.advance(int(seconds * 1_000_000))


async def quiet(line: Line, *, within_s: float = 1.0) -> list[dict[str, Any]]:
    """Return everything that arrives until nothing more does."""
    found: list[dict[str, Any]] = []
    while True:
        try:
            found.append(json.loads(await asyncio.wait_for(line.socket.recv(), within_s)))
        except TimeoutError:
            return found


def tick(ticker: str, ts_ms: int, price: str, volume: str, **fields: str) -> dict[str, Any]:
    """Make a recorded ticker."""
    msg = {"market_ticker": ticker, "market_id": f"id-{ticker}", "ts_ms": ts_ms}
    sides = {"yes_bid_dollars": "0.4000", "yes_ask_dollars": "0.6000"}
    figures = {"price_dollars": price, "volume_fp": volume, "open_interest_fp": "7.00"}
    return {"type": "ticker", "sid": 1, "msg": msg | figures | sides | fields}


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Write recordings."""

    def make(rows: Iterable[dict[str, Any]], name: str = "frames.jsonl") -> Path:
        path = tmp_path / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    return make
