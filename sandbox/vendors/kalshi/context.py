"""What every handler of Kalshi's wire needs."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.clock import SandboxClock
from sandbox.faults.knobs import Faults
from sandbox.faults.rows import Spoiler
from sandbox.stats import Stats
from sandbox.vendors.kalshi.hours import Halt
from sandbox.vendors.kalshi.paging import Pager
from sandbox.vendors.kalshi.recent_trades import RecentTrades
from sandbox.vendors.kalshi.shapes import SHAPES
from sandbox.world.prices import PriceSource
from sandbox.world.world import World


@dataclass(slots=True)
class Context:
    """The world, its prices and what may go wrong on the way out."""

    world: World
    prices: PriceSource
    clock: SandboxClock
    faults: Faults
    stats: Stats
    spoiler: Spoiler
    pager: Pager
    halt: Halt
    recent: RecentTrades

    @classmethod
    def build(cls, seed: int, world: World, prices: PriceSource, clock: SandboxClock) -> Context:
        """Wire the parts together."""
        faults, stats = Faults(seed), Stats()
        spoiler = Spoiler(seed, faults, stats, SHAPES)
        pager = Pager(seed, faults, stats)
        halt, recent = Halt(faults), RecentTrades()
        return cls(world, prices, clock, faults, stats, spoiler, pager, halt, recent)
