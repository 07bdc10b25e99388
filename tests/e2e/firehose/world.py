"""A firehose over the sandbox's living world: faults, and what has arrived of what was sent."""

import time
from dataclasses import dataclass
from typing import Any

from tests.e2e.firehose.stage import Stage, wait_until

WORLD = ("--events", "20", "--seed", "5", "--pace", "20")
FLOOD = 200  # tickers a second; announcements a tenth of that


def begin_world(stage: Stage, *, flood: int = FLOOD, flags: tuple[str, ...] = ()) -> None:
    """Fill the catalogue of a small world and stream it until prices are live."""
    stage.sandbox(*WORLD, *flags)
    stage.run("sync", "kalshi")
    set_flood(stage, flood)
    stage.alpha("first", "stream")
    wait_until(lambda: stage.feed_state() == "live", 60, "the feed is live")


def set_flood(stage: Stage, tickers_per_s: float) -> None:
    """Have frames sent beside those of the world; 0 = none."""
    rates = {"tickers_per_second": tickers_per_s, "lifecycle_per_second": tickers_per_s / 10}
    stage.control("/_stream/flood", "PUT", rates)


def set_faults(stage: Stage, **knobs: object) -> None:
    """Turn on these faults of the exchange and no others."""
    stage.control("/_faults", "PUT", {"kalshi": knobs})


def end_faults(stage: Stage) -> None:
    stage.control("/_faults", "DELETE")


def connections(stage: Stage) -> int:
    """Return how many sockets were ever opened."""
    return int(stage.control("/_stream/stats")["connections"]["opened"])


def faults_done(stage: Stage, name: str) -> int:
    return int(stage.control("/_stream/stats")["faults"].get(name, 0))


def sent_number(stage: Stage) -> int:
    """Return the number of the newest message that was sent."""
    return int(stage.control("/_stream/sent?limit=1")["newest"])


@dataclass(frozen=True, slots=True)
class Fresh:
    """A frame that was sent after a moment and is in Redis."""

    ticker: str
    ts_ms: int


def find_fresh(stage: Stage, after: int) -> Fresh | None:
    """Find a frame with a number above `after` whose very time is a market's in Redis."""
    rows: list[list[Any]] = stage.control(f"/_stream/sent?after={after}&limit=50000")["tickers"]
    newest = {row[2]: row[3] for row in rows if not row[-1]}
    with stage.redis() as client:
        pipe = client.pipeline(transaction=False)
        for ticker in newest:
            pipe.hget(f"market:{ticker}", "ts_ms")
        stored = dict(zip(newest, pipe.execute(), strict=True))
    times = {(row[2], row[3]) for row in rows if not row[-1]}
    for ticker, text in stored.items():
        if text and (ticker, int(text)) in times:
            return Fresh(ticker, int(text))
    return None


def break_line(stage: Stage, fault: str, within_s: float) -> float:
    """Hit the connection with a fault; return the seconds until a later frame is in Redis."""
    done = faults_done(stage, fault)
    begun = time.monotonic()
    set_faults(stage, **{fault: {"count": 1}})
    wait_until(lambda: faults_done(stage, fault) > done, 5, fault)
    after = sent_number(stage)
    wait_until(lambda: find_fresh(stage, after), within_s, f"fresh data after {fault}")
    return time.monotonic() - begun
