"""Lists of markets and events: order, pages, filters."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.domain.types import MarketStatus
from app.models.db import Event, Market, MarketQuote
from tests.factories import NOW, make_event, make_market, make_quote, make_series
from tests.integration.api.serving import Client, Save, walk

NEVER = datetime.max.replace(tzinfo=UTC)
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Listed:
    """A market as the tests' own reading of the order sees it."""

    market: Market
    quote: MarketQuote | None


def _by_quote(rank: Callable[[MarketQuote], Decimal]) -> Callable[[Listed], Key]:
    def key(row: Listed) -> Key:
        if row.quote is None:
            return (1, 0, -row.market.id.int)
        return (0, -rank(row.quote), -row.market.id.int)

    return key


def _movement(quote: MarketQuote) -> Decimal:
    if quote.last is None or quote.previous is None:
        return Decimal(0)
    return abs(quote.last - quote.previous)


ORDERS: Mapping[str, Callable[[Listed], Key]] = {
    "volume": _by_quote(lambda quote: quote.volume_24h or Decimal(0)),
    "movement": _by_quote(_movement),
    "close": lambda row: (row.market.close_at or NEVER, row.market.id.int),
    "newest": lambda row: (-row.market.listed_at.timestamp(), -row.market.id.int),
}


def _quote(dice: random.Random, market: Market) -> MarketQuote | None:
    """Few values, so that many are equal; some missing; some markets without a quote."""
    if dice.random() < 0.25:
        return None
    return make_quote(
        market,
        volume_24h=dice.choice([None, Decimal(0), Decimal("10.5"), Decimal(7)]),
        last=dice.choice([None, Decimal("0.5"), Decimal("0.25")]),
        previous=dice.choice([None, Decimal("0.5"), Decimal("0.75")]),
    )


@pytest.fixture
async def world(client: Client, save: Save) -> list[Listed]:
    """Sixty markets of nine events with many equal ranks, NULLs and missing quotes."""
    dice = random.Random(7)
    series = [make_series(category="Sports"), make_series(category="Politics")]
    events = [
        make_event(
            title=f"Game {n}",
            series=dice.choice(series),
            category=dice.choice([None, None, "Sports", "Climate"]),
        )
        for n in range(9)
    ]
    rows = []
    for n in range(60):
        market = make_market(
            title=f"Will team {n % 4} win?",
            event=dice.choice(events),
            status=dice.choice([MarketStatus.OPEN, MarketStatus.PAUSED, MarketStatus.SETTLED]),
            close_at=dice.choice([None, *(NOW + timedelta(hours=h) for h in (1, 2, 3))]),
            listed_at=NOW - timedelta(days=dice.randint(0, 4)),
            is_combo=dice.random() < 0.1,
        )
        rows.append(Listed(market, _quote(dice, market)))
    await save(*(row.market for row in rows))
    await save(*(row.quote for row in rows if row.quote))
    return rows


def expected(rows: list[Listed], sort: str, keep: Callable[[Market], bool]) -> list[str]:
    kept = [row for row in rows if keep(row.market) and not row.market.is_combo]
    return [str(row.market.id) for row in sorted(kept, key=ORDERS[sort])]


def first_events(rows: list[Listed], sort: str, keep: Callable[[Market], bool]) -> list[str]:
    """An event stands where its first matching market does."""
    kept = [row for row in rows if keep(row.market) and not row.market.is_combo]
    ordered = [str(row.market.event.id) for row in sorted(kept, key=ORDERS[sort])]
    return list(dict.fromkeys(ordered))


@pytest.mark.parametrize("sort", ORDERS)
async def test_pages_join_to_the_whole_order(
    client: Client, world: list[Listed], sort: str
) -> None:
    for limit in (1, 3, 25, 26, 200):
        found = await walk(client, "/v1/markets", limit, sort=sort)
        assert found == expected(world, sort, lambda _: True)


@pytest.mark.parametrize("sort", ORDERS)
async def test_events_stand_where_their_first_market_does(
    client: Client, world: list[Listed], sort: str
) -> None:
    for limit in (1, 4, 200):
        found = await walk(client, "/v1/events", limit, sort=sort)
        assert found == first_events(world, sort, lambda _: True)


def _event(row: Market) -> Event:
    return row.event


FILTERS: dict[str, tuple[dict[str, Any], Callable[[Market], bool]]] = {
    "status": ({"status": "open"}, lambda m: m.status is MarketStatus.OPEN),
    "two statuses": (
        {"status": ["open", "paused"]},
        lambda m: m.status in {MarketStatus.OPEN, MarketStatus.PAUSED},
    ),
    "own category": ({"category": "Climate"}, lambda m: _event(m).category == "Climate"),
    "inherited category": (
        {"category": "Sports"},
        lambda m: (_event(m).category or _event(m).series.category) == "Sports",
    ),
    "closes after, included": (
        {"closes_after": "2026-11-22T14:00:00Z"},
        lambda m: m.close_at is None or m.close_at >= NOW + timedelta(hours=2),
    ),
    "closes before, excluded, in another zone": (
        {"closes_before": "2026-11-22T09:00:00-05:00"},
        lambda m: m.close_at is not None and m.close_at < NOW + timedelta(hours=2),
    ),
    "other exchange": ({"exchange": "polymarket"}, lambda _: False),
    "same exchange": ({"exchange": "kalshi"}, lambda _: True),
    "several": (
        {"status": ["open", "settled"], "category": "Sports", "closes_before": "2027-01-01T00:00Z"},
        lambda m: (
            m.status in {MarketStatus.OPEN, MarketStatus.SETTLED}
            and (_event(m).category or _event(m).series.category) == "Sports"
            and m.close_at is not None
        ),
    ),
}


@pytest.mark.parametrize("name", FILTERS)
async def test_filters_in_every_order(client: Client, world: list[Listed], name: str) -> None:
    params, keep = FILTERS[name]

    for sort in ORDERS:
        markets = await walk(client, "/v1/markets", 5, sort=sort, **params)
        assert markets == expected(world, sort, keep)
        events = await walk(client, "/v1/events", 2, sort=sort, **params)
        assert events == first_events(world, sort, keep)


async def test_filter_by_series_and_event_in_both_forms(
    client: Client, world: list[Listed]
) -> None:
    event = world[0].market.event
    series = event.series
    of_series = expected(world, "volume", lambda m: m.event.series is series)
    of_event = expected(world, "volume", lambda m: m.event is event)

    for reference in (str(series.id), f"kalshi:{series.ext_id}"):
        assert await walk(client, "/v1/markets", 50, series=reference) == of_series
    for reference in (str(event.id), f"kalshi:{event.ext_id}"):
        assert await walk(client, "/v1/markets", 50, event=reference) == of_event
    assert await walk(client, "/v1/markets", 50, event="kalshi:NOTHING") == []


async def test_combos_are_shown_only_when_asked_for(client: Client, world: list[Listed]) -> None:
    with_combos = await walk(client, "/v1/markets", 200, include_combos="true")

    combos = {str(row.market.id) for row in world if row.market.is_combo}
    assert combos
    assert set(with_combos) == {str(row.market.id) for row in world}
    assert not combos & set(await walk(client, "/v1/markets", 200))


@pytest.mark.parametrize(
    ("q", "titles"),
    [
        pytest.param("lakers", ["Lakers at 100%"], id="case ignored"),
        pytest.param("100% la", ["Lakers at 100%"], id="every word, any order, percent literal"),
        pytest.param("kxfind", ["Lakers at 100%", "Snake_case"], id="the exchange's id"),
        pytest.param("e_c", ["Snake_case"], id="underscore literal"),
        pytest.param("lakers snake", [], id="all words must occur"),
        pytest.param("back\\slash", [], id="backslash literal"),
        pytest.param("  lakers  ", ["Lakers at 100%"], id="blanks around"),
    ],
)
async def test_search(client: Client, save: Save, q: str, titles: list[str]) -> None:
    for n, title in enumerate(("Lakers at 100%", "Snake_case", "Lukers at 1000")):
        prefix = "KXOTHER" if n == 2 else "KXFIND"
        event = make_event(title=title, ext_id=f"{prefix}-E{n}")
        await save(make_market(title=title, ext_id=f"{prefix}-M{n}", event=event))

    markets = (await client.get("/v1/markets", params={"q": q, "sort": "close"})).json()
    events = (await client.get("/v1/events", params={"q": q, "sort": "close"})).json()

    assert sorted(row["title"] for row in markets["markets"]) == titles
    assert sorted(row["title"] for row in events["events"]) == titles


async def test_markets_are_listed_when_all_quotes_are_lost(client: Client, save: Save) -> None:
    """Quotes are unlogged: a crash of PostgreSQL empties them until the next sync."""
    rows = [make_market() for _ in range(5)]
    await save(*rows)

    found = await walk(client, "/v1/markets", 2, sort="volume")

    assert sorted(found) == sorted(str(row.id) for row in rows)


async def test_a_row_that_appears_meanwhile_does_not_shift_the_next_page(
    client: Client, save: Save
) -> None:
    rows = [make_market(close_at=NOW + timedelta(hours=n)) for n in range(1, 5)]
    await save(*rows)
    first = (await client.get("/v1/markets", params={"sort": "close", "limit": 2})).json()

    await save(make_market(close_at=NOW))
    params = {"sort": "close", "limit": 2, "cursor": first["cursor"]}
    second = (await client.get("/v1/markets", params=params)).json()

    shown = [row["id"] for page in (first, second) for row in page["markets"]]
    assert shown == [str(row.id) for row in rows]
