"""The answer that does not end; pure ASGI, because thousands are open at a time."""

from collections.abc import Sequence
from uuid import UUID

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.api.stream.entry_ids import EntryId
from app.api.stream.hub import Hub


class EventStream(Response):
    """Server-Sent Events: the prices of chosen markets."""

    media_type = "text/event-stream"

    def __init__(self, hub: Hub, ids: Sequence[UUID], seen: EntryId | None) -> None:
        """Prepare; errors are raised when it is sent, before its first byte."""
        self.background = None
        self.status_code = 200
        self.body = b""
        self.raw_headers = []
        self._hub = hub
        self._ids = ids
        self._seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until somebody leaves."""
        await self._hub.serve(self._ids, self._seen, scope, receive, send)
