"""A WebSocket library with somebody listening at its frames."""

from collections.abc import Callable, Mapping, Sequence

from app.services.kalshi.stream.source import FrameConnection, FrameSource, RawFrame

FramesListener = Callable[[Sequence[RawFrame]], None]


class TappedSource:
    """A `FrameSource` that shows every message before the stream decodes it."""

    def __init__(self, source: FrameSource, heard: FramesListener) -> None:
        """Listen at `source`."""
        self._source = source
        self._heard = heard

    async def connect(self, url: str, headers: Mapping[str, str]) -> FrameConnection:
        """See `FrameSource.connect`; the headers carry our signature and are not shown."""
        return _TappedConnection(await self._source.connect(url, headers), self._heard)


class _TappedConnection:
    """One connection; what we send on it is not shown."""

    def __init__(self, connection: FrameConnection, heard: FramesListener) -> None:
        self._connection = connection
        self._heard = heard

    @property
    def heard(self) -> int:
        return self._connection.heard

    @property
    def binary_frames(self) -> int:
        return self._connection.binary_frames

    async def receive(self) -> list[RawFrame]:
        frames = await self._connection.receive()
        self._heard(frames)
        return frames

    async def send(self, text: str) -> None:
        await self._connection.send(text)

    async def ping(self) -> None:
        await self._connection.ping()

    def abort(self) -> None:
        self._connection.abort()

    async def close(self) -> None:
        await self._connection.close()
