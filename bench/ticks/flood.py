"""A Kalshi socket that sends all it has at once: `python -m bench.ticks.flood FRAMES PORT`.

Whoever subscribes to `ticker` gets the tape's frames as fast as it takes them, in writes of
16 kB. `?frames=N` in the path asks for fewer. It never waits for a closing handshake.
"""

import json
import struct
import sys
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from bench.ticks.tape import make_tape
from local.addresses import LOOPBACK

PATH = "/trade-api/ws/v2"
_WRITE = 16_384
_TEXT = 0x81  # a whole message
_GROUP = 1_000_000_000  # nobody asks for groups here


def to_wire(frames: list[bytes]) -> list[bytes]:
    """Return WebSocket messages one after the other, cut into writes."""
    stream = b"".join(_message(frame) for frame in frames)
    return [stream[at : at + _WRITE] for at in range(0, len(stream), _WRITE)]


def _message(frame: bytes) -> bytes:
    if len(frame) < 126:
        return struct.pack("!BB", _TEXT, len(frame)) + frame
    return struct.pack("!BBH", _TEXT, 126, len(frame)) + frame


class Flood:
    """The server's one page."""

    def __init__(self, frames: list[bytes]) -> None:
        """Prepare the whole of it."""
        self._frames = frames
        self._all = to_wire(frames)

    def serve_one(self, connection: ServerConnection) -> None:
        """Answer commands until the other side leaves."""
        try:
            for text in connection:
                self._obey(connection, json.loads(text))
        except (ConnectionClosed, OSError):
            connection.socket.close()

    def _obey(self, connection: ServerConnection, command: dict[str, object]) -> None:
        params = command["params"]
        channels = params.get("channels", []) if isinstance(params, dict) else []
        for sid, channel in enumerate(channels, start=int(str(command["id"]))):
            msg = {"channel": channel, "sid": sid}
            connection.send(json.dumps({"id": command["id"], "type": "subscribed", "msg": msg}))
        if "ticker" in channels:
            for chunk in self._asked(connection):
                connection.socket.sendall(chunk)

    def _asked(self, connection: ServerConnection) -> list[bytes]:
        query = parse_qs(urlsplit(connection.request.path).query) if connection.request else {}
        if "frames" not in query:
            return self._all
        return to_wire(self._frames[: int(query["frames"][0])])


def main(frames: int, port: int) -> None:
    """Serve until the process is stopped."""
    flood = Flood(make_tape(frames, group=_GROUP).frames)
    with serve(flood.serve_one, LOOPBACK, port, compression=None, ping_interval=None) as server:
        server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
