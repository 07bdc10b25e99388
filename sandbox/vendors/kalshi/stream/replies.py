"""Carries commands out and answers them."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from sandbox.vendors.kalshi.context import Context
from sandbox.vendors.kalshi.stream import commands
from sandbox.vendors.kalshi.stream.commands import Command, Params
from sandbox.vendors.kalshi.stream.market_feed import MarketFeed
from sandbox.vendors.kalshi.stream.publisher import Publisher
from sandbox.vendors.kalshi.stream.refusals import CommandRefused
from sandbox.vendors.kalshi.stream.socket import StreamSocket
from sandbox.vendors.kalshi.stream.subscriptions import (
    BOOK,
    BY_MARKET,
    CHANNELS,
    INDEXES,
    PYTH,
    TICKER,
    Subscription,
    market_id_of,
)

MARKETS_TOP, COMMANDS_TOP = 10_000, 1_000  # of one subscription; the second per second
_MARKET_ACTIONS = {"add_markets": BY_MARKET, "delete_markets": BY_MARKET, "get_snapshot": {BOOK}}
_ITEM_ACTIONS = {True: ("subscribe_indices", "unsubscribe_indices", "indexlist")}
_ITEM_ACTIONS[False] = ("subscribe_underlyings", "unsubscribe_underlyings", "underlying_list")
_INDEX_NAMES = ["BRTI", "ETHUSD_RTI"]
_UNDERLYINGS = ["Commodities.Index.NATGAS/USD", "Metal.XAU/USD"]


class Replies:
    """Handles the commands of all connections."""

    def __init__(self, ctx: Context, publisher: Publisher, feed: MarketFeed) -> None:
        """Answer for one exchange."""
        self._ctx, self._publisher, self._feed = ctx, publisher, feed
        self._ids: dict[str, str] = {}

    def obey(self, socket: StreamSocket, text: bytes | None) -> None:
        """Carry out a command, or say why not."""
        self._publisher.now_ms = self._ctx.clock.now_us() // 1_000
        number: int | None = None
        try:
            number, given = commands.read_id(text)
            command = commands.read_command(number, given)
            self._ctx.stats.requests[f"WS {command.name}"] += 1
            self._fail_on_demand(command)
            self._carry_out(socket, command)
        except CommandRefused as refused:
            self._ctx.stats.requests[f"WS error {refused.code}"] += 1
            self._reply(socket, number, "error", refused.body(), refused.sid)

    def _fail_on_demand(self, command: Command) -> None:
        knob = self._ctx.faults.fires("ws_error", command.name)
        if knob is not None:
            self._ctx.stats.faults["ws_error"] += 1
            raise CommandRefused(knob.number("code", 18))

    def _carry_out(self, socket: StreamSocket, command: Command) -> None:
        if command.name == "subscribe":
            self._subscribe(socket, command)
        elif command.name == "unsubscribe":
            self._unsubscribe(socket, command)
        elif command.name == "update_subscription":
            self._update(socket, command)
        else:
            held = socket.subscriptions.values()
            rows = [{"channel": sub.channel, "sid": sub.sid} for sub in held]
            self._reply(socket, command.id, "ok", rows)

    def _reply(
        self,
        socket: StreamSocket,
        number: int | None,
        kind: str,
        msg: object,
        sid: int | None = None,
    ) -> None:
        """Send a reply; one about a subscription consumes a number of it."""
        reply: dict[str, object] = {} if number is None else {"id": number}
        sub = socket.subscriptions.get(sid) if sid is not None else None
        if sub is not None:
            reply |= {"sid": sid, "seq": sub.next_seq()}
        reply |= {"type": kind, "sending_ts_ms": self._publisher.now_ms}
        if msg is not None:
            reply["msg"] = msg
        socket.put(orjson.dumps(reply))

    def _tickers(self, params: Params) -> tuple[list[str], bool]:
        """Return the markets named, and whether they were named by id."""
        tickers = commands.words(params, "market_ticker", "market_tickers")
        ids = commands.words(params, "market_id", "market_ids")
        if tickers and ids:
            raise CommandRefused(11)
        if not ids:
            return tickers, False
        if len(self._ids) < len(self._ctx.world.markets):
            self._ids = {market_id_of(ticker): ticker for ticker in self._ctx.world.markets}
        return [self._ids[text] for text in ids if text in self._ids], True

    def _subscribe(self, socket: StreamSocket, command: Command) -> None:
        params = command.params
        if not isinstance(params.get("channels"), list) or not params["channels"]:
            raise CommandRefused(3)
        channels = commands.words({"channels": params["channels"]}, "", "channels")
        if not CHANNELS.issuperset(channels):
            raise CommandRefused(8)
        tickers, by_id = self._tickers(params)
        if by_id and set(channels) != {TICKER}:
            raise CommandRefused(11)
        if BOOK in channels and not tickers:
            raise CommandRefused(14)
        if len(set(tickers)) > MARKETS_TOP:
            raise CommandRefused(26)
        wanted = set(tickers) if tickers or by_id else None
        made = [self._make(channel, params, wanted, by_id=by_id) for channel in channels]
        for sub in made:
            self._begin(socket, command, sub)

    def _make(
        self, channel: str, params: Params, wanted: set[str] | None, *, by_id: bool
    ) -> Subscription:
        return Subscription(
            0,
            channel,
            set(wanted) if wanted is not None and channel in BY_MARKET else None,
            by_id,
            commands.flag(params, "use_yes_price"),
            commands.flag(params, "skip_ticker_ack"),
            commands.items_of(params, channel),
        )

    def _begin(self, socket: StreamSocket, command: Command, sub: Subscription) -> None:
        socket.last_sid += 1
        sub.sid = socket.last_sid
        socket.subscriptions[sub.sid] = sub
        self._reply(socket, command.id, "subscribed", {"channel": sub.channel, "sid": sub.sid})
        self._publisher.join(socket, sub)
        self._feed.wake()
        snapshot = commands.flag(command.params, "send_initial_snapshot")
        if sub.channel == BOOK or (snapshot and sub.channel == TICKER):
            self._snapshots(socket, sub, sorted(sub.tickers or ()))

    def _snapshots(self, socket: StreamSocket, sub: Subscription, tickers: Iterable[str]) -> None:
        for message in self._feed.snapshots(sub, tickers):
            self._publisher.send(socket, sub, message)

    def _find(self, socket: StreamSocket, sid: int) -> Subscription:
        sub = socket.subscriptions.get(sid)
        if sub is None:
            raise CommandRefused(7)
        return sub

    def _unsubscribe(self, socket: StreamSocket, command: Command) -> None:
        found = [self._find(socket, sid) for sid in commands.sids(command.params)]
        for sub in found:
            self._publisher.release_held(socket)
            self._reply(socket, command.id, "unsubscribed", None, sub.sid)
            self._publisher.part(socket, sub)

    def _update(self, socket: StreamSocket, command: Command) -> None:
        params = command.params
        sub = self._find(socket, commands.only_sid(params))
        self._count(sub)
        action = params.get("action")
        if not isinstance(action, str) or not action:
            raise CommandRefused(15, sub.sid)
        if sub.channel in INDEXES or sub.channel == PYTH:
            self._update_items(socket, command, sub, action)
        elif sub.channel not in _MARKET_ACTIONS.get(action, ()):
            raise CommandRefused(13, sub.sid)
        else:
            self._update_markets(socket, command, sub, action)

    def _count(self, sub: Subscription) -> None:
        second = self._publisher.now_ms // 1_000
        sub.commands = sub.commands + 1 if sub.commands_s == second else 1
        sub.commands_s = second
        if sub.commands > COMMANDS_TOP:
            raise CommandRefused(27, sub.sid)

    def _update_items(
        self, socket: StreamSocket, command: Command, sub: Subscription, action: str
    ) -> None:
        is_index = sub.channel in INDEXES
        if action not in _ITEM_ACTIONS[is_index]:
            raise CommandRefused(13, sub.sid)
        if action == "indexlist":
            msg = {"index_ids": _INDEX_NAMES}
            self._reply(socket, command.id, f"{sub.channel}_indexlist", msg, sub.sid)
        elif action == "underlying_list":
            names = {"underlying_tickers": _UNDERLYINGS}
            self._reply(socket, command.id, "pyth_value_underlying_list", names, sub.sid)
        else:
            msg = commands.change_items(sub, command.params, action)
            self._reply(socket, command.id, "ok", msg, sub.sid)

    def _update_markets(
        self, socket: StreamSocket, command: Command, sub: Subscription, action: str
    ) -> None:
        tickers, by_id = self._tickers(command.params)
        if not tickers and not by_id:
            raise CommandRefused(14, sub.sid)
        if by_id and sub.channel != TICKER:
            raise CommandRefused(11, sub.sid)
        if action == "get_snapshot":
            self._snapshots(socket, sub, tickers)
            return
        added = self._change_markets(sub, tickers, adds=action == "add_markets")
        self._reply(socket, command.id, "ok", _followed(sub), sub.sid)
        wants = sub.channel == BOOK or commands.flag(command.params, "send_initial_snapshot")
        if wants and sub.channel in (BOOK, TICKER):
            self._snapshots(socket, sub, added)

    def _change_markets(self, sub: Subscription, tickers: list[str], *, adds: bool) -> list[str]:
        """Change the markets; return those that are new. All markets stay all markets."""
        if sub.tickers is None:
            return []
        if not adds:
            sub.tickers.difference_update(tickers)
            return []
        added = [ticker for ticker in dict.fromkeys(tickers) if ticker not in sub.tickers]
        if len(sub.tickers) + len(added) > MARKETS_TOP:
            raise CommandRefused(26, sub.sid)
        sub.tickers.update(added)
        return added


def _followed(sub: Subscription) -> dict[str, list[str]]:
    if sub.quiet_acks:
        return {}
    tickers = sorted(sub.tickers or ())
    found = {"market_tickers": tickers}
    return found | {"market_ids": [market_id_of(t) for t in tickers]} if sub.by_id else found
