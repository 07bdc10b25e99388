"""A seeded catalogue: ten markets to a game, texts and numbers as long as Kalshi's."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from app.domain.catalogue import CataloguePage, Event, Market, Outcome, PriceRange, Quote, Series
from app.domain.types import Contracts, Exchange, MarketStatus, MarketType, Price

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
MARKETS_PER_EVENT = 10
BATCH_MARKETS = 4_000  # as the full sync writes them
CHANGED_ONE_IN = 20

_SEED = 20_261_122
_TEAMS = (
    "Atlanta", "Boston", "Brooklyn", "Charlotte", "Chicago", "Cleveland", "Dallas", "Denver",
    "Detroit", "Golden State", "Houston", "Indiana", "Los Angeles", "Memphis", "Miami",
    "Milwaukee", "Minnesota", "New Orleans", "New York", "Oklahoma City", "Orlando",
    "Philadelphia", "Phoenix", "Portland", "Sacramento", "San Antonio", "Toronto", "Utah",
)  # fmt: skip
_LEAGUES = {
    "KXNBAGAME": "Pro Basketball",
    "KXNFLGAME": "Pro Football",
    "KXMLBGAME": "Pro Baseball",
    "KXNHLGAME": "Pro Hockey",
}
_GRID = (PriceRange(Decimal("0.0000"), Decimal("1.0000"), Decimal("0.0100")),)
_LEGAL = (
    "The following market refers to the game originally scheduled for the date above. If the"
    " game is postponed or delayed, the market will remain open and close after the rescheduled"
    " game has finished, within two weeks; a game that is cancelled or declared a tie resolves"
    " to a fair price. Names are the property of their respective owners."
)


def make_pages(markets: int, *, revision: int = 0) -> Iterator[CataloguePage]:
    """Make a catalogue in batches as a full sync writes them; the same every time.

    Args:
        markets: how many; an event for every ten of them.
        revision: from 1 on, one market in twenty and its quote differ from every other revision.
    """
    events, step = markets // MARKETS_PER_EVENT, BATCH_MARKETS // MARKETS_PER_EVENT
    for first in range(0, events, step):
        yield _page(range(first, min(first + step, events)), revision)


def _page(numbers: range, revision: int) -> CataloguePage:
    events, markets, quotes = [], [], []
    for number in numbers:
        chance = random.Random(_SEED + number)
        event = _event(number, chance)
        events.append(event)
        for place in range(MARKETS_PER_EVENT):
            changes = revision if (number * MARKETS_PER_EVENT + place) % CHANGED_ONE_IN == 0 else 0
            market = _market(event, place, chance, changes)
            markets.append(market)
            quotes.append(_quote(market, chance, changes))
    series = [_series(ext_id) for ext_id in _LEAGUES] if numbers.start == 0 else []
    return CataloguePage(series, events, markets, quotes)


def _series(ext_id: str) -> Series:
    return Series(
        Exchange.KALSHI,
        ext_id,
        f"{_LEAGUES[ext_id]} Game",
        "Sports",
        (_LEAGUES[ext_id].removeprefix("Pro "),),
        "daily",
        "quadratic",
        Decimal(1),
    )


def _event(number: int, chance: random.Random) -> Event:
    league = chance.choice(tuple(_LEAGUES))
    home, away = chance.sample(_TEAMS, 2)
    return Event(
        exchange=Exchange.KALSHI,
        ext_id=f"{league}-26NOV{number:06d}",
        series_ext_id=league,
        title=f"{away} at {home}",
        subtitle=f"{_code(away)} at {_code(home)} (Nov {1 + number % 28})",
        category="Sports",
        is_mutually_exclusive=True,
        metadata={"collateral_return_type": "MECNET", "available_on_brokers": True},
        source_ts=NOW - timedelta(days=1),
    )


def _market(event: Event, place: int, chance: random.Random, changes: int) -> Market:
    away, home = event.title.split(" at ")
    team = home if place % 2 else away
    line = Decimal(place) + Decimal("0.5")
    closes = NOW + timedelta(days=1 + chance.randrange(60), minutes=chance.randrange(1440))
    listed = NOW - timedelta(days=3, seconds=chance.randrange(86_400))
    return Market(
        exchange=Exchange.KALSHI,
        ext_id=f"{event.ext_id}-{_code(team)}{place}",
        event_ext_id=event.ext_id,
        market_type=MarketType.BINARY,
        title=f"{away} at {home}: {team} by over {line}?",
        status=MarketStatus.OPEN,
        outcomes=(Outcome("yes", f"{team} by {line}"), Outcome("no", f"{team} by {line}")),
        rules_primary=f"If {team} wins the {event.title} professional game originally scheduled"
        f" for {closes:%b %d, %Y} by more than {line} points, then the market resolves to Yes.",
        rules_secondary=_LEGAL,
        open_at=listed + timedelta(hours=1),
        close_at=closes,
        expected_expiration_at=closes,
        latest_expiration_at=closes + timedelta(days=14),
        listed_at=listed,
        can_close_early=True,
        strike_type="greater",
        floor_strike=line,
        price_ranges=_GRID,
        metadata=_metadata(closes, chance, changes),
        source_ts=NOW - timedelta(hours=12) + timedelta(seconds=changes),
    )


def _metadata(closes: datetime, chance: random.Random, changes: int) -> dict[str, object]:
    return {
        "custom_strike": {"basketball_team": str(UUID(int=chance.getrandbits(128)))},
        "early_close_condition": "This market will close and expire after a winner is declared.",
        "exchange_index": changes,
        "expiration_time": f"{closes:%Y-%m-%dT%H:%M:%SZ}",
        "expiration_value": "",
        "notional_value_dollars": "1.0000",
        "occurrence_datetime": f"{closes:%Y-%m-%dT%H:%M:%SZ}",
        "price_level_structure": "linear_cent",
        "settlement_timer_seconds": 300,
        "status": "active",
    }


def _quote(market: Market, chance: random.Random, changes: int) -> Quote:
    cents = 3 + (chance.randrange(94) + changes) % 94
    traded = chance.randrange(1, 90_000_000)
    return Quote(
        exchange=Exchange.KALSHI,
        market_ext_id=market.ext_id,
        as_of=NOW,
        last=_price(cents),
        bid=_price(cents - 1),
        ask=_price(cents + 1),
        bid_size=_contracts(chance.randrange(10_000_000)),
        ask_size=_contracts(chance.randrange(10_000_000)),
        volume=_contracts(traded),
        volume_24h=_contracts(traded // 7),
        open_interest=_contracts(traded // 2),
        previous=_price(100 - cents),
        previous_bid=_price(99 - cents),
        previous_ask=_price(101 - cents),
    )


def _code(team: str) -> str:
    return team.replace(" ", "")[:3].upper()


def _price(cents: int) -> Price:
    return Price(Decimal(f"{cents / 100:.4f}"))


def _contracts(hundredths: int) -> Contracts:
    return Contracts(Decimal(hundredths).scaleb(-2))
