"""How fast and how steadily frames get to Redis and to `market_quotes`, under load."""

import threading
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import psutil
import pytest

from app.models.tick_entry import decode_entry
from local.addresses import free_port
from tests.e2e.conftest import MakeStage
from tests.e2e.firehose.stage import Stage, wait_until

WATCHED = 40  # markets whose rows are looked at
MEGA = 1_000_000
SETTLING_S = 5
CLOCK_MS = 50  # a busy Redis stamps an entry with the time at which its turn began


@dataclass
class Seen:
    """When frames became visible, by market: [(time of the frame, time of seeing it)], ms."""

    redis: dict[str, list[tuple[int, float]]] = field(default_factory=lambda: defaultdict(list))
    rows: dict[str, list[tuple[int, float]]] = field(default_factory=lambda: defaultdict(list))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("rate", [2_000, 10_000])
def test_a_flood(make_stage: MakeStage, is_full: bool, rate: int) -> None:
    seconds = 60 if is_full else 8
    stage = make_stage()
    stage.sandbox("--events", "250", "--prices", "seeded")
    stage.run("sync", "kalshi")
    port = free_port()
    web = stage.alpha("web", "web", "--port", str(port))
    stage.alpha("sync", "worker", "sync")
    stage.alpha("monitor", "worker", "monitor")
    wait_until(lambda: stage.feed_state() == "live", 60, "the feed is live")
    if not is_full:
        rate //= 4  # a shared machine: the form is the same, the figures are not the proof
    before = lags(port)
    flood = {"tickers_per_second": rate, "lifecycle_per_second": 20, "seconds": seconds}
    stage.control("/_stream/flood", "PUT", flood)
    seen, sent, memory = watch(stage, web.pid, seconds)
    slept = lags(port)
    to_redis = sorted(delays(sent["tickers"], seen.redis))
    to_rows = sorted(delays(sent["tickers"], seen.rows))
    lag_ms = lag_p99(before, slept)
    print(  # noqa: T201
        f"{len(sent['tickers'])} frames in {seconds} s;"
        f" to Redis p50 {at(to_redis, 0.5):.0f} ms, p99 {at(to_redis, 0.99):.0f} ms;"
        f" to market_quotes p50 {at(to_rows, 0.5):.0f} ms, p99 {at(to_rows, 0.99):.0f} ms;"
        f" loop lag p99 up to {lag_ms:.0f} ms; memory {memory[0] / MEGA:.0f} to"
        f" {max(memory) / MEGA:.0f} MB; {len(sent['lifecycle'])} announcements"
    )
    assert len(to_redis) == len(sent["tickers"]), "a frame never became visible"
    wait_until(lambda: stored(stage) >= len(sent["lifecycle"]), 30, "every announcement is stored")
    assert stage.feed_state() == "live"
    assert max(memory) < memory[0] + 150 * MEGA
    if is_full:
        assert at(to_redis, 0.99) < 250 or rate > 2_000
        assert at(to_rows, 0.99) < 3_000
        assert lag_ms <= 50


def watch(
    stage: Stage, pid: int, seconds: float
) -> tuple[Seen, dict[str, list[list[Any]]], list[int]]:
    """Follow what is sent and what is seen until the flood is over and all of it arrived."""
    seen, is_over = Seen(), threading.Event()
    tickers = [row["ext_id"] for row in stage.sql("SELECT ext_id FROM alpha.markets")][:WATCHED]
    threads = [
        threading.Thread(target=follow_redis, args=(stage, seen, is_over)),
        threading.Thread(target=follow_rows, args=(stage, tickers, seen, is_over)),
    ]
    for thread in threads:
        thread.start()
    sent: dict[str, list[list[Any]]] = {"tickers": [], "lifecycle": []}
    memory: list[int] = []
    end_s, after = time.monotonic() + seconds + 3, 0
    while time.monotonic() < end_s:
        time.sleep(0.5)
        memory.append(psutil.Process(pid).memory_info().rss)
        page = stage.control(f"/_stream/sent?after={after}&limit=50000")
        after = max([after, *(row[0] for kind in sent for row in page[kind])])
        for kind, rows in sent.items():
            rows += page[kind]
    time.sleep(SETTLING_S)  # the world goes on after the flood: its last frames arrive, too
    is_over.set()
    for thread in threads:
        thread.join()
    sent["tickers"] = list(in_time(sent["tickers"]))
    return seen, sent, memory[4:]


def in_time(frames: Sequence[list[Any]]) -> Iterator[list[Any]]:
    """Leave out frames older than one before of their market: nothing shows them alone."""
    newest: dict[str, int] = {}
    for frame in frames:
        _, _, market, ts_ms, *_ = frame
        if ts_ms >= newest.get(market, 0):
            newest[market] = ts_ms
            yield frame


def follow_redis(stage: Stage, seen: Seen, is_over: threading.Event) -> None:
    """Note when each market's newest frame got into the stream, by the clock of Redis."""
    last = b"0-0"
    with stage.redis() as client:
        while not is_over.is_set():
            for _, entries in client.xread({"ticks": last}, count=50, block=200):
                for entry_id, fields in entries:
                    last, at_ms = entry_id, float(entry_id.split(b"-")[0])
                    for piece in decode_entry(fields[b"kalshi"]):
                        seen.redis[piece.market_ext_id].append((piece.last_ms, at_ms))


def follow_rows(stage: Stage, tickers: Sequence[str], seen: Seen, is_over: threading.Event) -> None:
    """Note when a row of some markets first showed a frame."""
    query = (
        "SELECT ext_id, (extract(epoch FROM as_of) * 1000)::bigint AS ms FROM alpha.market_quotes"
        " JOIN alpha.markets ON id = market_id WHERE ext_id = ANY($1)"
    )
    while not is_over.is_set():
        rows = stage.sql(query, tickers)
        at_ms = time.time() * 1_000
        for row in rows:
            seen.rows[row["ext_id"]].append((row["ms"], at_ms))
        time.sleep(0.05)


def delays(
    frames: Sequence[Sequence[Any]], seen: dict[str, list[tuple[int, float]]]
) -> Iterator[float]:
    """Yield, for every frame of a market that was looked at, the ms until it was visible."""
    by_market: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for _, at_us, market, ts_ms, *_ in frames:
        by_market[market].append((ts_ms, at_us / 1_000))
    for market, own in by_market.items():
        sightings = iter(seen.get(market, ()))
        shown_ms, at_ms = next(sightings, (0, 0.0))
        for ts_ms, sent_ms in own:
            while at_ms and (shown_ms < ts_ms or at_ms < sent_ms - CLOCK_MS):
                shown_ms, at_ms = next(sightings, (0, 0.0))
            if at_ms:
                yield at_ms - sent_ms


def at(ordered: Sequence[float], part: float) -> float:
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]


def lags(port: int) -> dict[float, float]:
    """Return the buckets of the loop's lag: seconds to how many wakings were at most as late."""
    text = metrics(port)
    found = {}
    for line in text.splitlines():
        if line.startswith("alpha_loop_lag_seconds_bucket"):
            bound, count = line.split('le="')[1].split('"} ')
            found[float(bound)] = float(count)
    return found


def metrics(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return str(answer.read().decode())


def lag_p99(before: dict[float, float], after: dict[float, float]) -> float:
    """Return the bound (ms) under which 99 % of the wakings between two readings were."""
    counts = {bound: after[bound] - before.get(bound, 0) for bound in after}
    total = counts[float("inf")]
    return min(bound for bound, count in counts.items() if count >= 0.99 * total) * 1_000


def stored(stage: Stage) -> int:
    (row,) = stage.sql("SELECT count(*) AS n FROM alpha.lifecycle_events")
    return int(row["n"])
