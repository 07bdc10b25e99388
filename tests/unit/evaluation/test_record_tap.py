"""Listening at a socket changes nothing of what its reader gets."""

from collections.abc import Mapping, Sequence

from app.services.kalshi.stream.source import RawFrame
from evaluation.record.tap import TappedSource


class Line:
    """A connection that has two messages for its reader."""

    heard, binary_frames = 7, 1

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.ends: list[str] = []

    async def receive(self) -> list[RawFrame]:
        return [b"one", memoryview(b"two")]

    async def send(self, text: str) -> None:
        self.sent.append(text)

    async def ping(self) -> None:
        self.sent.append("ping")

    def abort(self) -> None:
        self.ends.append("abort")

    async def close(self) -> None:
        self.ends.append("close")


class Library:
    """A WebSocket library whose line is always the same."""

    def __init__(self) -> None:
        self.line = Line()

    async def connect(self, url: str, headers: Mapping[str, str]) -> Line:
        assert (url, headers) == ("ws://x", {"KALSHI-ACCESS-KEY": "k"})
        return self.line


async def test_messages_are_shown_and_handed_on() -> None:
    shown: list[Sequence[RawFrame]] = []
    library = Library()
    connection = await TappedSource(library, shown.append).connect(
        "ws://x", {"KALSHI-ACCESS-KEY": "k"}
    )
    received = await connection.receive()
    assert [bytes(frame) for frame in received] == [b"one", b"two"]
    assert [[bytes(frame) for frame in frames] for frames in shown] == [[b"one", b"two"]]
    assert (connection.heard, connection.binary_frames) == (7, 1)


async def test_what_is_sent_is_not_shown() -> None:
    shown: list[Sequence[RawFrame]] = []
    library = Library()
    connection = await TappedSource(library, shown.append).connect(
        "ws://x", {"KALSHI-ACCESS-KEY": "k"}
    )
    await connection.send("subscribe")
    await connection.ping()
    connection.abort()
    await connection.close()
    assert library.line.sent == ["subscribe", "ping"]
    assert library.line.ends == ["abort", "close"]
    assert shown == []
