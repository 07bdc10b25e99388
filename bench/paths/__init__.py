"""Every path, one file each, in the order they run."""

from collections.abc import Sequence

from bench.contest import BenchError, Path
from bench.paths.candle_flush import CANDLE_FLUSH
from bench.paths.candles_latest import CANDLES_LATEST
from bench.paths.fan_out import FAN_OUT
from bench.paths.holders_of_market import HOLDERS_OF_MARKET
from bench.paths.list_304 import LIST_304
from bench.paths.list_cached import LIST_CACHED
from bench.paths.list_uncached import LIST_UNCACHED
from bench.paths.push_send import PUSH_SEND
from bench.paths.sync_first_load import SYNC_FIRST_LOAD
from bench.paths.sync_five_percent import SYNC_FIVE_PERCENT
from bench.paths.sync_unchanged import SYNC_UNCHANGED
from bench.paths.ticks_cadence import TICKS_CADENCE
from bench.paths.ticks_in_process import TICKS_IN_PROCESS
from bench.paths.ticks_socket import TICKS_SOCKET
from bench.paths.ticks_socket_picows import TICKS_SOCKET_PICOWS

PATHS = (
    SYNC_FIRST_LOAD,
    SYNC_UNCHANGED,
    SYNC_FIVE_PERCENT,
    CANDLE_FLUSH,
    LIST_UNCACHED,
    LIST_CACHED,
    LIST_304,
    CANDLES_LATEST,
    TICKS_IN_PROCESS,
    TICKS_SOCKET,
    TICKS_SOCKET_PICOWS,
    TICKS_CADENCE,
    HOLDERS_OF_MARKET,
    FAN_OUT,
    PUSH_SEND,
)


def choose_paths(words: Sequence[str]) -> list[Path]:
    """Return the paths named, each by its name or the start of it (`sync`); none is all.

    Raises:
        BenchError: a word fits no path.
    """
    for word in words:
        if not any(path.name.startswith(word) for path in PATHS):
            raise BenchError(f"There is no path {word!r}: choose of {_names()}.")
    return [p for p in PATHS if not words or any(p.name.startswith(word) for word in words)]


def _names() -> str:
    return ", ".join(path.name for path in PATHS)
