"""Waits between restarts."""

from local.backoff import Backoff


def test_doubles_up_to_five_seconds() -> None:
    backoff = Backoff()
    assert [backoff.delay_s(0.1) for _ in range(7)] == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


def test_starts_again_after_thirty_seconds_up() -> None:
    backoff = Backoff()
    waits = [backoff.delay_s(up_s) for up_s in (1, 29.9, 30, 1)]
    assert waits == [0.2, 0.4, 0.2, 0.4]
