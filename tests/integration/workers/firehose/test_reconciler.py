"""What the stream missed is asked for over real requests, through failures, until it is known."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.core.clock import SystemClock
from app.core.config import Settings
from app.core.database import Pool
from app.domain.lifecycle_events import LifecycleEvent, Subject
from app.domain.types import Exchange, MarketStatus
from app.services.kalshi import KalshiMarkets
from app.services.kalshi.auth import KalshiSigner
from app.services.kalshi.backoff import RetryPolicy
from app.services.kalshi.client import KalshiClient
from app.services.kalshi.prices import KalshiPrices
from app.services.ports import StreamGap, StreamKind
from app.store import lifecycle
from app.store.held_lease import HeldLease
from app.workers.firehose import asking, reconcile
from app.workers.firehose.parts import FirehoseParts
from app.workers.firehose.polling import poll
from app.workers.firehose.reconcile import Reconciler
from tests.integration.workers.firehose.conftest import MakeParts
from tests.sandbox_process import SandboxProcess, start_sandbox

NOON = datetime(2026, 11, 22, 12, 7, tzinfo=UTC)
KALSHI = Exchange.KALSHI
IMPATIENT = RetryPolicy(attempts=2, first_s=0.01, longest_s=0.05, patience_s=0.1)
HUNG_S = 30


@pytest.fixture(scope="module")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    folder: Path = tmp_path_factory.mktemp("sandbox")
    running = start_sandbox(
        folder, "--events", "20", "--seed", "7", "--now", NOON.isoformat(), "--prices", "seeded"
    )
    yield running
    running.process.terminate()
    running.process.wait(10)


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess) -> Iterator[SandboxProcess]:
    yield sandbox_process
    sandbox_process.control("/_faults", "DELETE")


@pytest.fixture
async def parts(sandbox: SandboxProcess, make_parts: MakeParts) -> AsyncIterator[FirehoseParts]:
    """Parts whose requests go to the sandbox; every trade is large enough."""
    settings = sandbox.settings(key_type="ed25519", timeout_s=2, connect_timeout_s=1)
    now = datetime.fromisoformat(sandbox.control("/_clock")["now"])
    clock = SystemClock(now)
    signer = KalshiSigner(settings.api_key_id, settings.private_key.get_secret_value())
    client = KalshiClient(settings, clock, signer=signer, retry=IMPATIENT)
    own = Settings()
    own.app = own.app.model_copy(update={"public_trade_floor_usd": Decimal(0), "top_markets": 5})
    own.kalshi = own.kalshi.model_copy(update={"poll_every_s": 0.5})
    yield make_parts(clock, KalshiMarkets(client), KalshiPrices(client), own)
    await client.close()


@asynccontextmanager
async def running(reconciler: Reconciler) -> AsyncIterator[None]:
    working = asyncio.create_task(reconciler.run())
    yield
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


async def eventually(is_so: Callable[[], bool | Awaitable[bool]]) -> None:
    """Wait until something is so."""
    for _ in range(HUNG_S * 20):
        found = is_so()
        if found if isinstance(found, bool) else await found:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never came")


async def until(pool: Pool, question: str, *arguments: object) -> None:
    """Wait until a question is answered with true."""
    await eventually(lambda: pool.fetchval(question, *arguments))


async def until_known(reconciler: Reconciler) -> None:
    await eventually(lambda: not reconciler.is_behind)


def open_market(sandbox: SandboxProcess) -> str:
    return min(
        ticker
        for ticker, row in sandbox.rows("markets").items()
        if row["status"] == "active" and not ticker.startswith("KXMVE")
    )


async def announce(parts: FirehoseParts, ext_id: str, at: datetime) -> None:
    event = LifecycleEvent(
        exchange=KALSHI,
        subject=Subject.MARKET,
        ext_id=ext_id,
        kind="deactivated",
        received_at=at,
        payload={},
        sent_at=at,
        status=MarketStatus.PAUSED,
    )
    async with parts.pool.acquire() as conn, conn.transaction():
        await lifecycle.record_events(conn, [event], now=at)


async def test_a_market_that_was_only_announced_is_fetched(
    pool: Pool, sandbox: SandboxProcess, parts: FirehoseParts, lease: HeldLease
) -> None:
    ticker = open_market(sandbox)
    await announce(parts, ticker, parts.clock.now() - timedelta(hours=1))
    reconciler = Reconciler(parts, lease)
    sandbox.control("/_faults", "PUT", {"kalshi": {"error_503": {"rate": 1}}})
    async with running(reconciler):
        reconciler.want([ticker, "KXNOBODY-26"])
        await asyncio.sleep(0.6)
        assert await pool.fetchval("SELECT count(*) FROM alpha.markets") == 0
        sandbox.control("/_faults", "DELETE")
        await until(
            pool,
            "SELECT applied_at IS NOT NULL FROM alpha.lifecycle_events WHERE ext_id = $1",
            ticker,
        )
    status = await pool.fetchval("SELECT status FROM alpha.markets WHERE ext_id = $1", ticker)
    assert status == "open"  # the request is newer than the announcement


async def test_what_a_killed_process_knew_is_found_in_the_table(
    pool: Pool, sandbox: SandboxProcess, parts: FirehoseParts, lease: HeldLease
) -> None:
    await announce(parts, open_market(sandbox), parts.clock.now())
    async with running(Reconciler(parts, lease)):
        await until(pool, "SELECT applied_at IS NOT NULL FROM alpha.lifecycle_events")


async def test_a_doubtful_market_is_asked_about_until_the_request_outweighs_it(
    pool: Pool,
    sandbox: SandboxProcess,
    parts: FirehoseParts,
    lease: HeldLease,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reconcile, "RECHECK_S", 6.0)
    ticker = open_market(sandbox)
    await asking.ask_markets(parts, [ticker])
    await pool.execute("UPDATE alpha.markets SET lifecycle_ts = NULL")
    await announce(parts, ticker, parts.clock.now())
    reconciler = Reconciler(parts, lease)
    async with running(reconciler):
        reconciler.recheck([ticker])
        await until(pool, "SELECT status = 'open' FROM alpha.markets")


@pytest.fixture
def just_closed(sandbox: SandboxProcess) -> Iterator[str]:
    """A market that closed a minute ago; ask for it before `parts`, whose clock follows."""
    closes = {
        t: datetime.fromisoformat(r["close_time"]) for t, r in sandbox.rows("markets").items()
    }
    coming = {t: at for t, at in closes.items() if at > NOON and not t.startswith("KXMVE")}
    ticker = min(coming, key=lambda t: coming[t])
    now = coming[ticker] + timedelta(minutes=1)
    sandbox.control("/_clock", "PUT", {"now": now.isoformat()})
    yield ticker
    sandbox.control("/_clock", "PUT", {"now": NOON.isoformat()})


async def test_a_gap_in_announcements_brings_what_changed(
    pool: Pool, just_closed: str, parts: FirehoseParts, lease: HeldLease
) -> None:
    reconciler = Reconciler(parts, lease)
    now = parts.clock.now()
    reconciler.note(StreamGap(StreamKind.LIFECYCLE, now - timedelta(minutes=10), now, "test"))
    assert reconciler.is_behind
    async with running(reconciler):
        await until_known(reconciler)
    assert await pool.fetchval("SELECT true FROM alpha.markets WHERE ext_id = $1", just_closed)
    assert not await pool.fetchval("SELECT count(*) FROM alpha.cron_runs")


async def test_a_gap_in_prices_brings_trades_and_quotes(
    pool: Pool, sandbox: SandboxProcess, parts: FirehoseParts, lease: HeldLease
) -> None:
    reconciler = Reconciler(parts, lease)
    now = parts.clock.now()
    for kind in (StreamKind.TICKS, StreamKind.TRADES):
        reconciler.note(StreamGap(kind, now - timedelta(minutes=14), now, "test"))
    sandbox.control("/_faults", "PUT", {"kalshi": {"error_503": {"rate": 1}}})
    async with running(reconciler):
        await asyncio.sleep(0.5)
        sandbox.control("/_faults", "DELETE")
        assert reconciler.is_behind
        await until_known(reconciler)
    traded = await pool.fetchval("SELECT count(DISTINCT market_id) FROM alpha.public_trades")
    quoted = await pool.fetchval(
        "SELECT count(*) FROM alpha.market_quotes WHERE market_id IN"
        " (SELECT market_id FROM alpha.public_trades)"
    )
    assert traded == quoted > 0
    assert await pool.fetchval("SELECT name FROM alpha.cron_runs") == "kalshi_full_sync"


async def test_an_unknown_window_is_the_full_syncs_work(
    pool: Pool, parts: FirehoseParts, lease: HeldLease
) -> None:
    reconciler = Reconciler(parts, lease)
    reconciler.note(StreamGap(StreamKind.TICKS, None, parts.clock.now(), "test"))
    async with running(reconciler):
        await until_known(reconciler)
    assert await pool.fetchval("SELECT name FROM alpha.cron_runs") == "kalshi_full_sync"
    assert await pool.fetchval("SELECT count(*) FROM alpha.public_trades") > 0
    assert await pool.fetchval("SELECT count(*) FROM alpha.market_quotes") == 0


async def test_without_a_key_the_top_markets_are_polled(
    pool: Pool, sandbox: SandboxProcess, parts: FirehoseParts, lease: HeldLease
) -> None:
    names = sorted(sandbox.rows("markets"))[:60]
    await asking.ask_markets(parts, names)
    await pool.execute(
        "UPDATE alpha.market_quotes SET as_of = as_of - interval '1 hour', fingerprint = 1"
    )
    told: list[datetime | None] = []

    async def tell(as_of: datetime | None) -> None:
        told.append(as_of)

    sandbox.control("/_faults", "PUT", {"kalshi": {"error_503": {"rate": 1}}})
    polling = asyncio.create_task(poll(parts, lease, tell))
    await eventually(lambda: bool(told))
    sandbox.control("/_faults", "DELETE")
    await eventually(lambda: told[-1] is not None and len(told) >= 4)
    polling.cancel()
    await asyncio.gather(polling, return_exceptions=True)
    assert told[0] is None
    known = [moment for moment in told if moment is not None]
    assert known == sorted(known)
    fresh = "SELECT count(*) FROM alpha.market_quotes WHERE as_of > $1"
    assert 0 < await pool.fetchval(fresh, known[0] - timedelta(minutes=1)) <= 5
