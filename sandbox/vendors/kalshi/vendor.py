"""Kalshi as a vendor of the sandbox: its routes, faults, counters and truth."""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from starlette.routing import BaseRoute

from sandbox.clock import SandboxClock
from sandbox.faults.knobs import Faults
from sandbox.keys import KeyRing
from sandbox.recordings import Recorded
from sandbox.stats import Stats
from sandbox.vendors.kalshi.auth import Verifier
from sandbox.vendors.kalshi.context import Context
from sandbox.vendors.kalshi.limits import Limiter
from sandbox.vendors.kalshi.recorded import recorded_handlers, recorded_rows
from sandbox.vendors.kalshi.render import event_row, live_markets, market_row, series_row
from sandbox.vendors.kalshi.routes import build_routes, recorded_table, replayed, world_table
from sandbox.vendors.kalshi.stream.control import StreamControl
from sandbox.vendors.kalshi.stream.service import StreamService
from sandbox.vendors.kalshi.wire import Wire
from sandbox.world.prices import PriceSource
from sandbox.world.prices.live import LivePrices
from sandbox.world.world import World

KINDS = ("series", "events", "markets")


@dataclass(frozen=True, slots=True)
class Setup:
    """What the vendor is made of; `tolerance_s` is the clock skew a signature may have."""

    seed: int
    world: World
    prices: PriceSource
    live: LivePrices
    clock: SandboxClock
    keys: KeyRing
    limiter: Limiter
    tolerance_s: float = 30.0
    recordings: tuple[Recorded, ...] = ()


class KalshiVendor:
    """Kalshi's wire over a world, or over recordings when there are any."""

    name = "kalshi"

    def __init__(self, setup: Setup) -> None:
        """Wire everything."""
        self._ctx = Context.build(setup.seed, setup.world, setup.prices, setup.clock)
        verifier = Verifier(setup.keys, setup.tolerance_s)
        self._wire = Wire(self._ctx, verifier, setup.limiter)
        self._made_recordings = setup.recordings
        self.stream = StreamService(self._ctx, setup.live, verifier)

    @property
    def faults(self) -> Faults:
        """The fault knobs."""
        return self._ctx.faults

    @property
    def stats(self) -> Stats:
        """The counters."""
        return self._ctx.stats

    def routes(self) -> list[BaseRoute]:
        """Return the routes, in front of the recordings when there are any."""
        table = world_table()
        if self._made_recordings:
            table = recorded_table(recorded_handlers(self._made_recordings))
        return build_routes(self._wire, replayed(table, self.stream))

    def control_routes(self) -> list[BaseRoute]:
        """Return the routes that control the socket."""
        return StreamControl(self.stream).routes()

    @property
    def _recordings(self) -> tuple[Recorded, ...]:
        """Rows shown instead of the world: those of a replay, or the manifest's."""
        if self.stream.rest is not None:
            return self.stream.rest.recorded()
        return self._made_recordings

    def truth(self, kind: str, after: str, limit: int) -> tuple[list[bytes], str]:
        """Return true rows of a kind in order of their ids, and where to go on.

        Raises:
            KeyError: unknown kind.
        """
        if kind not in KINDS:
            raise KeyError(kind)
        if self._recordings:
            rows = recorded_rows(self._recordings, kind)
            chosen = [key for key in rows if key > after][: limit + 1]
            found = [rows[key] for key in chosen[:limit]]
        else:
            self._ctx.world.advance(self._ctx.clock.now_us())
            chosen = [key for key in self._ids(kind) if key > after][: limit + 1]
            found = [self._true_row(kind, key) for key in chosen[:limit]]
        return found, chosen[limit - 1] if len(chosen) > limit else ""

    def _ids(self, kind: str) -> list[str]:
        world = self._ctx.world
        if kind == "series":
            return sorted(world.series)
        if kind == "events":
            return sorted(world.events)
        live = (live_markets(self._ctx, event) for event in world.events.values())
        return sorted(market.ticker for found in live for market, _ in found)

    def _true_row(self, kind: str, key: str) -> bytes:
        ctx = self._ctx
        if kind == "series":
            return series_row(ctx, ctx.world.series[key], metadata=True).encode()
        if kind == "events":
            return event_row(ctx, ctx.world.events[key]).encode()
        market = ctx.world.markets[key]
        state = ctx.world.state(market)
        if state is None:
            return orjson.dumps(None)
        return market_row(ctx, market, state, ctx.world.now_us).encode()
