"""The catalogue again, with one market in twenty and its quote changed."""

from functools import partial

from bench.contest import Path
from bench.sync.resync import prepare_resync

SYNC_FIVE_PERCENT = Path(
    "sync_five_percent", "markets/s", 5, None, partial(prepare_resync, is_changing=True)
)
