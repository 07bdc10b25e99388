"""uvicorn, taught to end answers that do not end by themselves."""

import socket

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.api.stream.hub import ABORT, STREAMS, Hub


class Protocol(HttpToolsProtocol):
    """Lets an application drop a connection whose client does not read.

    Closing one waits until the client has taken what was written, which may be never.
    """

    def on_headers_complete(self) -> None:
        """Add the extension to the scope; what it does is `Transport.abort`."""
        self.scope["extensions"] = {ABORT: self.transport.abort}  # type: ignore[dict-item]
        super().on_headers_complete()


class Server(uvicorn.Server):
    """Serves an application until told to stop, streams included."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say good-bye to clients of streams, then wait for all other answers."""
        hub: Hub = self.lifespan.state[STREAMS]
        hub.end_all()
        await super().shutdown(sockets)
