"""`python -m sandbox`: starts the sandbox from the command line."""

from __future__ import annotations

import argparse
import gc
import sys
from datetime import datetime
from pathlib import Path

from sandbox.app import BOOK, SEEDED, Options, build_sandbox
from sandbox.people import CrowdPlan
from sandbox.recordings import ManifestError
from sandbox.refusal import OptionError
from sandbox.server import run_server
from sandbox.shocks import Schedule
from sandbox.vendors.kalshi.limits import READ
from sandbox.vendors.kalshi.stream.recorded_frames import BY_RECEIVED, BY_REPLAY, FramesError
from sandbox.world.eastern import to_us

_RATE_TOP = 1_000


def _moment(text: str) -> int:
    """Read an ISO time; without an offset it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not an ISO time: {text!r}") from None
    if moment.tzinfo is None:
        moment = datetime.fromisoformat(f"{text}+00:00")
    return to_us(moment)


def _positive(text: str) -> float:
    """Read a finite number above 0."""
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"not a positive number: {text!r}")
    return value


def _rate(text: str) -> float:
    """Read a finite number from 0 to 1,000."""
    value = float(text)
    if not 0 <= value <= _RATE_TOP:
        raise argparse.ArgumentTypeError(f"not a rate from 0 to {_RATE_TOP}: {text!r}")
    return value


def _count(text: str) -> int:
    """Read a whole number from 0 on."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"not a whole number: {text!r}")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox", description="A small seeded world behind real wire formats."
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1")
    add("--port", type=int, default=0, help="0 takes a free one (default)")
    add("--port-file", type=Path, help="written once it listens, removed at the end")
    add("--events", type=int, default=40, help="about how many events exist (10 to 10,000)")
    add("--seed", type=int, default=7)
    add("--speed", type=float, default=1.0, help="virtual seconds per second, 0 stands still")
    add("--now", type=_moment, help="ISO time the clock starts at (default: the system's)")
    add("--key-dir", type=Path, help="keeps issued API keys between runs")
    add("--recordings", type=Path, help="folder with manifest.json: serve it instead of the world")
    add("--skew", type=float, default=30.0, help="seconds a signature's clock may be off")
    add("--read-rate", type=float, default=READ[0], help="tokens a second per key")
    add("--read-capacity", type=float, default=READ[1], help="tokens a bucket holds")
    add("--pace", type=_positive, default=1.0, help="how much busier than usual since this hour")
    add("--prices", choices=(BOOK, SEEDED), default=BOOK, help="seeded: for thousands of events")
    add("--frames", type=Path, action="append", default=[], help="replay recorded socket frames")
    add("--frames-by", choices=(BY_RECEIVED, BY_REPLAY), default=BY_RECEIVED)
    add("--frames-speed", type=float, default=1.0, help="0: as fast as the client reads")
    add("--frames-copies", type=int, default=1, help="each market this many times")
    add("--people", type=_count, default=25, help="how many people have the app")
    add("--holders-of", metavar="TICKER", help="everybody holds this market too, or 'busiest'")
    add("--first-shock", type=_positive, metavar="S", help="one private shock after S seconds")
    add("--shocks-per-hour", type=_rate, default=0.0, help="private shocks of a night of 12 hours")
    add("--noise-per-hour", type=_rate, default=0.0, help="disturbances without news in that time")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the sandbox; return the exit code."""
    given = _parser().parse_args(arguments)
    options = Options(
        events=given.events,
        seed=given.seed,
        speed=given.speed,
        now_us=given.now,
        key_dir=given.key_dir,
        recordings=given.recordings,
        tolerance_s=given.skew,
        read_rate=given.read_rate,
        read_capacity=given.read_capacity,
        prices=given.prices,
        pace=given.pace,
        frames=tuple(given.frames),
        frames_by=given.frames_by,
        frames_speed=given.frames_speed,
        frames_copies=given.frames_copies,
        crowd=CrowdPlan(given.people, given.holders_of),
        schedule=Schedule(given.first_shock, given.shocks_per_hour, given.noise_per_hour),
    )
    gc.disable()  # nothing to collect while the world is built
    try:
        sandbox = build_sandbox(options)
    except (ManifestError, FramesError, OptionError) as error:
        sys.stderr.write(f"sandbox: {error}\n")
        return 2
    finally:
        gc.enable()
    run_server(sandbox.app, given.host, given.port, given.port_file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
