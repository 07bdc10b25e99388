"""Waits before a retry: random below a doubling ceiling, a `Retry-After` respected."""

from app.core.errors import (
    PayloadInvalid,
    SourceRateLimited,
    SourceRefused,
    SourceUnavailable,
)
from app.services.kalshi.backoff import RetryPolicy

DOWN = SourceUnavailable("kalshi", "down")


def waits(policy: RetryPolicy, retries: int) -> list[float]:
    hook = policy.hook()
    found = [hook(DOWN) for _ in range(retries)]
    assert not any(isinstance(wait, bool) for wait in found)
    return [float(wait) for wait in found]


def test_full_jitter_below_a_doubling_ceiling() -> None:
    policy = RetryPolicy(first_s=0.5, longest_s=4)
    rounds = [waits(policy, 6) for _ in range(300)]
    for retry, ceiling in enumerate([0.5, 1, 2, 4, 4, 4]):
        seen = [found[retry] for found in rounds]
        assert 0 <= min(seen) < 0.1 * ceiling  # full jitter reaches down to nothing
        assert 0.9 * ceiling < max(seen) <= ceiling


def test_calls_do_not_share_their_count() -> None:
    policy = RetryPolicy(first_s=0.001, longest_s=100)
    waits(policy, 12)
    assert waits(policy, 1)[0] <= 0.001


def test_refusals_and_broken_contracts_are_not_repeated() -> None:
    hook = RetryPolicy().hook()
    assert hook(SourceRefused("kalshi", "no", status=400)) is False
    assert hook(PayloadInvalid("kalshi", "odd")) is False
    assert hook(ValueError()) is False


def test_retry_after_is_a_floor_up_to_our_patience() -> None:
    hook = RetryPolicy(first_s=0.5, patience_s=60).hook()
    wait = hook(SourceRateLimited("kalshi", "slow down", retry_after_s=7))
    assert 7 <= wait <= 7.5
    wait = hook(SourceRateLimited("kalshi", "slow down", retry_after_s=86_400))
    assert 60 <= wait <= 61
    assert 0 <= hook(SourceRateLimited("kalshi", "slow down")) <= 2
