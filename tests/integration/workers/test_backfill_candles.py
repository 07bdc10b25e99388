"""Windows the stream missed come from the exchange, and their roll-ups follow."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web

from app.core.clock import VirtualClock
from app.core.config import KalshiSettings, Settings
from app.core.database import Pool
from app.core.redis import Redis
from app.domain.catalogue import CataloguePage
from app.domain.ids import market_id
from app.domain.types import Exchange
from app.services.kalshi import open_kalshi
from app.services.kalshi.backoff import RetryPolicy
from app.services.kalshi.prices import KalshiPrices
from app.store import candle_backfills, catalogue
from app.store.candle_backfills import BackfillWindow
from app.workers.candle_backfill import backfill_candles, request_history
from app.workers.candles import aggregate_ohlcv
from app.workers.task import Deps
from tests.domain_factories import make_event, make_market, make_quote, make_series
from tests.tick_entries import MARKETS, add_entry, piece, stored

KALSHI = Exchange.KALSHI
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AT = int(NOON.timestamp()) // 60 - 30  # a minute half an hour ago
BULK = "/markets/candlesticks"
Run = Callable[[], Awaitable[Any]]


class CandleServer:
    """Answers the bulk route from what a test wrote down: minute -> fields of a candle."""

    def __init__(self) -> None:
        self.candles: dict[str, dict[int, dict[str, Any]]] = {}
        self.asked: list[dict[str, str]] = []
        self.failures: list[int] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        query = dict(request.query)
        self.asked.append(query)
        if self.failures:
            return web.json_response({"error": {"code": "x"}}, status=self.failures.pop(0))
        tickers = query["market_tickers"].split(",")
        if any(ticker not in self.candles for ticker in tickers):
            return web.json_response({"error": {"code": "not_found"}}, status=404)
        first, last = int(query["start_ts"]), int(query["end_ts"])
        markets = [
            {
                "market_ticker": ticker,
                "candlesticks": [
                    {"end_period_ts": (minute + 1) * 60, **fields}
                    for minute, fields in sorted(self.candles[ticker].items())
                    if first <= (minute + 1) * 60 <= last
                ],
            }
            for ticker in tickers
        ]
        return web.json_response({"markets": markets})


def bar(close: str = "0.3000", volume: str = "7.00", **fields: Any) -> dict[str, Any]:
    offers = dict.fromkeys(("open_dollars", "high_dollars", "low_dollars"), "0.2900")
    return {
        "price": dict.fromkeys(("open_dollars", "high_dollars", "low_dollars"), close)
        | {"close_dollars": close},
        "yes_bid": offers | {"close_dollars": "0.2900"},
        "yes_ask": offers | {"close_dollars": "0.3100"},
        "volume_fp": volume,
        "open_interest_fp": "9.00",
    } | fields


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOON)


@pytest.fixture
async def server() -> AsyncIterator[tuple[CandleServer, str]]:
    served = CandleServer()
    app = web.Application(handler_args={"access_log": None})
    app.router.add_get(BULK, served.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield served, f"http://{host}:{port}"
    await runner.cleanup()


@pytest.fixture
def exchange(server: tuple[CandleServer, str]) -> CandleServer:
    server[0].candles = {ext_id: {} for ext_id in MARKETS}
    return server[0]


@pytest.fixture
async def deps(
    pool: Pool, redis: Redis, clock: VirtualClock, server: tuple[CandleServer, str]
) -> AsyncIterator[Deps]:
    settings = KalshiSettings(base_api_url=server[1], read_tokens_per_s=5_000)
    quick = RetryPolicy(attempts=1, first_s=0.001, longest_s=0.002)
    prices = KalshiPrices(open_kalshi(settings, clock, retry=quick))
    async with pool.acquire() as conn:
        markets = [make_market(ext_id=ext_id) for ext_id in MARKETS]
        quotes = [
            make_quote(market_ext_id=ext_id, volume_24h=Decimal(100 - n))
            for n, ext_id in enumerate(MARKETS)
        ]
        page = CataloguePage(
            series=[make_series()], events=[make_event()], markets=markets, quotes=quotes
        )
        await catalogue.write_page(conn, KALSHI, page, now=NOON)
    yield Deps(Settings(), clock, pool, redis, "test:1", prices={KALSHI: prices})
    await prices.close()


@pytest.fixture
def backfill(deps: Deps, clock: VirtualClock) -> Run:
    async def run() -> Any:
        clock.advance(timedelta(seconds=1))
        return await backfill_candles({"deps": deps})

    return run


@pytest.fixture
def aggregate(deps: Deps, clock: VirtualClock) -> Run:
    async def run() -> Any:
        clock.advance(timedelta(seconds=1))
        return await aggregate_ohlcv({"deps": deps})

    return run


def at(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)


async def ask(pool: Pool, first: int, last: int, *ext_ids: str, reason: str = "outage") -> None:
    windows = [
        BackfillWindow(market_id(KALSHI, ext_id), at(first) + timedelta(seconds=40), at(last))
        for ext_id in ext_ids or MARKETS[:1]
    ]
    async with pool.acquire() as conn:
        await candle_backfills.request_backfills(
            conn, windows, now=NOON, not_before=NOON, reason=reason
        )


async def test_an_outage_replaces_and_roll_ups_follow(
    pool: Pool, redis: Redis, exchange: CandleServer, backfill: Run, aggregate: Run
) -> None:
    first = MARKETS[0]
    await add_entry(redis, [piece(minute) for minute in range(AT - 1, AT + 4)])
    await aggregate()
    exchange.candles[first] = {
        minute: bar(f"0.{minute - AT + 20:02d}00") for minute in range(AT - 1, AT + 3)
    } | {AT + 1: bar(price={}, volume_fp="0.00")}
    await ask(pool, AT, AT + 3)
    assert await backfill() == {"windows": 1, "candles": 3, "given_up": 0}
    bars = await stored(pool)
    assert [bars[first, AT + n].close for n in range(-1, 4)] == [
        *(Decimal("0.5"), Decimal("0.20"), None, Decimal("0.22"), Decimal("0.5"))
    ]
    assert [bars[first, AT + n].frames for n in range(-1, 4)] == [1, 0, 0, 0, 1]
    assert (bars[first, AT].bid, bars[first, AT].ask) == (Decimal("0.29"), Decimal("0.31"))
    for table in ("market_ticks_1h", "market_ticks_1d"):
        (wide,) = (await stored(pool, table)).values()
        assert (wide.open, wide.close, wide.low) == (
            *(Decimal("0.5"), Decimal("0.5"), Decimal("0.20")),
        )
        assert (wide.volume, wide.frames) == (Decimal(16), 2)
        assert (wide.bid, wide.open_interest) == (Decimal("0.49"), Decimal(40))
    done = await pool.fetchrow("SELECT * FROM alpha.candle_backfills")
    assert done is not None
    assert (done["candles"], done["attempts"]) == (3, 1)
    assert await backfill() == {"windows": 0, "candles": 0, "given_up": 0}


async def test_late_pieces_of_the_stream_do_not_change_what_the_exchange_said(
    pool: Pool, redis: Redis, exchange: CandleServer, backfill: Run, aggregate: Run
) -> None:
    exchange.candles[MARKETS[0]] = {AT: bar()}
    await ask(pool, AT, AT + 1)
    await backfill()
    before = [await stored(pool, table) for table in ("market_ticks", "market_ticks_1h")]
    await add_entry(redis, [piece(AT)])
    assert (await aggregate())["blocked"] == 1
    assert before == [await stored(pool, t) for t in ("market_ticks", "market_ticks_1h")]
    await add_entry(redis, [piece(AT + 5)])
    await aggregate()
    (hour,) = (await stored(pool, "market_ticks_1h")).values()
    assert (hour.volume, hour.frames) == (Decimal(8), 1)


async def test_a_first_sight_fills_only_what_is_missing(
    pool: Pool, redis: Redis, exchange: CandleServer, deps: Deps, backfill: Run, aggregate: Run
) -> None:
    first = MARKETS[0]
    await add_entry(redis, [piece(AT)])
    await aggregate()
    week = 60 * 24 * 7
    exchange.candles[first] = {
        AT - week + 60: bar("0.1000"),
        AT - 1: bar("0.2000"),
        AT: bar("0.9000"),
        AT + 30: bar("0.9900"),  # the minute that runs
    }
    assert await request_history({"deps": deps}) == {"requested": 3}
    assert (await backfill())["windows"] == 3
    closes = {minute: bar.close for (ext_id, minute), bar in (await stored(pool)).items()}
    assert closes == {
        AT - week + 60: Decimal("0.1"),
        AT - 1: Decimal("0.2"),
        AT: Decimal("0.5"),
    }
    days = await stored(pool, "market_ticks_1d")
    assert len(days) == 2
    assert max(days.values(), key=lambda day: day.volume).volume == Decimal(8)
    assert await request_history({"deps": deps}) == {"requested": 0}
    assert {row["reason"] for row in await pool.fetch("SELECT * FROM alpha.candle_backfills")} == {
        "first_sight"
    }


async def test_older_than_our_partitions_is_dropped(
    pool: Pool, exchange: CandleServer, backfill: Run
) -> None:
    week = 60 * 24 * 7
    exchange.candles[MARKETS[0]] = {AT - 2 * week: bar(), AT: bar()}
    await ask(pool, AT - 2 * week - 5, AT)
    assert (await backfill())["candles"] == 1
    assert [minute for _, minute in await stored(pool)] == [AT]
    assert int(exchange.asked[0]["start_ts"]) >= (NOON - timedelta(days=8, hours=12)).timestamp()
    assert await pool.fetchval("SELECT count(*) FROM alpha.market_ticks_default") == 0


async def test_windows_alike_share_a_request(
    pool: Pool, exchange: CandleServer, backfill: Run
) -> None:
    for ext_id in MARKETS:
        exchange.candles[ext_id] = {AT + n: bar() for n in range(4)}
    await ask(pool, AT, AT + 1, *MARKETS[:2])
    await ask(pool, AT + 1, AT + 3, MARKETS[2])
    assert await backfill() == {"windows": 3, "candles": 7, "given_up": 0}
    (asked,) = exchange.asked
    assert asked["market_tickers"].count(",") == 2


async def test_an_unknown_ticker_does_not_spoil_the_others_for_ever(
    pool: Pool, exchange: CandleServer, deps: Deps, backfill: Run
) -> None:
    del exchange.candles[MARKETS[1]]
    for ext_id in (MARKETS[0], MARKETS[2]):
        exchange.candles[ext_id] = {AT: bar()}
    await ask(pool, AT, AT + 1, *MARKETS)
    assert (await backfill())["failed"] == 3
    for _ in range(2):
        deps.clock.advance(timedelta(minutes=2))  # type: ignore[attr-defined]
        last = await backfill()
    assert (last["windows"], last["failed"]) == (2, 1)
    for _ in range(10):
        deps.clock.advance(timedelta(hours=2))  # type: ignore[attr-defined]
        last = await backfill()
    open_ones = "SELECT count(*) FROM alpha.candle_backfills WHERE done_at IS NULL"
    assert await pool.fetchval(open_ones) == 0


async def test_an_exchange_that_is_away_is_asked_again_later(
    pool: Pool, exchange: CandleServer, deps: Deps, backfill: Run
) -> None:
    exchange.candles[MARKETS[0]] = {AT: bar()}
    exchange.failures = [503]
    await ask(pool, AT, AT + 1)
    assert (await backfill())["failed"] == 1
    assert (await backfill())["windows"] == 0
    deps.clock.advance(timedelta(seconds=40))  # type: ignore[attr-defined]
    assert (await backfill())["windows"] == 1


async def test_a_market_we_do_not_know_waits_for_the_catalogue(
    pool: Pool, exchange: CandleServer, backfill: Run
) -> None:
    await ask(pool, AT, AT + 1, "KXNEW-1")
    assert (await backfill())["windows"] == 0
    row = await pool.fetchrow("SELECT * FROM alpha.candle_backfills")
    assert row is not None
    assert (row["attempts"], row["done_at"]) == (1, None)
    assert not exchange.asked


async def test_bad_candles_cost_themselves(
    pool: Pool, exchange: CandleServer, backfill: Run
) -> None:
    exchange.candles[MARKETS[0]] = {
        AT: bar("7.0000"),
        AT + 1: bar(volume="-3"),
        AT + 2: bar(),
        AT + 3: {"price": {}, "volume_fp": "0.00"},
    }
    await ask(pool, AT, AT + 4)
    assert (await backfill())["candles"] == 1
    assert [minute for _, minute in await stored(pool)] == [AT + 2]
    assert await pool.fetchval("SELECT count(*) FROM alpha.ingest_rejects") == 2
