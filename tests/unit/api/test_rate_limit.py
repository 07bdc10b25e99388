"""How often one address may ask."""

from datetime import UTC, datetime

import pytest

from app.api.rate_limit import RateLimiter, client_key
from app.core.clock import VirtualClock


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(datetime(2026, 11, 22, tzinfo=UTC))


async def test_a_burst_then_evenly(clock: VirtualClock) -> None:
    limiter = RateLimiter(clock, per_minute=60)

    assert [limiter.take("a") for _ in range(60)] == [0] * 60
    assert limiter.take("a") == 1
    await clock.sleep(1)
    assert limiter.take("a") == 0
    assert limiter.take("a") == 1
    assert limiter.take("b") == 0, "others are not concerned"


async def test_no_window_lets_two_bursts_through(clock: VirtualClock) -> None:
    limiter = RateLimiter(clock, per_minute=60)
    await clock.sleep(59)
    granted = sum(limiter.take("a") == 0 for _ in range(100))
    await clock.sleep(2)

    assert granted + sum(limiter.take("a") == 0 for _ in range(100)) == 62


async def test_waiting_as_told_is_enough(clock: VirtualClock) -> None:
    limiter = RateLimiter(clock, per_minute=7)
    while not (wait := limiter.take("a")):
        pass

    await clock.sleep(wait)

    assert limiter.take("a") == 0


async def test_addresses_are_forgotten(clock: VirtualClock) -> None:
    limiter = RateLimiter(clock, per_minute=60)
    for n in range(10_000):
        limiter.take(f"address {n}")
    await clock.sleep(60)

    limiter.take("one more")

    assert len(limiter._full_at) == 1


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        pytest.param("203.0.113.7", "203.0.113.8", False, id="two IPv4 addresses"),
        pytest.param("2001:db8::1", "2001:db8::ffff", True, id="one IPv6 network"),
        pytest.param("2001:db8::1", "2001:db8:0:1::1", False, id="two IPv6 networks"),
        pytest.param("::1", "not:an:address", False, id="nonsense"),
    ],
)
def test_whom_to_count(one: str, other: str, is_same: bool) -> None:
    assert (client_key(one) == client_key(other)) is is_same
