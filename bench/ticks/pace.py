"""Kalshi at its real cadence: `python -m bench.ticks.pace MARKETS PORT`.

Every market sends one frame a second, all of them evenly over the second, to whoever
subscribes to `ticker`. Requests get empty listings: there is nothing that anybody missed.
"""

import asyncio
import json
import random
import sys
import time
from http import HTTPStatus

from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from bench.catalogue import make_pages
from bench.ticks.flood import PATH
from bench.ticks.tape import Market, open_market, step, to_frame
from local.addresses import LOOPBACK

_STEPS = 100  # a second
_NOTHING = {
    "exchange_active": True,
    "trading_active": True,
    "cursor": "",
    **{name: [] for name in ("series", "events", "markets", "trades")},
}


class Pace:
    """The server, its markets, and who listens."""

    def __init__(self, ext_ids: list[str]) -> None:
        """Begin with nobody."""
        self._dice = random.Random(20261122)
        self._markets = [open_market(self._dice, ext_id) for ext_id in ext_ids]
        self._listeners: set[ServerConnection] = set()

    def answer(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer a request that is no handshake."""
        if request.path.startswith(PATH):
            return None
        body = json.dumps(_NOTHING).encode()
        headers = Headers({"Content-Type": "application/json", "Content-Length": str(len(body))})
        return Response(HTTPStatus.OK.value, HTTPStatus.OK.phrase, headers, body)

    async def serve_one(self, connection: ServerConnection) -> None:
        """Answer commands until the other side leaves."""
        try:
            async for text in connection:
                await self._obey(connection, json.loads(text))
        except ConnectionClosed:
            pass
        finally:
            self._listeners.discard(connection)

    async def _obey(self, connection: ServerConnection, command: dict[str, object]) -> None:
        params = command["params"]
        channels = params.get("channels", []) if isinstance(params, dict) else []
        for sid, channel in enumerate(channels, start=int(str(command["id"]))):
            msg = {"channel": channel, "sid": sid}
            reply = {"id": command["id"], "type": "subscribed", "msg": msg}
            await connection.send(json.dumps(reply))
        if "ticker" in channels:
            self._listeners.add(connection)

    async def run(self) -> None:
        """Send for ever; a step that comes late is made up for."""
        began_s, at = time.monotonic(), 0
        while True:
            for market in self._markets[at % _STEPS :: _STEPS]:
                broadcast(self._listeners, self._next_frame(market))
            at += 1
            await asyncio.sleep(max(began_s + at / _STEPS - time.monotonic(), 0))

    def _next_frame(self, market: Market) -> str:
        market.ts_ms = time.time_ns() // 1_000_000
        step(self._dice, market)
        return to_frame(market).decode()


async def main(markets: int, port: int) -> None:
    """Serve until the process is stopped."""
    pace = Pace([market.ext_id for page in make_pages(markets) for market in page.markets])
    async with serve(
        *(pace.serve_one, LOOPBACK, port),
        process_request=pace.answer,
        compression=None,
        ping_interval=10,
    ):
        await pace.run()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
