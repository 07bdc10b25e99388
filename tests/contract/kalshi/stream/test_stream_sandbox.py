"""Our stream against the sandbox's socket: it reads everything and survives every fault."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.core.clock import SystemClock
from app.services.kalshi.stream import KalshiStream, StreamLimits, open_source, open_stream
from app.services.ports import StreamKind, StreamPhase
from tests.contract.kalshi.stream.harness import Due
from tests.kalshi_socket import PATH, RecordingSink, until
from tests.sandbox_process import SandboxProcess, start_sandbox

LIMITS = StreamLimits(
    transport_s=2, subscribe_s=2, stale_s=1, dead_s=3, probe_s=0.2, ping_s=0.3, look_s=0.05
)
SENT, WITHIN_S = {"tickers_per_second": 300, "lifecycle_per_second": 100}, 15


class Reader:
    """A stream at work on a sandbox."""

    def __init__(self, sandbox: SandboxProcess, due: Due, library: str) -> None:
        url = sandbox.url.replace("http", "ws") + PATH
        self.sandbox, self.sink = sandbox, RecordingSink()
        self.stream: KalshiStream = open_stream(
            sandbox.settings(ws_url=url, key_type="ed25519"),
            SystemClock(),
            source=open_source(library),
            expects_ticks=due,
            limits=LIMITS,
        )
        self.task = asyncio.create_task(self.stream.run(self.sink))

    async def control(self, path: str, method: str = "GET", body: object = None) -> Any:
        return await asyncio.to_thread(self.sandbox.control, path, method, body)

    async def live(self) -> None:
        await until(lambda: self.sink.phase is StreamPhase.LIVE, within_s=WITHIN_S)

    async def faults(self, **knobs: Any) -> None:
        await self.control("/_faults", "PUT", {"kalshi": knobs})

    async def goes_on(self) -> None:
        """Wait for news of every kind that the flood brings."""
        ticks, events = len(self.sink.ticks), len(self.sink.events)
        await until(
            lambda: (
                len(self.sink.ticks) > ticks + 20
                and len(self.sink.events) > events + 20
                and self.sink.phase is StreamPhase.LIVE
            ),
            within_s=WITHIN_S,
        )


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One sandbox for all tests; its world trades a good deal faster than the clock."""
    running = start_sandbox(tmp_path_factory.mktemp("sandbox"), "--prices", "seeded")
    yield running
    running.process.terminate()
    running.process.wait(10)


@pytest.fixture
async def reader(sandbox: SandboxProcess, library: str, due: Due) -> AsyncIterator[Reader]:
    await asyncio.to_thread(sandbox.control, "/_faults", "DELETE")
    await asyncio.to_thread(sandbox.control, "/_stream/flood", "PUT", SENT)
    reader = Reader(sandbox, due, library)
    yield reader
    reader.task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await reader.task


async def test_everything_is_read(reader: Reader) -> None:
    await reader.live()
    await reader.control("/_clock", "PUT", {"advance_s": 60})
    await until(lambda: len(reader.sink.trades) > 5, within_s=WITHIN_S)
    await reader.goes_on()
    counters = reader.stream.counters
    assert not reader.sink.rejects
    assert (counters.broken, counters.missed, counters.unreadable.total()) == (0, 0, 0)
    assert len({trade.ext_id for trade in reader.sink.trades}) == len(reader.sink.trades)


Holds = Callable[[Reader], bool]
FAULTS = [
    pytest.param(
        {"ws_gap": {"count": 3, "route": "lifecycle"}},
        lambda r: any(gap.kind is StreamKind.LIFECYCLE and gap.missed for gap in r.sink.gaps),
        id="gap",
    ),
    pytest.param({"ws_repeat": {"count": 5}}, lambda r: True, id="repeat"),
    pytest.param({"ws_reorder": {"count": 5}}, lambda r: True, id="reorder"),
    pytest.param(
        {"ws_code25": {"count": 1}}, lambda r: r.stream.counters.resubscriptions > 0, id="code25"
    ),
    pytest.param(
        {"ws_code10": {"count": 1}}, lambda r: r.stream.counters.resubscriptions > 0, id="code10"
    ),
    pytest.param(
        {"ws_disconnect": {"count": 1}}, lambda r: r.stream.counters.connections > 1, id="goodbye"
    ),
    pytest.param({"ws_cut": {"count": 1}}, lambda r: r.stream.counters.connections > 1, id="cut"),
    pytest.param(
        {"ws_black_hole": {"count": 1}},
        lambda r: r.stream.counters.connections > 1,
        id="black-hole",
    ),
    pytest.param(
        {"ws_oversize": {"count": 1}}, lambda r: r.stream.counters.oversize > 0, id="oversize"
    ),
    pytest.param({"ws_binary": {"count": 3}}, lambda r: True, id="binary"),
    pytest.param(
        {"ws_half_json": {"count": 3}}, lambda r: r.stream.counters.broken >= 3, id="half-json"
    ),
    pytest.param({"ws_bad_utf8": {"count": 3}}, lambda r: True, id="bad-utf8"),
    pytest.param({"ws_fragments": {"count": 50}}, lambda r: True, id="fragments"),
    pytest.param({"ws_absurd_prices": {"count": 14}}, lambda r: True, id="absurd"),
    pytest.param({"ws_unknown_type": {"count": 3}}, lambda r: True, id="unknown-type"),
    pytest.param(
        {"ws_cut": {"count": 1}, "ws_refuse": {"count": 2, "status": 503}},
        lambda r: r.stream.counters.failed_connections >= 2,
        id="refused",
    ),
    pytest.param(
        {"ws_cut": {"count": 1}, "ws_slow_handshake": {"count": 1, "seconds": 1}},
        lambda r: r.stream.counters.connections > 1,
        id="slow-handshake",
    ),
]


@pytest.mark.parametrize(("knobs", "was_noticed"), FAULTS)
async def test_it_survives(reader: Reader, knobs: dict[str, Any], was_noticed: Holds) -> None:
    await reader.live()
    await reader.faults(**knobs)
    await until(lambda: was_noticed(reader), within_s=WITHIN_S)
    fired: dict[str, int] = {}
    while not all(fired.get(name, 0) >= knob["count"] for name, knob in knobs.items()):
        fired = (await reader.control("/_stats"))["kalshi"]["faults"]
        await asyncio.sleep(0.05)
    await reader.goes_on()
    assert not reader.task.done()


async def test_a_stall_while_the_exchange_trades_is_noticed(reader: Reader, due: Due) -> None:
    await reader.live()
    due.answer = True
    await reader.faults(ws_stall_open=True)
    await until(lambda: reader.sink.phase is StreamPhase.STALE, within_s=WITHIN_S)
    await reader.faults()
    await reader.goes_on()


async def test_a_stall_while_it_rests_is_not(reader: Reader) -> None:
    await reader.live()
    await reader.faults(ws_stall_closed=True)
    await asyncio.sleep(2)
    assert reader.sink.phase is StreamPhase.LIVE
    assert reader.stream.counters.connections == 1


async def test_maintenance_is_sat_out(reader: Reader) -> None:
    await reader.live()
    await reader.faults(maintenance=True)
    await until(lambda: reader.stream.counters.failed_connections > 0, within_s=WITHIN_S)
    await reader.faults()
    await reader.goes_on()


async def test_a_recording_arrives_whole(
    tmp_path: Path, shared_data: Path, library: str, due: Due
) -> None:
    path = shared_data / "kalshi" / "ws" / "ticker_kxbtc15m_2026-05-11_12.jsonl.gz"
    sandbox = start_sandbox(tmp_path, "--frames", str(path), "--frames-speed", "0")
    try:
        reader = Reader(sandbox, due, library)
        await until(lambda: len(reader.sink.ticks) == 37_737, within_s=60)
        assert (await reader.control("/_stream/replay"))["missed"] == 0
        assert datetime.fromtimestamp(reader.sink.ticks[0].ts_ms / 1_000, UTC).year == 2026
        reader.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reader.task
    finally:
        sandbox.process.terminate()
        sandbox.process.wait(10)
