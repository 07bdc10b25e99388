"""The sandbox's Firebase as a server, `NAME PORT`, in a world that stands still."""

import sys

from sandbox.app import SEEDED, Options, build_sandbox
from sandbox.server import run_server

_FEWEST_EVENTS = 10


def main() -> None:
    """Serve on 127.0.0.1 until stopped."""
    sandbox = build_sandbox(Options(events=_FEWEST_EVENTS, speed=0.0, prices=SEEDED))
    run_server(sandbox.app, "127.0.0.1", int(sys.argv[2]), None)


if __name__ == "__main__":
    main()
