"""Paths are chosen by name or by its start."""

import pytest

from bench.contest import BenchError
from bench.paths import PATHS, choose_paths


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ([], [path.name for path in PATHS]),
        (["sync_unchanged"], ["sync_unchanged"]),
        (["list_c", "sync_f"], ["sync_first_load", "sync_five_percent", "list_cached"]),
    ],
    ids=["all", "one", "by-start-in-our-order"],
)
def test_chosen_paths(words: list[str], names: list[str]) -> None:
    assert [path.name for path in choose_paths(words)] == names


def test_an_unknown_word_names_those_there_are() -> None:
    with pytest.raises(BenchError, match="sync_unchanged"):
        choose_paths(["sync", "nothing"])


def test_targets_are_those_that_were_promised() -> None:
    targets = {path.name: (path.target_over_peer, path.target_over_limit) for path in PATHS}
    assert targets == {
        "sync_first_load": (20, 0.75),
        "sync_unchanged": (20, None),
        "sync_five_percent": (5, None),
        "candle_flush": (1.8, None),
        "list_uncached": (9, 0.60),
        "list_cached": (None, 0.80),
        "list_304": (None, 0.80),
        "ticks_in_process": (60, 0.60),
        "ticks_socket": (3.5, 0.68),
        "ticks_socket_picows": (None, 1.3),
        "ticks_cadence": (None, None),
        "candles_latest": (None, 0.5),
        "holders_of_market": (None, None),
        "fan_out": (45, None),
        "push_send": (7, None),
    }
