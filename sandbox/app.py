"""Composition root of the sandbox: one ASGI application for all vendors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Route

from sandbox.clock import SandboxClock
from sandbox.control import Control
from sandbox.issuer import TokenIssuer
from sandbox.keys import KeyRing
from sandbox.recordings import load_recordings
from sandbox.vendors.kalshi.limits import READ, Limiter
from sandbox.vendors.kalshi.routes import not_served
from sandbox.vendors.kalshi.vendor import KalshiVendor, Setup
from sandbox.vendors.vendor import Vendor
from sandbox.world.prices import SeededPrices
from sandbox.world.world import World


@dataclass(frozen=True, slots=True)
class Options:
    """What a sandbox is started with; times in microseconds since 1970."""

    events: int = 40
    seed: int = 7
    speed: float = 1.0
    now_us: int | None = None
    key_dir: Path | None = None
    recordings: Path | None = None
    tolerance_s: float = 30.0
    read_rate: float = READ[0]
    read_capacity: float = READ[1]


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The parts of a running sandbox."""

    app: Starlette
    clock: SandboxClock
    world: World
    keys: KeyRing
    vendors: dict[str, Vendor]


def build_sandbox(options: Options) -> Sandbox:
    """Build the world and every vendor in front of it.

    Raises:
        ManifestError: the recordings cannot be used.
    """
    recordings = load_recordings(options.recordings) if options.recordings else ()
    clock = SandboxClock(options.now_us, options.speed)
    world = World(options.seed, 0 if recordings else options.events, clock.now_us())
    keys = KeyRing(options.seed, options.key_dir)
    kalshi = KalshiVendor(
        Setup(
            seed=options.seed,
            world=world,
            prices=SeededPrices(),
            clock=clock,
            keys=keys,
            limiter=Limiter(options.read_rate, options.read_capacity),
            tolerance_s=options.tolerance_s,
            recordings=recordings,
        )
    )
    vendors: dict[str, Vendor] = {kalshi.name: kalshi}
    control = Control(vendors, clock, keys, TokenIssuer(options.seed))
    routes = control.routes()
    for vendor in vendors.values():
        routes += vendor.routes()
    routes.append(Route("/{path:path}", not_served))
    return Sandbox(Starlette(routes=routes), clock, world, keys, vendors)
