"""Order books: snapshots and deltas make the book that REST shows."""

import asyncio
import sys
from typing import Any

from sandbox.world.model import Status
from tests.contract.sandbox.stream.conftest import Online, advance, quiet

UPDATE = "update_subscription"


async def test_a_book_and_its_deltas_make_the_book_of_rest(online: Online) -> None:
    line = await online(events=60)
    world = line.talk.sandbox.world
    tickers = [
        market.ticker
        for market in world.markets.values()
        if (state := world.state(market)) and state.status is Status.ACTIVE
    ][:40]
    sid = await line.subscribe("orderbook_delta", market_tickers=tickers)
    for _ in range(5):
        await advance(line, 60)
        await asyncio.sleep(0.05)
    line.talk.sandbox.clock.change_speed(0)
    await asyncio.sleep(0.1)
    await line.command(UPDATE, sid=sid, action="get_snapshot", market_tickers=tickers[:1])
    books: dict[str, dict[str, dict[str, int]]] = {}
    deltas = 0
    for message in [m for m in line.seen if "sid" in m] + await quiet(line, within_s=1):
        if message["type"] == "orderbook_snapshot":
            books[message["msg"]["market_ticker"]] = book_of(message["msg"], "_fp")
        elif message["type"] == "orderbook_delta":
            deltas += 1
            apply(books[message["msg"]["market_ticker"]], message["msg"])
    for ticker in tickers:
        row = (await line.talk.json(f"/markets/{ticker}/orderbook"))["orderbook_fp"]
        assert books[ticker] == book_of(row, ""), ticker
    sys.stdout.write(f"\ndeltas applied: {deltas}\n")
    assert deltas > 20


def cents(text: str) -> int:
    return int(text.replace(".", ""))


def book_of(row: dict[str, Any], ending: str) -> dict[str, dict[str, int]]:
    return {
        side: {price: cents(count) for price, count in row.get(f"{side}_dollars{ending}", [])}
        for side in ("yes", "no")
    }


def apply(book: dict[str, dict[str, int]], delta: dict[str, Any]) -> None:
    levels, price = book[delta["side"]], delta["price_dollars"]
    levels[price] = levels.get(price, 0) + cents(delta["delta_fp"])
    if not levels[price]:
        del levels[price]


async def test_yes_prices_of_a_book(online: Online) -> None:
    line = await online(speed=0.0)
    world = line.talk.sandbox.world
    ticker = next(
        m.ticker
        for m in world.markets.values()
        if m.flow.sides == "both" and (s := world.state(m)) and s.status is Status.ACTIVE
    )
    await line.subscribe("orderbook_delta", market_ticker=ticker)
    plain = (await line.next("orderbook_snapshot"))["msg"]["no_dollars_fp"]
    await line.subscribe("orderbook_delta", market_ticker=ticker, use_yes_price=True)
    turned = (await line.next("orderbook_snapshot"))["msg"]["no_dollars_fp"]
    assert [[10_000 - cents(price), count] for price, count in reversed(turned)] == [
        [cents(price), count] for price, count in plain
    ]
