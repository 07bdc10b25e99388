"""The same frames by the optional faster library, still against the default one's receiving."""

from functools import partial

from bench.contest import Path
from bench.ticks.socket_contest import prepare_socket

TICKS_SOCKET_PICOWS = Path(
    *("ticks_socket_picows", "frames/s", None, 1.3),
    partial(prepare_socket, library="picows", has_peer=False),
)
