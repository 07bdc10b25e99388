"""Positions: what they are worth at the price they could be sold for and at mid price."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.domain.people import Side
from app.domain.types import MarketStatus
from app.models.db import User
from tests.factories import NOW, make_feed_state, make_market, make_quote
from tests.integration.api.serving import Client, Save
from tests.people_factories import make_position, make_user

PATH = "/v1/users/me/positions"


async def only(client: Client) -> dict[str, Any]:
    answer = await client.get(PATH)
    assert answer.status_code == 200, answer.text
    (position,) = answer.json()["positions"]
    found: dict[str, Any] = position
    return found


async def test_a_position_with_everything(mine: Client, save: Save, me: User) -> None:
    market = make_market()
    position = make_position(me, market, contracts=Decimal("250.5"))
    quote = make_quote(market, last=Decimal("0.5"), bid=Decimal("0.48"), ask=Decimal("0.51"))
    await save(market, position, quote)

    assert await only(mine) == {
        "id": str(position.id),
        "market_id": str(market.id),
        "exchange": "kalshi",
        "ext_id": market.ext_id,
        "event_id": str(market.event.id),
        "title": market.title,
        "status": "open",
        "side": "yes",
        "outcome": "Yes",
        "contracts": "250.5",
        "average_price": "0.4",
        "cost_usd": "100.2",
        "bid": "0.48",
        "bid_american": 108,
        "mid": "0.495",
        "mid_american": 102,
        "value_usd": "120.24",
        "value_mid_usd": "123.9975",
        "as_of": "2026-11-22T12:00:00.000Z",
        "is_stale": False,
        "opened_at": "2026-11-22T12:00:00.000Z",
        "updated_at": "2026-11-22T12:00:00.000Z",
    }


@pytest.mark.parametrize(
    ("side", "bid", "ask", "worth", "mid_worth"),
    [
        pytest.param(Side.YES, "0.48", "0.52", "48", "50", id="yes sells at the bid"),
        pytest.param(Side.NO, "0.48", "0.52", "48", "50", id="no sells at what the ask leaves"),
        pytest.param(Side.NO, "0.10", "0.13", "87", "88.5", id="no, far from even"),
        pytest.param(Side.YES, None, "0.52", None, None, id="nobody buys yes"),
        pytest.param(Side.NO, None, "0.52", "48", None, id="no without a bid"),
        pytest.param(Side.NO, "0.48", None, None, None, id="nobody buys no"),
        pytest.param(Side.YES, None, None, None, None, id="nobody at all"),
    ],
)
async def test_both_sides(
    mine: Client,
    save: Save,
    me: User,
    side: Side,
    bid: str | None,
    ask: str | None,
    worth: str | None,
    mid_worth: str | None,
) -> None:
    market = make_market()
    prices = {"bid": bid and Decimal(bid), "ask": ask and Decimal(ask), "last": Decimal("0.3")}
    await save(market, make_position(me, market, side=side), make_quote(market, **prices))

    position = await only(mine)

    assert (position["value_usd"], position["value_mid_usd"]) == (worth, mid_worth)
    assert position["outcome"] == side.title()


@pytest.mark.parametrize(("side", "worth"), [(Side.YES, "100"), (Side.NO, "0")])
async def test_a_settled_market_is_worth_what_it_paid(
    mine: Client, save: Save, me: User, side: Side, worth: str
) -> None:
    market = make_market(status=MarketStatus.SETTLED, settlement_value=Decimal(1))
    quote = make_quote(market, bid=Decimal("0.9"), ask=Decimal("0.95"))
    await save(market, make_position(me, market, side=side), quote)

    position = await only(mine)

    assert (position["value_usd"], position["value_mid_usd"]) == (worth, worth)


async def test_without_a_quote_nothing_is_known(mine: Client, save: Save, me: User) -> None:
    market = make_market()
    await save(market, make_position(me, market, average_price=None))

    position = await only(mine)

    assert position["value_usd"] is position["cost_usd"] is position["bid"] is None


async def test_old_prices_are_said_to_be_old(mine: Client, save: Save, me: User) -> None:
    market = make_market()
    old = make_quote(market, bid=Decimal("0.5"), as_of=NOW - timedelta(hours=1))
    stale = make_feed_state(feed="kalshi.ticks", state="stale")
    await save(market, make_position(me, market), old, stale)

    assert (await only(mine))["is_stale"] is True


@pytest.mark.parametrize("size", [1, 2, 50])
async def test_pages_hold_only_my_own(mine: Client, save: Save, me: User, size: int) -> None:
    other = make_user()
    markets = [make_market() for _ in range(5)]
    held = [
        make_position(me, market, opened_at=NOW - timedelta(hours=n // 2))
        for n, market in enumerate(markets)
    ]
    await save(other, *markets, *held, *(make_position(other, market) for market in markets))
    found: list[str] = []
    cursor = None
    while cursor or not found:
        params = {"limit": size, **({"cursor": cursor} if cursor else {})}
        page = (await mine.get(PATH, params=params)).json()
        found += [position["id"] for position in page["positions"]]
        cursor = page["cursor"]

    expected = sorted(held, key=lambda position: (position.opened_at, position.id), reverse=True)
    assert found == [str(position.id) for position in expected]
