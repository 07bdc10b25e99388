"""Worlds to look at."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from sandbox.world.eastern import to_us
from sandbox.world.world import World

NOON_US = to_us(datetime(2026, 11, 22, 12, tzinfo=UTC))

MakeWorld = Callable[..., World]


@pytest.fixture(scope="session")
def noon_us() -> int:
    """2026-11-22 12:00 UTC in microseconds."""
    return NOON_US


@pytest.fixture(scope="session")
def make_world() -> MakeWorld:
    """Build a world at noon of 2026-11-22 unless told otherwise."""

    def make(events: int = 60, *, seed: int = 7, now_us: int = NOON_US) -> World:
        return World(seed, events, now_us)

    return make


@pytest.fixture(scope="session")
def world(make_world: MakeWorld) -> World:
    """A world of 300 events; tests must not move it."""
    return make_world(300)
