"""The same catalogue again: nothing to write, and nothing written."""

from functools import partial

from bench.contest import Path
from bench.sync.resync import prepare_resync

SYNC_UNCHANGED = Path(
    "sync_unchanged", "markets/s", 20, None, partial(prepare_resync, is_changing=False)
)
