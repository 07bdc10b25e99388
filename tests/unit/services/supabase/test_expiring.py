"""A memory whose entries end, and which has a bound."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core.clock import VirtualClock
from app.services.supabase.expiring import Expiring


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(datetime(2026, 11, 22, tzinfo=UTC))


def test_entries_end(clock: VirtualClock) -> None:
    memory: Expiring[str, int] = Expiring(clock, 10)
    memory.put("a", 1, for_s=60)

    clock.advance(timedelta(seconds=59.9))
    assert memory.get("a") == 1
    clock.advance(timedelta(seconds=0.1))
    assert memory.get("a") is None
    assert len(memory) == 0


def test_a_full_memory_forgets_what_was_put_first(clock: VirtualClock) -> None:
    memory: Expiring[int, int] = Expiring(clock, 3)
    for number in (1, 2, 3, 1, 4):
        memory.put(number, number, for_s=60)

    assert [memory.get(number) for number in (1, 2, 3, 4)] == [1, None, 3, 4]


def test_it_never_outgrows_its_bound(clock: VirtualClock) -> None:
    memory: Expiring[int, bool] = Expiring(clock, 100)
    for number in range(10_000):
        memory.put(number, True, for_s=60)
        assert len(memory) <= 100


def test_putting_again_prolongs(clock: VirtualClock) -> None:
    memory: Expiring[str, int] = Expiring(clock, 3)
    memory.put("a", 1, for_s=60)
    clock.advance(timedelta(seconds=40))
    memory.put("a", 2, for_s=60)

    clock.advance(timedelta(seconds=40))
    assert memory.get("a") == 2
