"""Public trades: newest first, page by page, with what the taker bought."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.api.schemas.trades import TradePage
from app.core.clock import VirtualClock
from app.models.db import Market
from tests.factories import NOW, make_market, make_outcomes, make_quote
from tests.integration.api.serving import Client, Save
from tests.price_factories import make_trade


def path(market: Market) -> str:
    return f"/v1/markets/{market.id}/trades"


async def names(client: Client, market: Market, **params: Any) -> list[str]:
    answer = await client.get(path(market), params=params)
    assert answer.status_code == 200, answer.text
    return [trade["ext_id"] for trade in answer.json()["trades"]]


async def test_a_trade_shows_price_size_and_side(client: Client, save: Save) -> None:
    market = make_market()
    trade = make_trade(
        market,
        ext_id='a"b',
        traded_at=NOW - timedelta(microseconds=1),
        price=Decimal("0.480000"),
        contracts=Decimal("250.50"),
        cost_usd=Decimal("130.26"),
        taker="second",
    )
    await save(market, make_quote(market), trade)

    page = (await client.get(path(market))).json()

    assert page["trades"] == [
        {
            "ext_id": 'a"b',
            "traded_at": "2026-11-22T11:59:59.999Z",
            "price": "0.48",
            "price_american": 108,
            "outcome_id": str(market.outcomes[1].id),
            "outcome": "No",
            "contracts": "250.5",
            "cost_usd": "130.26",
            "is_block": False,
        }
    ]
    assert (page["market_id"], page["floor_usd"]) == (str(market.id), "100")
    assert (page["as_of"], page["is_stale"], page["feed"]) == (
        "2026-11-22T12:00:00.000Z",
        False,
        None,
    )
    assert page["cursor"] is None


@pytest.mark.parametrize(
    ("taker", "outcome"),
    [
        pytest.param("first", "Yes", id="first"),
        pytest.param("second", "No", id="second"),
        pytest.param(None, None, id="the exchange did not say"),
        pytest.param("maker", None, id="a word we do not know"),
    ],
)
async def test_which_outcome_was_bought(
    client: Client, save: Save, taker: str | None, outcome: str | None
) -> None:
    market = make_market()
    await save(market, make_trade(market, taker=taker, is_block=True))

    (trade,) = (await client.get(path(market))).json()["trades"]

    assert (trade["outcome"], trade["is_block"]) == (outcome, True)
    assert (trade["outcome_id"] is None) == (outcome is None)


async def test_an_outcome_that_is_gone_is_not_named(client: Client, save: Save) -> None:
    market = make_market(ext_id="KX1")
    market.outcomes = make_outcomes("KX1", market.exchange)[1:]
    await save(market, make_trade(market))

    (trade,) = (await client.get(path(market))).json()["trades"]

    assert trade["outcome"] is None


async def test_the_bytes_are_what_the_schema_says(client: Client, save: Save) -> None:
    market = make_market()
    await save(market, *(make_trade(market, taker=taker) for taker in ("first", None)))

    body = (await client.get(path(market))).content

    page = TradePage.model_validate_json(body, extra="forbid")
    assert page.model_dump_json().encode() == body


@pytest.mark.parametrize("limit", [1, 2, 50, 200])
async def test_pages_are_newest_first_without_a_gap_or_a_repeat(
    client: Client, save: Save, limit: int
) -> None:
    market, other = make_market(), make_market()
    moments = [NOW - timedelta(microseconds=n // 3) for n in range(120 if limit > 2 else 9)]
    trades = [make_trade(market, traded_at=at) for at in moments]
    await save(market, other, *trades, make_trade(other))
    expected = sorted(trades, key=lambda t: (t.traded_at, t.ext_id), reverse=True)

    found: list[str] = []
    cursor = None
    while cursor or not found:
        params = {"limit": limit, **({"cursor": cursor} if cursor else {})}
        page = (await client.get(path(market), params=params)).json()
        found += [trade["ext_id"] for trade in page["trades"]]
        cursor = page["cursor"]

    assert found == [trade.ext_id for trade in expected]


@pytest.mark.parametrize(
    ("least", "expected"),
    [
        pytest.param("0", ["c", "b", "a"], id="all"),
        pytest.param("250", ["c", "b"], id="at least"),
        pytest.param("250.01", ["c"], id="just over"),
        pytest.param("1000000000", [], id="none"),
    ],
)
async def test_only_large_ones(client: Client, save: Save, least: str, expected: list[str]) -> None:
    market = make_market()
    costs = {"a": "100", "b": "250", "c": "900"}
    await save(
        market, *(make_trade(market, ext_id=n, cost_usd=Decimal(c)) for n, c in costs.items())
    )

    assert await names(client, market, min_usd=least) == expected
    assert await names(client, market, min_usd=least, limit=1) == expected[:1]


async def test_an_answer_is_shared_for_a_second_and_has_an_etag(
    client: Client, save: Save, clock: VirtualClock
) -> None:
    market = make_market()
    await save(market)
    known = {"If-None-Match": (await client.get(path(market))).headers["etag"]}
    await save(make_trade(market))

    assert (await client.get(path(market), headers=known)).status_code == 304
    await clock.sleep(1.1)
    assert (await client.get(path(market), headers=known)).status_code == 200


async def test_no_market_no_trades(client: Client, save: Save) -> None:
    gone = make_market(is_deleted=True)
    await save(gone, make_trade(gone))

    for name in (gone.id, "kalshi:NO-SUCH"):
        answer = await client.get(f"/v1/markets/{name}/trades")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("query", "named"),
    [
        pytest.param("limit=0", "limit", id="limit 0"),
        pytest.param("limit=201", "limit", id="limit 201"),
        pytest.param("min_usd=-1", "min_usd", id="less than nothing"),
        pytest.param("min_usd=NaN", "min_usd", id="not a number"),
        pytest.param("min_usd=1e30", "min_usd", id="absurd"),
        pytest.param("min_usd=0.001", "min_usd", id="less than a cent"),
        pytest.param("min_usd=", "min_usd", id="empty"),
        pytest.param("interval=1m", "parameter", id="a parameter of candles"),
        pytest.param("cursor=zebra", "cursor", id="cursor of nobody"),
    ],
)
async def test_bad_parameters(client: Client, query: str, named: str) -> None:
    answer = await client.get(f"/v1/markets/kalshi:X/trades?{query}")

    assert answer.status_code == 422
    assert set(answer.json()) == {"detail", "code"}
    assert named in answer.json()["detail"]


async def test_a_cursor_is_good_for_its_own_list_only(client: Client, save: Save) -> None:
    market = make_market()
    await save(market, make_trade(market), make_trade(market))
    cursor = (await client.get(path(market), params={"limit": 1})).json()["cursor"]

    assert (await client.get(path(market), params={"cursor": cursor})).status_code == 200
    other = await client.get(path(market), params={"cursor": cursor, "min_usd": "1"})
    assert other.json()["code"] == "invalid_cursor"
