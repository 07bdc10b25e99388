"""Frames over a local socket until Redis has them: the product's own client, and all after it."""

from functools import partial

from bench.contest import Path
from bench.ticks.socket_contest import prepare_socket

TICKS_SOCKET = Path(
    *("ticks_socket", "frames/s", 3.5, 0.68),
    partial(prepare_socket, library="websockets", has_peer=True),
)
