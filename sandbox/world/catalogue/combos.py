"""Combos: provisional markets on several legs, quoted on one side, rarely traded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from sandbox.world.catalogue.builder import EventSpec, MarketSpec, assemble
from sandbox.world.catalogue.slots import Rhythm, Slot, rhythm_of
from sandbox.world.life import Plan, Trouble
from sandbox.world.model import Event, Grid, Market, Result, Series, Strike
from sandbox.world.noise import key_of, natural, rng_of
from sandbox.world.units import DAY, MINUTE, SECOND

_SERIES = Series(
    "KXMVESPORTSMULTIGAMEEXTENDED", "Combos across games", "Sports", "custom", None, (),
    fee_type="quadratic_with_combo_maker_fees",
)  # fmt: skip
_LEG_SLOTS = 60
COLLECTION = "KXMVESPORTSMULTIGAMEEXTENDED-R"


class Legs:
    """Events that combos are made of, each built once."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        """Take the slots whose games are listed shortly before they are played."""
        self.slots = sorted(slots, key=lambda slot: slot.rhythm.life_us)[:_LEG_SLOTS]
        self._event = lru_cache(maxsize=1_024)(self._make)

    def _make(self, place: int, index: int) -> Event:
        return self.slots[place].make(index)

    def longest_us(self) -> int:
        """Return the longest usual life of a leg."""
        return max(slot.rhythm.life_us for slot in self.slots)

    def newest(self, place: int, now_us: int) -> Event:
        """Return the latest event of a slot at a time."""
        return self._event(place, self.slots[place].rhythm.newest(now_us))


class ComboSlot:
    """Mints one combo a day from markets of the given slots that are open then."""

    def __init__(self, seed: int, number: int, legs: Legs) -> None:
        """Choose among `legs`."""
        self.series: Series = _SERIES
        self._seed, self._number, self._legs = seed, number, legs
        self.rhythm: Rhythm = rhythm_of(
            seed,
            f"combo {number}",
            period_us=DAY,
            lead_us=0,
            life_us=legs.longest_us(),
            anchor_us=natural(seed, number) * 80 * SECOND,
        )

    def make(self, index: int) -> Event:
        """Mint combo `index`."""
        listed = self.rhythm.listed_us(index)
        legs = self._choose(index, listed)
        digest = f"{key_of(self._seed, 'combo', self._number, index):016X}"
        ticker = f"{_SERIES.ticker}-S2026{digest[:11]}"
        name = ",".join(f"{side} {leg.name}" for leg, side in legs)
        chance, won = 1.0, True
        for leg, side in legs:
            yes = side == "yes"
            chance *= leg.flow.fair if yes else 1.0 - leg.flow.fair
            won = won and (leg.result.word == side)
        market = MarketSpec(
            code=digest[5:16],
            name=name,
            title=name,
            rules="",
            strike=Strike("custom", custom=_custom(ticker, legs)),
            fair=chance,
            result=Result.of(won, ""),
        )
        spec = EventSpec(
            series=_SERIES,
            ticker=ticker,
            title=name,
            sub_title="",
            plan=_plan(listed, [leg for leg, _ in legs]),
            markets=lambda: (market,),
            rules="Not affiliated with or endorsed by any league.",
            grid=Grid.DECI,
            troubles=(Trouble.NONE,),
        )
        return self._dress(assemble(self._seed, spec), legs)

    def make_if_known(self, index: int, now_us: int) -> Event | None:
        """Mint combo `index` unless it is forgotten by now."""
        event = self.make(index)
        return event if event.gone_us > now_us else None

    def _choose(self, index: int, listed: int) -> list[tuple[Market, str]]:
        rng = rng_of(self._seed, "legs", self._number, index)
        wanted = min(rng.randrange(2, 5), len(self._legs.slots))
        legs = []
        for place in rng.sample(range(len(self._legs.slots)), wanted):
            event = self._legs.newest(place, listed)
            market = event.markets[rng.randrange(len(event.markets))]
            legs.append((market, "yes" if rng.random() < 0.7 else "no"))
        return legs

    def _dress(self, event: Event, legs: list[tuple[Market, str]]) -> Event:
        """Make it a combo: provisional, asked only, gone if it never traded."""
        event.collection = COLLECTION
        market = event.markets[0]
        traded = natural(market.flow.key, 1) < 200
        market.flow = replace(
            market.flow,
            sides="both" if traded else "ask",
            interval_us=DAY // 7 if traded else 0,
            spread=12,
        )
        market.legs = tuple((leg.event.ticker, leg.ticker, side) for leg, side in legs)
        market.provisional = True
        if not traded and natural(market.flow.key, 2) < 300:
            market.removed_us = event.life.times[-2] + SECOND  # determined, not yet paid
            event.uniform = False
        return event


def _plan(listed: int, legs: list[Market]) -> Plan:
    opens = listed - listed % SECOND
    end = max(max(leg.event.end_us for leg in legs), opens + MINUTE) + 3 * MINUTE
    return Plan(
        created_us=listed,
        open_us=opens,
        start_us=end - 3 * MINUTE,
        end_us=end,
        close_us=end + DAY,
        expected_us=end,
        timer_s=5,
        determine_us=20 * SECOND,
        early=True,
    )


def _custom(ticker: str, legs: list[tuple[Market, str]]) -> dict[str, str]:
    return {
        "Associated Events": ",".join(leg.event.ticker for leg, _ in legs),
        "Associated Market Sides": ",".join(side for _, side in legs),
        "Associated Markets": ",".join(leg.ticker for leg, _ in legs),
        "Multivariate Event Ticker": ticker,
    }
