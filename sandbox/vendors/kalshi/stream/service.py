"""The socket's side of the exchange: connections, the rounds of sending, faults of the line."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from uvicorn.server import ServerState
from websockets.http11 import Request

from sandbox.clock import steady_s
from sandbox.faults.stream import LINE_FAULTS
from sandbox.vendors.kalshi.auth import Verifier
from sandbox.vendors.kalshi.context import Context
from sandbox.vendors.kalshi.stream.flood import Flood
from sandbox.vendors.kalshi.stream.handshake import Doorman
from sandbox.vendors.kalshi.stream.market_feed import MarketFeed
from sandbox.vendors.kalshi.stream.publisher import Publisher
from sandbox.vendors.kalshi.stream.recorded_frames import read_frames
from sandbox.vendors.kalshi.stream.replay import Replay, ReplayPlan
from sandbox.vendors.kalshi.stream.replay_rest import ReplayRest
from sandbox.vendors.kalshi.stream.replies import Replies
from sandbox.vendors.kalshi.stream.socket import GOING_AWAY, PONG_MISSED, StreamSocket
from sandbox.world.prices.live import LivePrices


@dataclass(slots=True)
class StreamTimes:
    """Seconds; Kalshi pings every 10 s."""

    ping_s: float = 10.0
    round_s: float = 0.02
    busy_round_s: float = 0.005  # while a flood or a replay runs
    look_s: float = 1.0  # how often a fault with a rate may hit a connection
    pongs: int = 3  # unanswered pings that end a connection


class StreamService:
    """Everything behind `/trade-api/ws/v2`."""

    def __init__(self, ctx: Context, live: LivePrices, verifier: Verifier) -> None:
        """Wire the parts; nothing runs without a connection."""
        self.times = StreamTimes()
        self.publisher = Publisher(ctx.faults, ctx.stats)
        self.sockets: dict[int, StreamSocket] = {}
        self.opened = 0
        self.feed = MarketFeed(ctx, live, self.publisher)
        self.flood = Flood(ctx, self.publisher, self.feed.tickers)
        self.replay: Replay | None = None
        self.rest: ReplayRest | None = None  # beside a replay
        self._ctx = ctx
        self._doorman = Doorman(ctx, verifier)
        self._replies = Replies(ctx, self.publisher, self.feed)
        self._task: asyncio.Task[None] | None = None
        self._looked_s = 0.0

    def connect(self, state: ServerState) -> StreamSocket:
        """Make the protocol of a new connection."""
        self.opened += 1
        return StreamSocket(self, state, self.opened)

    def open(self, socket: StreamSocket, request: Request) -> None:
        """Answer a handshake."""
        self.sockets[socket.number] = socket
        self._doorman.answer(socket, request)
        self.start()

    def start(self) -> None:
        """Run the rounds if they do not run."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())
            self._task.add_done_callback(_report)

    def obey(self, socket: StreamSocket, text: bytes | None) -> None:
        """Carry out a command."""
        if not socket.subscriptions:
            socket.subscribed_s = steady_s()
        self._replies.obey(socket, text)

    def leave(self, socket: StreamSocket) -> None:
        """Forget a connection."""
        self.sockets.pop(socket.number, None)
        self.publisher.part_all(socket)

    def begin_replay(self, plan: ReplayPlan) -> None:
        """Show recorded frames instead of the world.

        Raises:
            FramesError: the files cannot be replayed.
        """
        frames = read_frames(plan.files, plan.by)
        self.replay = Replay(plan, frames, self.publisher, self._ctx.faults)
        self.rest = ReplayRest(self.replay, self._ctx.clock.now_us())
        self._turn_world(is_off=True)

    def end_replay(self) -> None:
        """Show the world again."""
        self.replay = self.rest = None
        self._turn_world(is_off=False)

    def _turn_world(self, *, is_off: bool) -> None:
        self.feed.is_off = self._ctx.halt.is_overruled = is_off
        self.feed.rest()

    def describe(self) -> dict[str, object]:
        """Return counters and who is connected, as JSON."""
        stats, log = self._ctx.stats, self.publisher.log
        followed = [
            {
                "connection": socket.number,
                "muted": socket.is_muted,
                "buffered": socket.buffered,
                "subscriptions": [
                    {"sid": sub.sid, "channel": sub.channel, "seq": sub.seq}
                    for sub in socket.subscriptions.values()
                ],
            }
            for socket in self.sockets.values()
        ]
        requests = stats.requests.items()
        return {
            "frames": dict(log.frames),
            "connections": {"opened": self.opened, "now": followed},
            "commands": {name: count for name, count in requests if name.startswith("WS ")},
            "faults": {
                name: count
                for name, count in stats.faults.items()
                if name.startswith(("ws_", "sent_code"))
            },
        }

    async def _run(self) -> None:
        """Go round while anybody is connected or a replay runs."""
        while self.sockets or (self.replay is not None and self.replay.is_running):
            self.round(steady_s())
            await asyncio.sleep(self._pause_s())

    def _pause_s(self) -> float:
        is_busy = self.flood.is_on or (self.replay is not None and self.replay.is_running)
        return self.times.busy_round_s if is_busy else self.times.round_s

    def round(self, now_s: float) -> None:
        """Send what is due to everybody."""
        self.publisher.now_ms = self._ctx.clock.now_us() // 1_000
        if self.replay is not None:
            self.replay.step(now_s, list(self.sockets.values()))
        else:
            self.feed.step(now_s)
            self.flood.step(now_s)
        self._look(now_s)
        for socket in list(self.sockets.values()):
            socket.flush()
        self.publisher.log.written()

    def _look(self, now_s: float) -> None:
        """Ping, and let the faults of the line loose."""
        is_due = now_s - self._looked_s >= self.times.look_s
        if is_due:
            self._looked_s = now_s
        closes = self._doorman.in_maintenance()
        for socket in list(self.sockets.values()):
            if not socket.is_open or socket.is_muted:
                continue
            if closes:
                self._ctx.stats.faults["maintenance"] += 1
                socket.say_goodbye(GOING_AWAY, "maintenance")
                continue
            if is_due:
                self.publisher.release_held(socket)
            self._ping(socket, now_s)
            if socket.subscriptions:
                self._break(socket, now_s, is_due=is_due)

    def _ping(self, socket: StreamSocket, now_s: float) -> None:
        if now_s - socket.pinged_s < self.times.ping_s:
            return
        if socket.unanswered >= self.times.pongs:
            socket.say_goodbye(PONG_MISSED, "no pong")
        else:
            socket.ping(now_s)

    def _break(self, socket: StreamSocket, now_s: float, *, is_due: bool) -> None:
        """Ask every fault of the line: those with a count at once, the others once a second."""
        faults = self._ctx.faults
        for name in LINE_FAULTS:
            knob = faults.active(name)
            if knob is None or not (is_due or knob.count is not None):
                continue
            age_s = now_s - socket.subscribed_s
            if "seconds" in knob.options and age_s < knob.seconds:
                continue
            channels = " ".join(sub.channel for sub in socket.subscriptions.values())
            if faults.fires(name, channels) is not None:
                self._ctx.stats.faults[name] += 1
                self._hit(socket, name, knob.route)
                return

    def _hit(self, socket: StreamSocket, name: str, channel: str) -> None:
        if name == "ws_disconnect":
            socket.say_goodbye(GOING_AWAY, "going away")
        elif name == "ws_cut":
            socket.cut()
        elif name == "ws_black_hole":
            socket.flush()
            socket.is_muted = True
        else:
            code = 10 if name == "ws_code10" else 25
            for sub in list(socket.subscriptions.values()):
                if channel in sub.channel:
                    self.publisher.end(socket, sub, code)


def _report(task: asyncio.Task[None]) -> None:
    """Say aloud when the rounds ended with an error."""
    if not task.cancelled() and task.exception() is not None:
        context = {"message": "the sandbox's stream ended", "exception": task.exception()}
        asyncio.get_event_loop().call_exception_handler(context)
