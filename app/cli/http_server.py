"""uvicorn, taught to end answers that do not end by themselves."""

import socket

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.api.stream.hub import ABORT


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

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        """Prepare; `app` is what `config` serves."""
        super().__init__(config)
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say good-bye to clients of streams, then wait for all other answers."""
        self._app.state.web.streams.end_all()
        await super().shutdown(sockets)
