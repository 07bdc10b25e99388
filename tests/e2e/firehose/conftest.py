"""What the tests of the firehose's life share."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.firehose.stage import Stage

MakeStage = Callable[..., Stage]


@pytest.fixture
def is_full() -> bool:
    """Whether the long forms of the proofs run: `ALPHA_PROOF=full`."""
    return os.environ.get("ALPHA_PROOF") == "full"


@pytest.fixture
def make_stage() -> Iterator[MakeStage]:
    """Make a stage; everything on it ends with the test."""
    stages: list[Stage] = []
    with tempfile.TemporaryDirectory(prefix="alpha-e2e-", ignore_cleanup_errors=True) as folder:

        def make(clock_at: str = "") -> Stage:
            stages.append(Stage.build(Path(folder), clock_at=clock_at))
            return stages[-1]

        yield make
        for stage in stages:
            stage.stop()
