"""Frames that wait: bounded, whole, and none lost at the end."""

import asyncio

import pytest

from app.services.kalshi.stream.inbox import Inbox
from app.services.kalshi.stream.source import ConnectionLost, SocketLimits

LIMITS = SocketLimits(frame_bytes=10, pause_bytes=250, waiting_bytes=400)  # 100 and more each


class Tap:
    """Remembers whether the socket is read."""

    def __init__(self) -> None:
        self.turns: list[str] = []

    def pause(self) -> None:
        self.turns.append("pause")

    def resume(self) -> None:
        self.turns.append("resume")


@pytest.fixture
def tap() -> Tap:
    return Tap()


@pytest.fixture
def inbox(tap: Tap) -> Inbox:
    return Inbox(LIMITS, pause=tap.pause, resume=tap.resume)


async def test_all_that_waits_is_taken_at_once(inbox: Inbox) -> None:
    assert inbox.put(b"a")
    assert inbox.put(b"b")
    assert await inbox.take() == [b"a", b"b"]


async def test_taking_waits_for_the_first(inbox: Inbox) -> None:
    taking = asyncio.create_task(inbox.take())
    await asyncio.sleep(0)
    assert not taking.done()
    inbox.put(b"a")
    inbox.put(b"b")
    assert await taking == [b"a", b"b"]


async def test_too_much_is_kept_and_the_last(inbox: Inbox, tap: Tap) -> None:
    frames = [b"x"] * 4
    assert [inbox.put(frame) for frame in frames] == [True, True, True, False]
    assert tap.turns == ["pause"]
    assert await inbox.take() == frames
    with pytest.raises(ConnectionLost, match="more frames wait"):
        await inbox.take()


async def test_reading_goes_on_when_there_is_room(inbox: Inbox, tap: Tap) -> None:
    for _ in range(2):
        for _ in range(3):
            assert inbox.put(b"x")
        await inbox.take()
    assert tap.turns == ["pause", "resume"] * 2


async def test_what_arrived_before_the_end_is_taken_first(inbox: Inbox) -> None:
    inbox.put(b"a")
    inbox.end(ConnectionLost("first"))
    inbox.end(ConnectionLost("second"))
    assert await inbox.take() == [b"a"]
    with pytest.raises(ConnectionLost, match="first"):
        await inbox.take()


async def test_end_wakes_who_waits(inbox: Inbox) -> None:
    taking = asyncio.create_task(inbox.take())
    await asyncio.sleep(0)
    inbox.end(ConnectionLost("gone"))
    with pytest.raises(ConnectionLost):
        await taking


async def test_cancelled_taking_loses_nothing(inbox: Inbox) -> None:
    taking = asyncio.create_task(inbox.take())
    await asyncio.sleep(0)
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    inbox.put(b"a")
    assert await inbox.take() == [b"a"]


async def test_fragments_make_one_message(inbox: Inbox) -> None:
    inbox.put_part(b"ab", is_first=True, is_binary=False, is_last=False)
    inbox.put_part(b"", is_first=False, is_binary=False, is_last=False)
    inbox.put_part(b"cd", is_first=False, is_binary=False, is_last=True)
    assert await inbox.take() == [b"abcd"]


async def test_binary_messages_are_counted_only(inbox: Inbox) -> None:
    inbox.put_part(b"ab", is_first=True, is_binary=True, is_last=True)
    inbox.put(b"c")
    assert (await inbox.take(), inbox.binary_frames) == ([b"c"], 1)


async def test_fragments_have_a_limit_together(inbox: Inbox) -> None:
    part = {"is_binary": False, "is_last": False}
    assert inbox.put_part(b"x" * 6, is_first=True, **part)
    assert not inbox.put_part(b"x" * 6, is_first=False, **part)
    with pytest.raises(ConnectionLost) as lost:
        await inbox.take()
    assert lost.value.is_oversize
