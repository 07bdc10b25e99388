"""Runs the sandbox on a real socket and says where it listens."""

from __future__ import annotations

import gc
import os
import signal
import socket
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sandbox.faults.responses import ABORT, CLOSE

_GRACE_S = 1


class FaultyProtocol(HttpToolsProtocol):
    """Lets a response drop or close its own connection, and vendors speak WebSocket their way."""

    def on_message_begin(self) -> None:
        """Offer both as extensions of the request."""
        super().on_message_begin()
        actions = {ABORT: self.transport.abort, CLOSE: self.transport.close}
        self.scope["extensions"] = actions  # type: ignore[typeddict-item]

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection to the vendor of its path, the handshake included."""
        path = self.url.split(b"?", 1)[0].decode("ascii")
        connect = self.config.app.state.sockets.get(path)  # type: ignore[union-attr]
        if connect is None:
            self.send_400_response("No WebSocket here.")
            return
        lines = [b"%b %b HTTP/1.1" % (self.scope["method"].encode(), self.url)]
        lines += [b"%b: %b" % header for header in self.scope["headers"]]
        self.connections.discard(self)
        protocol = connect(self.server_state)
        protocol.connection_made(self.transport)
        protocol.data_received(b"\r\n".join(lines) + b"\r\n\r\n")
        self.transport.set_protocol(protocol)


class _Server(uvicorn.Server):
    """Writes the port once it listens."""

    def __init__(self, config: uvicorn.Config, port_file: Path | None) -> None:
        super().__init__(config)
        self._port_file = port_file

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self._port_file is not None and self.started:
            write_port(self._port_file, self.servers[0].sockets[0].getsockname()[1])


def write_port(path: Path, port: int) -> None:
    """Write the port so that a reader sees all of it or no file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(f"{port}\n")
    draft.replace(path)


def server_config(app: Starlette, host: str, port: int) -> uvicorn.Config:
    """Return how the sandbox is served: quietly, with its own dates."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=FaultyProtocol,
        log_level="warning",
        access_log=False,
        date_header=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=_GRACE_S,
    )


def run_server(app: Starlette, host: str, port: int, port_file: Path | None) -> None:
    """Serve until SIGTERM or SIGINT, then return."""
    for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn repeats the signal after its own end
        signal.signal(number, lambda *_: None)
    gc.collect()
    gc.freeze()  # the world lives as long as the process
    server = _Server(server_config(app, host, port), port_file)
    try:
        server.run()
    finally:
        if port_file is not None:
            port_file.unlink(missing_ok=True)
