"""The cache of answers: one build for many, gone after a second, bounded."""

import asyncio
from datetime import UTC, datetime

import pytest

from app.api.page_cache import PageCache
from app.core.clock import VirtualClock


class Builder:
    """Counts its builds, and holds them until told."""

    def __init__(self) -> None:
        self.builds = 0
        self.gate = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self) -> bytes:
        self.builds += 1
        await self.gate.wait()
        if self.error:
            raise self.error
        return b"page %d" % self.builds


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(datetime(2026, 11, 22, tzinfo=UTC))


@pytest.fixture
def pages(clock: VirtualClock) -> PageCache:
    return PageCache(clock)


async def test_many_who_ask_at_once_share_one_build(pages: PageCache) -> None:
    build = Builder()
    asking = [asyncio.create_task(pages.get("key", build)) for _ in range(20)]
    await asyncio.sleep(0)
    build.gate.set()

    answers = await asyncio.gather(*asking)

    assert build.builds == 1
    assert {answer.body for answer in answers} == {b"page 1"}


async def test_an_answer_is_given_again_for_a_second(pages: PageCache, clock: VirtualClock) -> None:
    build = Builder()
    build.gate.set()

    assert (await pages.get("key", build)).body == b"page 1"
    await clock.sleep(0.99)
    assert (await pages.get("key", build)).body == b"page 1"
    assert (found := pages.find("key")) is not None
    assert found.body == b"page 1"
    await clock.sleep(0.02)
    assert pages.find("key") is None
    assert (await pages.get("key", build)).body == b"page 2"


async def test_the_first_to_ask_may_go_away(pages: PageCache) -> None:
    build = Builder()
    first = asyncio.create_task(pages.get("key", build))
    second = asyncio.create_task(pages.get("key", build))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    build.gate.set()

    assert (await second).body == b"page 1"
    assert first.cancelled()


async def test_an_error_reaches_all_who_wait_and_is_not_kept(pages: PageCache) -> None:
    build = Builder()
    build.error = OSError("away")
    asking = [asyncio.create_task(pages.get("key", build)) for _ in range(3)]
    await asyncio.sleep(0)
    build.gate.set()

    results = await asyncio.gather(*asking, return_exceptions=True)

    assert [type(result) for result in results] == [OSError] * 3
    build.error = None
    assert (await pages.get("key", build)).body == b"page 2"


async def test_an_error_nobody_waits_for_is_silent(pages: PageCache) -> None:
    build = Builder()
    build.error = OSError("away")
    asking = asyncio.create_task(pages.get("key", build))
    await asyncio.sleep(0)
    asking.cancel()
    build.gate.set()
    for _ in range(3):
        await asyncio.sleep(0)

    assert asking.cancelled()


@pytest.mark.parametrize(
    ("bounds", "kept"),
    [
        pytest.param({"max_answers": 3}, {7, 8, 9}, id="by number"),
        pytest.param({"max_bytes": 25}, {8, 9}, id="by size"),
        pytest.param({"max_bytes": 5}, set(), id="larger than all there is"),
    ],
)
def test_bounds(clock: VirtualClock, bounds: dict[str, int], kept: set[int]) -> None:
    pages = PageCache(clock, **bounds)

    for n in range(10):
        pages.keep(n, pages.new(b"0123456789"))

    assert {n for n in range(10) if pages.find(n)} == kept


def test_keeping_a_key_again_does_not_count_twice(clock: VirtualClock) -> None:
    pages = PageCache(clock, max_bytes=25)

    for _ in range(10):
        pages.keep("key", pages.new(b"0123456789"))
    pages.keep("other", pages.new(b"0123456789"))

    assert pages.find("key")
    assert pages.find("other")
