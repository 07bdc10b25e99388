"""The product's stream over the sandbox, its clocks shortened: a thousand drops; silences."""

import asyncio
import gc
import os
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psutil
import pytest

from app.core.clock import SystemClock
from app.domain.ticks import Tick
from app.domain.trades import PublicTrade
from app.services.kalshi import open_kalshi
from app.services.kalshi.stream import (
    KalshiActivity,
    KalshiStream,
    StreamLimits,
    open_source,
    open_stream,
)
from app.services.ports import StreamPhase
from tests.kalshi_socket import RecordingSink, until
from tests.sandbox_process import SandboxProcess, start_sandbox

STUCK_S = 27.0  # a drop that is noticed by silence alone takes as long; these are not
GROWTH_BYTES = 25_000_000
SILENCES = StreamLimits(stale_s=7, dead_s=10, probe_s=0.5, healthy_s=0)
FLOOD = {"tickers_per_second": 200, "lifecycle_per_second": 20}


@dataclass
class NewestSink(RecordingSink):
    """Remembers the newest frame instead of all of them."""

    newest_ms: int = 0
    phases: set[StreamPhase] = field(default_factory=set)

    def on_ticks(self, ticks: Sequence[Tick]) -> None:
        self.newest_ms = max(self.newest_ms, *(tick.ts_ms for tick in ticks))
        if self.phase is not None:
            self.phases.add(self.phase)

    def on_trades(self, trades: Sequence[PublicTrade]) -> None:
        """Take no interest."""

    async def on_lifecycle(self, events: Sequence[object]) -> None:
        """Take no interest."""


@dataclass
class Line:
    """A stream at work over a sandbox."""

    sandbox: SandboxProcess
    stream: KalshiStream
    sink: NewestSink

    def has_opened(self, connections: int) -> bool:
        return self.stream.counters.connections >= connections

    async def set_faults(self, **knobs: object) -> None:
        await asyncio.to_thread(self.sandbox.control, "/_faults", "PUT", {"kalshi": knobs})

    async def fresh(self, within_s: float) -> float:
        """Wait for a frame that the world made after this moment; return the seconds."""
        begun, now_ms = time.monotonic(), time.time() * 1_000
        await until(lambda: self.sink.newest_ms > now_ms, within_s=within_s)
        return time.monotonic() - begun


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    folder: Path = tmp_path_factory.mktemp("drops")
    running = start_sandbox(folder, "--events", "20", "--seed", "5", "--pace", "20")
    yield running
    running.process.terminate()
    running.process.wait(10)


@asynccontextmanager
async def streaming(sandbox: SandboxProcess, limits: StreamLimits) -> AsyncIterator[Line]:
    """Stream with these limits; everything else is as in production."""
    url = sandbox.url.replace("http", "ws", 1) + "/trade-api/ws/v2"
    settings, clock = sandbox.settings(ws_url=url), SystemClock()
    client = open_kalshi(settings, clock)
    activity = KalshiActivity(client, clock)
    stream = open_stream(
        settings,
        clock,
        source=open_source(settings.ws_library),
        expects_ticks=activity.expects_ticks,
        limits=limits,
    )
    line = Line(sandbox, stream, NewestSink())
    running = asyncio.create_task(stream.run(line.sink))
    try:
        await until(lambda: line.sink.phase is StreamPhase.LIVE, within_s=30)
        yield line
    finally:
        await line.set_faults()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await client.close()


@pytest.mark.timeout(1_500)
async def test_drop_after_drop(sandbox: SandboxProcess, is_full: bool) -> None:
    """With a healthy time of 0 every data makes the delays begin anew: up to 0.5 s."""
    drops = 1_000 if is_full else 30
    sandbox.control("/_stream/flood", "PUT", FLOOD)
    async with streaming(sandbox, StreamLimits(healthy_s=0)) as line:
        await line.fresh(30)
        before = measure()
        took = []
        for number in range(drops):
            fault = ("ws_disconnect", "ws_cut")[number % 2]
            begun = time.monotonic()
            await line.set_faults(**{fault: {"count": 1}})
            await until(partial(line.has_opened, number + 2), within_s=STUCK_S)
            await line.fresh(STUCK_S)
            took.append(time.monotonic() - begun)
        after = measure()
    took.sort()
    print(  # noqa: T201
        f"{drops} drops: to fresh data median {took[drops // 2]:.2f} s,"
        f" p99 {took[drops * 99 // 100]:.2f} s, longest {took[-1]:.2f} s;"
        f" tasks {before.tasks} -> {after.tasks}, descriptors {before.descriptors} ->"
        f" {after.descriptors}, memory {(after.memory - before.memory) / 1e6:+.1f} MB"
    )
    assert line.stream.counters.connections == drops + 1
    assert after.tasks == before.tasks
    assert after.descriptors <= before.descriptors + 2
    assert after.memory < before.memory + GROWTH_BYTES
    assert not is_full or took[-1] < 2.0


async def test_silences(sandbox: SandboxProcess) -> None:
    """Quiet because nothing is dealt: nothing happens. Quiet all the same: all of it happens."""
    sandbox.control("/_stream/flood", "PUT", {})
    async with streaming(sandbox, SILENCES) as line:
        await line.fresh(30)
        counters, sink = line.stream.counters, line.sink
        await line.set_faults(ws_stall_closed=True)
        told = len(sink.states)
        await asyncio.sleep(SILENCES.dead_s + 2)
        assert (counters.connections, counters.resubscriptions) == (1, 0)
        assert len(sink.states) == told
        await line.set_faults()
        await line.fresh(30)
        await line.set_faults(ws_stall_open=True)
        begun = time.monotonic()
        await until(lambda: sink.phase is StreamPhase.STALE, within_s=30)
        stale_s = time.monotonic() - begun
        await until(lambda: counters.connections > 1, within_s=30)
        again_s = time.monotonic() - begun
        await line.set_faults()
        fresh_s = await line.fresh(30)
        await until(lambda: sink.phase is StreamPhase.LIVE, within_s=30)
    print(  # noqa: T201
        f"limits {SILENCES.stale_s} s and {SILENCES.dead_s} s: stale after {stale_s:.1f} s,"
        f" connected again after {again_s:.1f} s and"
        f" {counters.resubscriptions} resubscription, fresh {fresh_s:.1f} s after the end"
    )


@dataclass(frozen=True, slots=True)
class Use:
    """What this process holds."""

    tasks: int
    descriptors: int
    memory: int


def measure() -> Use:
    gc.collect()
    memory = psutil.Process().memory_info().rss
    descriptors = len(os.listdir("/proc/self/fd"))
    return Use(len(asyncio.all_tasks()), descriptors, memory)
