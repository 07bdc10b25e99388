"""Candles: which ones, in what order, and what longer ones are made of."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

import pytest

from app.api.schemas.base import decimal_text, time_text
from app.api.schemas.candles import CandlePage
from app.api.state import Connections
from app.core.clock import VirtualClock
from app.core.config import ApiCase, Settings
from app.main import create_app
from app.models.db import Market, MarketTick, MarketTickDay, MarketTickHour
from tests.factories import NOW, make_feed_state, make_market, make_quote, make_run
from tests.integration.api.serving import Client, OneConnection, Save, serve
from tests.price_factories import Stored, make_candle, make_minutes

MINUTE = timedelta(minutes=1)
NOON = datetime.fromisoformat("2026-01-01T12:00:00+00:00")  # where 5 and 15 minutes begin
FULL: dict[str, Any] = {
    "open": Decimal("0.48"),
    "high": Decimal("0.500000"),
    "low": Decimal("0.4715"),
    "close": Decimal("0.49"),
    "bid": Decimal(0),
    "ask": Decimal(1),
    "volume": Decimal("1234.50000000"),
    "open_interest": Decimal(10),
}


def path(market: Market) -> str:
    return f"/v1/markets/{market.id}/candles"


async def starts(client: Client, market: Market, **params: Any) -> list[str]:
    """Ask for candles; return hours and minutes of their starts."""
    answer = await client.get(path(market), params=params)
    assert answer.status_code == 200, answer.text
    return [candle["bucket_at"][11:16] for candle in answer.json()["candles"]]


async def test_a_candle_shows_prices_as_text_and_when_it_is_over(
    client: Client, save: Save
) -> None:
    market = make_market()
    await save(market, make_candle(market, NOW - MINUTE, **FULL), make_candle(market, NOW))

    answer = await client.get(path(market))

    page = answer.json()
    assert page["candles"] == [
        {
            "bucket_at": "2026-11-22T11:59:00.000Z",
            "open": "0.48",
            "high": "0.5",
            "low": "0.4715",
            "close": "0.49",
            "bid": "0",
            "ask": "1",
            "volume": "1234.5",
            "open_interest": "10",
            "is_complete": True,
            "source": "stream",
        },
        {
            "bucket_at": "2026-11-22T12:00:00.000Z",
            **dict.fromkeys(("open", "high", "low", "close", "bid", "ask")),
            "volume": "0",
            "open_interest": None,
            "is_complete": False,
            "source": "stream",
        },
    ]
    assert (page["market_id"], page["interval"]) == (str(market.id), "1m")
    assert page["cursor"] is None


@pytest.mark.parametrize("interval", ["1m", "5m", "15m", "1h", "1d"])
async def test_the_bytes_are_what_the_schema_says(
    client: Client, save: Save, interval: str
) -> None:
    market = make_market()
    tables: list[Stored] = [MarketTick, MarketTickHour, MarketTickDay]
    bucket = NOW.replace(hour=0)
    await save(market, make_quote(market), make_feed_state(feed="kalshi.ticks", as_of=NOW))
    await save(*(make_candle(market, bucket, table=table, **FULL) for table in tables))

    body = (await client.get(path(market), params={"interval": interval})).content

    page = CandlePage.model_validate_json(body, extra="forbid")
    assert page.model_dump_json().encode() == body
    assert len(page.candles) == 1
    assert page.feed is not None


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        pytest.param({}, ["11:30", "11:44", "11:45", "11:59", "12:00"], id="a gap stays a gap"),
        pytest.param({"limit": 2}, ["11:59", "12:00"], id="the newest, newest last"),
        pytest.param({"start": "2026-11-22T11:45:00Z"}, ["11:45", "11:59", "12:00"], id="start"),
        pytest.param({"start": "2026-11-22T11:45:01Z"}, ["11:59", "12:00"], id="start inside"),
        pytest.param({"end": "2026-11-22T11:45:00Z"}, ["11:30", "11:44"], id="end is excluded"),
        pytest.param({"end": "2026-11-22T11:45:01Z"}, ["11:30", "11:44", "11:45"], id="end inside"),
        pytest.param({"interval": "15m"}, ["11:30", "11:45", "12:00"], id="15m"),
        pytest.param({"interval": "5m"}, ["11:30", "11:40", "11:45", "11:55", "12:00"], id="5m"),
        pytest.param(
            {"interval": "15m", "start": "2026-11-22T11:30:01Z", "end": "2026-11-22T11:46:00Z"},
            ["11:45"],
            id="no candle of a part of its minutes",
        ),
        pytest.param({"interval": "1h"}, [], id="hours are stored, not folded"),
        pytest.param({"end": "2026-11-21T00:00:00+02:00"}, [], id="nothing there"),
    ],
)
async def test_which_candles(
    client: Client, save: Save, params: dict[str, Any], expected: list[str]
) -> None:
    market, other = make_market(), make_market()
    await save(market, other, *make_minutes(market, 0, 1, 15, 16, 30), *make_minutes(other, 2))

    assert await starts(client, market, **params) == expected


@pytest.mark.parametrize(("interval", "table"), [("1h", MarketTickHour), ("1d", MarketTickDay)])
async def test_hours_and_days_come_from_their_own_tables(
    client: Client, save: Save, interval: str, table: Stored
) -> None:
    market = make_market()
    long_ago = datetime.fromisoformat("2025-01-01T00:00:00+00:00")
    minutes = make_minutes(market, 1)
    await save(market, *minutes, make_candle(market, long_ago, table=table, source="exchange"))

    (candle,) = (await client.get(path(market), params={"interval": interval})).json()["candles"]

    assert candle["bucket_at"] == "2025-01-01T00:00:00.000Z"
    assert (candle["source"], candle["is_complete"]) == ("exchange", True)


def fold(minutes: Sequence[Any], length: timedelta) -> list[dict[str, Any]]:
    """Fold minutes the naive way."""
    found = []
    ordered = sorted(minutes, key=lambda minute: minute.bucket_at)
    for start, group in groupby(ordered, lambda m: m.bucket_at - (m.bucket_at - NOON) % length):
        bars = list(group)
        opens = [bar.open for bar in bars if bar.open is not None]
        closes = [bar.close for bar in bars if bar.close is not None]
        highs = [bar.high for bar in bars if bar.high is not None]
        lows = [bar.low for bar in bars if bar.low is not None]
        prices = {
            "open": opens[0] if opens else None,
            "high": max(highs, default=None),
            "low": min(lows, default=None),
            "close": closes[-1] if closes else None,
            "bid": bars[-1].bid,
            "ask": bars[-1].ask,
            "volume": sum((bar.volume for bar in bars), Decimal(0)),
            "open_interest": bars[-1].open_interest,
        }
        found.append(
            {
                "bucket_at": time_text(start),
                **{name: None if n is None else decimal_text(n) for name, n in prices.items()},
                "is_complete": start + length <= NOW,
                "source": "exchange" if any(b.source == "exchange" for b in bars) else "stream",
            }
        )
    return found


def random_minutes(market: Market, *, span: int, count: int) -> list[Any]:
    """Make minutes with every kind of hole, the same each time."""
    chance = random.Random(20_261_122)

    def price() -> Decimal | None:
        return chance.choice([None, Decimal(chance.randrange(1, 10_000)) / 10_000])

    def minute(ago: int) -> Any:
        traded = [n for n in (price(), price(), price()) if n is not None]
        return make_candle(
            market,
            NOW - ago * MINUTE,
            open=traded[0] if traded else None,
            high=max(traded, default=None),
            low=min(traded, default=None),
            close=traded[-1] if traded else None,
            bid=price(),
            ask=price(),
            volume=Decimal(chance.randrange(10**6)) / 100,
            open_interest=price(),
            source=chance.choice(["stream"] * 9 + ["exchange"]),
        )

    return [minute(ago) for ago in chance.sample(range(span), count)]


@pytest.mark.parametrize(("interval", "minutes"), [("5m", 5), ("15m", 15)])
@pytest.mark.parametrize("limit", [7, 100, 1000])
async def test_longer_candles_are_the_minutes_folded(
    client: Client, save: Save, interval: str, minutes: int, limit: int
) -> None:
    market = make_market()
    stored = random_minutes(market, span=500 if limit < 100 else 3_000, count=300)
    await save(market, *stored)

    found: list[Any] = []
    cursor = None
    while cursor or not found:
        params: dict[str, Any] = {"interval": interval, "limit": limit}
        params |= {"cursor": cursor} if cursor else {}
        page = (await client.get(path(market), params=params)).json()
        found = page["candles"] + found
        cursor = page["cursor"]

    assert found == fold(stored, minutes * MINUTE)


async def test_pages_go_back_in_time_without_a_gap_or_a_repeat(client: Client, save: Save) -> None:
    market = make_market()
    await save(market, *make_minutes(market, *range(0, 250, 2)))
    window = {"start": "2026-11-22T08:00:00Z", "end": "2026-11-22T11:30:00Z", "limit": "40"}

    pages: list[list[str]] = []
    cursor = None
    while cursor or not pages:
        params = {**window, **({"cursor": cursor} if cursor else {})}
        answer = (await client.get(path(market), params=params)).json()
        pages.append([candle["bucket_at"] for candle in answer["candles"]])
        cursor = answer["cursor"]

    walked = [at for page in reversed(pages) for at in page]
    assert [len(page) for page in pages] == [40, 40, 25]
    assert walked == [time_text(NOW - n * MINUTE) for n in range(240, 30, -2)]


@pytest.mark.parametrize("limit", [1, 100, 101, 500, 1000])
async def test_as_many_as_asked_for(client: Client, save: Save, limit: int) -> None:
    market = make_market()
    await save(market, *make_minutes(market, *range(1_005)))

    answer = (await client.get(path(market), params={"limit": limit})).json()

    assert len(answer["candles"]) == limit
    assert answer["candles"][-1]["bucket_at"] == "2026-11-22T12:00:00.000Z"
    assert answer["cursor"]


async def test_500_unless_asked_otherwise(client: Client, save: Save) -> None:
    market = make_market()
    await save(market, *make_minutes(market, *range(501)))

    assert len(await starts(client, market)) == 500


async def test_a_quiet_market_is_looked_for_in_all_its_days(
    client: Client, save: Save, one: OneConnection
) -> None:
    market, busy = make_market(), make_market()
    await save(market, *make_minutes(market, 5, 60 * 24 * 80))
    await save(busy, *make_minutes(busy, *range(60)))

    assert len(await starts(client, market)) == 2
    one.ran.clear()
    assert len(await starts(client, busy, limit=50)) == 50
    assert len(one.ran) == 1, "a busy one is not"


async def test_freshness_stands_above_the_candles(client: Client, save: Save) -> None:
    market = make_market()
    await save(market, make_quote(market, as_of=NOW - timedelta(hours=1)))
    await save(make_feed_state(feed="kalshi.ticks", as_of=NOW - timedelta(seconds=2)))

    page = (await client.get(path(market))).json()

    feed = {"exchange": "kalshi", "state": "live", "since": "2026-11-22T12:00:00.000Z"}
    assert (page["as_of"], page["is_stale"]) == ("2026-11-22T12:00:00.000Z", False)
    assert (page["feed"], page["candles"]) == (feed, [])


async def test_an_answer_is_shared_for_a_second_and_has_an_etag(
    client: Client, save: Save, clock: VirtualClock
) -> None:
    market = make_market()
    await save(market)
    first = await client.get(path(market))
    known = {"If-None-Match": first.headers["etag"]}
    await save(*make_minutes(market, 1))

    same = await client.get(f"/v1/markets/kalshi:{market.ext_id}/candles", params={"limit": 500})
    assert same.content == first.content
    assert (await client.get(path(market), headers=known)).status_code == 304
    await clock.sleep(1.1)
    assert (await client.get(path(market), headers=known)).status_code == 200


async def test_in_camel_case(
    settings: Settings, clock: VirtualClock, connections: Connections, save: Save
) -> None:
    market = make_market()
    await save(market, *make_minutes(market, 1), make_run(), make_feed_state())
    settings.app = settings.app.model_copy(update={"api_case": ApiCase.CAMEL})

    async with serve(create_app(settings, clock, connections=connections)) as client:
        page = (await client.get(path(market))).json()

    names = ["marketId", "interval", "asOf", "isStale", "feed", "candles", "cursor"]
    assert list(page) == names
    assert page["candles"][0]["bucketAt"] == "2026-11-22T11:59:00.000Z"


async def test_no_market_no_candles(client: Client, save: Save) -> None:
    gone = make_market(is_deleted=True)
    await save(gone, *make_minutes(gone, 1))

    for name in (gone.id, "kalshi:NO-SUCH", "0" * 32):
        answer = await client.get(f"/v1/markets/{name}/candles")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("query", "named"),
    [
        pytest.param("interval=2m", "interval", id="unknown interval"),
        pytest.param("interval=", "interval", id="empty interval"),
        pytest.param("limit=0", "limit", id="limit 0"),
        pytest.param("limit=1001", "limit", id="limit 1001"),
        pytest.param("limit=1e3", "limit", id="limit with an exponent"),
        pytest.param("start=2026-11-22T12:00:00", "start", id="start without a zone"),
        pytest.param("end=2026-11-22T12:00:00", "end", id="end without a zone"),
        pytest.param("end=0001-01-01T00:00:00Z", "end", id="year 1"),
        pytest.param("start=9999-12-31T23:59:59Z", "start", id="year 9999"),
        pytest.param(
            "start=2026-11-22T12:00:00Z&end=2026-11-22T11:00:00Z", "start", id="start after end"
        ),
        pytest.param(
            "start=2026-11-22T12:00:00Z&end=2026-11-22T13:00:00%2B01:00", "start", id="no time"
        ),
        pytest.param("cursor=zebra", "cursor", id="cursor of nobody"),
        pytest.param("min_usd=5", "parameter", id="a parameter of trades"),
        pytest.param("limit=5&limit=6", "parameter", id="a parameter twice"),
    ],
)
async def test_bad_parameters(client: Client, query: str, named: str) -> None:
    answer = await client.get(f"/v1/markets/kalshi:X/candles?{query}")

    assert answer.status_code == 422
    assert set(answer.json()) == {"detail", "code"}
    assert named in answer.json()["detail"]


async def test_a_cursor_is_good_for_its_own_list_only(client: Client, save: Save) -> None:
    market, other = make_market(), make_market()
    await save(market, other, *make_minutes(market, 1, 2))
    cursor = (await client.get(path(market), params={"limit": 1})).json()["cursor"]

    assert (await client.get(path(market), params={"cursor": cursor})).status_code == 200
    for url, params in (
        (path(other), {}),
        (path(market), {"interval": "5m"}),
        (path(market), {"start": "2026-11-22T00:00:00Z"}),
    ):
        answer = await client.get(url, params={**params, "cursor": cursor})
        assert answer.json()["code"] == "invalid_cursor"
