"""Composition root of the sandbox: one ASGI application for all vendors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from sandbox.clock import SandboxClock
from sandbox.control import Control
from sandbox.issuer import TokenIssuer
from sandbox.keys import KeyRing
from sandbox.people import USUAL_CROWD, Crowd, CrowdPlan, PeopleRoutes
from sandbox.recordings import load_recordings
from sandbox.refusal import OptionError
from sandbox.shocks import NO_SCHEDULE, Chooser, Schedule, Shocks, Stage, play_schedule
from sandbox.vendors.firebase.vendor import FirebaseVendor
from sandbox.vendors.kalshi.limits import READ, Limiter
from sandbox.vendors.kalshi.routes import not_served
from sandbox.vendors.kalshi.stream.handshake import PATH as STREAM_PATH
from sandbox.vendors.kalshi.stream.recorded_frames import BY_RECEIVED
from sandbox.vendors.kalshi.stream.replay import ReplayPlan
from sandbox.vendors.kalshi.stream.seeded_follow import SeededFollow
from sandbox.vendors.kalshi.vendor import KalshiVendor, Setup
from sandbox.vendors.vendor import Vendor
from sandbox.world.pregame import pregame_winners
from sandbox.world.prices import BookPrices, LivePrices, PriceSource, SeededPrices
from sandbox.world.prices.arrivals import Pace
from sandbox.world.prices.quotes import fair
from sandbox.world.units import HOUR
from sandbox.world.world import World

BOOK, SEEDED = "book", "seeded"


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
    prices: str = BOOK
    pace: float = 1.0
    frames: tuple[Path, ...] = ()
    frames_by: str = BY_RECEIVED
    frames_speed: float = 1.0
    frames_copies: int = 1
    crowd: CrowdPlan = USUAL_CROWD
    schedule: Schedule = NO_SCHEDULE


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The parts of a running sandbox."""

    app: Starlette
    clock: SandboxClock
    world: World
    keys: KeyRing
    vendors: dict[str, Vendor]


def _prices(options: Options, world: World) -> tuple[PriceSource, LivePrices]:
    """Return what makes the prices: a book per market, or the seed alone for huge worlds."""
    if options.prices == SEEDED:
        seeded = SeededPrices()
        return seeded, SeededFollow(world, seeded)
    books = BookPrices(world, Pace(options.pace, world.now_us // HOUR * HOUR))
    return books, books


def _people_and_shocks(
    options: Options, world: World, prices: PriceSource, clock: SandboxClock
) -> list[BaseRoute]:
    """Return the routes of who holds what and of what moves it; plan what happens by itself.

    Raises:
        OptionError: an option fits neither the world nor its prices.
    """
    start_us = world.now_us
    books = prices if isinstance(prices, BookPrices) else None
    worth = books.fair if books else fair
    crowd = Crowd(world, options.crowd, lambda market: worth(market, start_us))
    people = PeopleRoutes(crowd, world, clock).routes()
    if books is None:
        if not options.schedule.is_empty:
            raise OptionError("shocks need --prices book")
        return people + Shocks(world, clock, None).routes()
    chooser = Chooser(Stage(books), crowd.held, lambda: pregame_winners(world))
    play_schedule(options.schedule, chooser, options.seed, start_us)
    return people + Shocks(world, clock, chooser).routes()


def build_sandbox(options: Options) -> Sandbox:
    """Build the world and every vendor in front of it.

    Raises:
        ManifestError: the recordings cannot be used.
        FramesError: the recorded frames cannot.
        OptionError: an option fits neither the world nor its prices.
    """
    recordings = load_recordings(options.recordings) if options.recordings else ()
    clock = SandboxClock(options.now_us, options.speed)
    is_recorded = bool(recordings or options.frames)
    world = World(options.seed, 0 if is_recorded else options.events, clock.now_us())
    keys = KeyRing(options.seed, options.key_dir)
    prices, live = _prices(options, world)
    kalshi = KalshiVendor(
        Setup(
            seed=options.seed,
            world=world,
            prices=prices,
            live=live,
            clock=clock,
            keys=keys,
            limiter=Limiter(options.read_rate, options.read_capacity),
            tolerance_s=options.tolerance_s,
            recordings=recordings,
        )
    )
    if options.frames:
        kalshi.stream.begin_replay(
            ReplayPlan(
                options.frames, options.frames_by, options.frames_speed, options.frames_copies
            )
        )
    firebase = FirebaseVendor(options.seed, clock)
    vendors: dict[str, Vendor] = {firebase.name: firebase, kalshi.name: kalshi}
    control = Control(vendors, clock, keys, TokenIssuer(options.seed))
    routes = control.routes() + kalshi.control_routes()
    routes += _people_and_shocks(options, world, prices, clock)
    routes += firebase.control_routes()
    for vendor in vendors.values():
        routes += vendor.routes()
    routes.append(Route("/{path:path}", not_served))
    app = Starlette(routes=routes)
    app.state.sockets = {STREAM_PATH: kalshi.stream.connect}
    return Sandbox(app, clock, world, keys, vendors)
