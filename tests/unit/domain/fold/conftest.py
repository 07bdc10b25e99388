"""Ticks for tests of the fold."""

from collections.abc import Callable

import pytest

from tests.naive_fold import PlainTick

T0_MS = 1_786_312_800_000  # a full minute in August 2026


@pytest.fixture(scope="session")
def tick() -> Callable[..., PlainTick]:
    """Make a tick of market M, `at_s` seconds after a full minute."""

    def make(at_s: float = 0, *, market: str = "M", **fields: str) -> PlainTick:
        return PlainTick(market, T0_MS + round(at_s * 1000), **fields)

    return make
