"""The firehose's writes to Redis: latest prices of markets, and the stream of micro-candles.

`market:{ext_id}` is a hash of text (prices with six decimals, counts with two, empty = none):
`last, bid, ask, bid_size, ask_size, volume, open_interest` and `ts_ms` of the newest frame,
and the open minute for display: `minute` (minutes since 1970), `open, high, low,
minute_volume`. `ticks` is a stream of `models.tick_entry`, one field per exchange.

One script writes a batch, or nothing of it: it refuses a fence that is not the newest, and
knows a batch it has written already, so that one whose answer was lost can be sent again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import hiredis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import NoScriptError, RedisError

from app.core.errors import LeaseLost
from app.core.redis import Redis
from app.domain.fold import MarketState, MicroCandle
from app.domain.ticks import centis_to_text, micros_to_text
from app.domain.types import Exchange
from app.models.tick_entry import encode_entry

TICKS = "ticks"
KEEP_ENTRIES = 3_000  # five minutes at ten a second
BATCH = 500  # markets a script writes at once: Redis does nothing else meanwhile
REDIS_AWAY = (RedisError, OSError, TimeoutError)

_FIELDS = (
    *("ts_ms", "last", "bid", "ask", "bid_size", "ask_size", "volume", "open_interest"),
    *("minute", "open", "high", "low", "minute_volume"),
)
_FENCED = "FENCED"
_HASH = ", ".join(f"'{name}', ARGV[i + {at}]" for at, name in enumerate(_FIELDS, start=1))
_SCRIPT = f"""
local fence, batch, entry = unpack(redis.call('HMGET', KEYS[1], 'fence', 'batch', 'entry'))
if fence and tonumber(fence) > tonumber(ARGV[1]) then
    return redis.error_reply('{_FENCED} ' .. fence)
end
local known = fence and 1 or 0
if fence == ARGV[1] and batch == ARGV[2] then
    return {{entry, known}}
end
for i = 5, #ARGV, {len(_FIELDS) + 1} do
    redis.call('HSET', ARGV[i], {_HASH})
end
if ARGV[4] ~= '' then
    entry = redis.call('XADD', KEYS[2], 'MAXLEN', '~', {KEEP_ENTRIES}, '*', ARGV[3], ARGV[4])
end
redis.call('HSET', KEYS[1], 'fence', ARGV[1], 'batch', ARGV[2], 'entry', entry or '')
return {{entry or '', known}}
"""


def market_key(ext_id: str) -> str:
    """Return the key of a market's latest prices."""
    return f"market:{ext_id}"


@dataclass(frozen=True, slots=True)
class Written:
    """A batch that is in Redis.

    Attributes:
        entry: its id in `ticks`; empty when there were no pieces and none before.
        was_known: False = Redis had never heard of this firehose, or forgot everything.
    """

    entry: str
    was_known: bool


class TickFeed:
    """The one writer of an exchange's prices to Redis, under a fence."""

    def __init__(self, redis: Redis, exchange: Exchange, fence: int) -> None:
        """Prepare; connects on first use."""
        self.exchange = exchange
        self._redis = redis
        self._keys = (f"firehose:{exchange.value}", TICKS)
        self._fence = str(fence)
        self._connection: AbstractConnection | None = None
        self._sha = ""

    async def write(
        self, number: int, pieces: Sequence[MicroCandle], states: Sequence[MarketState]
    ) -> Written:
        """Write a batch; safe to repeat with the same number until it succeeds.

        Args:
            number: of the batch, counted by the caller; never used for other content.

        Raises:
            LeaseLost: another holder has written with a higher fence.
            RedisError, OSError, TimeoutError: Redis is away; whether it was written is unknown.
        """
        packed = encode_entry(pieces) if pieces else b""
        arguments = [self._fence, str(number), self.exchange.value, packed, *_flat(states)]
        try:
            entry, known = await self._call(arguments)
        except RedisError as error:
            if str(error).startswith(_FENCED):
                raise LeaseLost(f"a newer holder writes {self._keys[0]}: {error}") from error
            raise
        return Written(entry.decode(), bool(known))

    async def close(self) -> None:
        """Drop the connection; the next write makes another."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.disconnect(nowait=True)

    async def _call(self, arguments: list[str | bytes]) -> tuple[bytes, int]:
        """Run the script on a connection of its own, and load it where it is not."""
        connection, self._connection = self._connection or await self._connect(), None
        try:
            answer = await self._evaluate(connection, arguments)
        except NoScriptError:
            self._sha = await self._redis.script_load(_SCRIPT)
            answer = await self._evaluate(connection, arguments)
        except BaseException:  # the answer may still come: nobody else may read it
            await connection.disconnect(nowait=True)
            raise
        self._connection = connection
        return answer

    async def _connect(self) -> AbstractConnection:
        self._sha = await self._redis.script_load(_SCRIPT)
        connection: AbstractConnection = self._redis.connection_pool.make_connection()  # type: ignore[no-untyped-call]
        try:
            await connection.connect()  # type: ignore[no-untyped-call]
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        return connection

    async def _evaluate(
        self, connection: AbstractConnection, arguments: list[str | bytes]
    ) -> tuple[bytes, int]:
        command = ("EVALSHA", self._sha, len(self._keys), *self._keys, *arguments)
        await connection.send_packed_command(
            [hiredis.pack_command(command)],  # type: ignore[arg-type]
            check_health=False,
        )
        entry, known = await connection.read_response(disable_decoding=True)
        return entry, known


def _flat(states: Sequence[MarketState]) -> list[str | bytes]:
    """Return key and fields of every state, one after the other."""
    words: list[str | bytes] = []
    for state in states:
        minute = state.running
        words += (
            market_key(state.market_ext_id),
            str(state.ts_ms),
            micros_to_text(state.last),
            micros_to_text(state.bid),
            micros_to_text(state.ask),
            centis_to_text(state.bid_size),
            centis_to_text(state.ask_size),
            centis_to_text(state.volume),
            centis_to_text(state.open_interest),
        )
        if minute is None:
            words += ("", "", "", "", "")
        else:
            words += (
                str(minute.minute),
                micros_to_text(minute.open),
                micros_to_text(minute.high),
                micros_to_text(minute.low),
                centis_to_text(minute.volume),
            )
    return words
