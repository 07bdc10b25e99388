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
from functools import lru_cache
from typing import NamedTuple

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
RETIRED_S = 86_400
REDIS_AWAY = (RedisError, OSError, TimeoutError)

_FIELDS = (
    *("ts_ms", "last", "bid", "ask", "bid_size", "ask_size", "volume", "open_interest"),
    *("minute", "open", "high", "low", "minute_volume"),
)
_PER_STATE = len(_FIELDS) + 1  # its key comes first
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
for i = 5, #ARGV, {_PER_STATE} do
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


class _Arguments(NamedTuple):
    """Arguments of the script as they go over the wire, and how many they are."""

    number: int
    wire: bytes


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
        words = _word(self._fence) + _word(str(number)) + _word(self.exchange.value)
        wire = b"%b$%d\r\n%b\r\n%b" % (words.encode(), len(packed), packed, _to_wire(states))
        try:
            entry, known = await self._call(_Arguments(4 + _PER_STATE * len(states), wire))
        except RedisError as error:
            if str(error).startswith(_FENCED):
                raise LeaseLost(f"a newer holder writes {self._keys[0]}: {error}") from error
            raise
        return Written(entry.decode(), bool(known))

    async def retire(self, ext_ids: Sequence[str]) -> None:
        """Let markets that will have no more frames fade from Redis within a day.

        Raises:
            RedisError, OSError, TimeoutError: Redis is away.
        """
        async with self._redis.pipeline(transaction=False) as pipe:
            for ext_id in ext_ids:
                pipe.expire(market_key(ext_id), RETIRED_S)
            await pipe.execute()

    async def close(self) -> None:
        """Drop the connection; the next write makes another."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.disconnect(nowait=True)

    async def _call(self, arguments: _Arguments) -> tuple[bytes, int]:
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
        self, connection: AbstractConnection, arguments: _Arguments
    ) -> tuple[bytes, int]:
        head = ("EVALSHA", self._sha, str(len(self._keys)), *self._keys)
        begin = f"*{len(head) + arguments.number}\r\n{''.join(map(_word, head))}".encode()
        await connection.send_packed_command([begin, arguments.wire], check_health=False)
        entry, known = await connection.read_response(disable_decoding=True)
        return entry, known


def _to_wire(states: Sequence[MarketState]) -> bytes:
    """Return key and fields of every state as arguments on the wire, one after the other.

    Written by hand because it is most of what a flush costs us: a packer that is given
    the words takes three times as long.

    Raises:
        ValueError: an id that is not ASCII, which the fold never lets in.
    """
    parts = []
    for ext_id, ts_ms, last, bid, ask, bid_size, ask_size, interest, volume, minute in states:
        parts.append(
            f"{_word(market_key(ext_id))}{_word(str(ts_ms))}"
            f"{_price(last)}{_price(bid)}{_price(ask)}{_count(bid_size)}{_count(ask_size)}"
            f"{_count(volume)}{_count(interest)}"
        )
        if minute is None:
            parts.append(_NO_MINUTE)
        else:
            parts.append(
                f"{_word(str(minute.minute))}{_price(minute.open)}{_price(minute.high)}"
                f"{_price(minute.low)}{_count(minute.volume)}"
            )
    return "".join(parts).encode("ascii")


def _word(text: str) -> str:
    return f"${len(text)}\r\n{text}\r\n"


@lru_cache(maxsize=65_536)
def _price(micros: int | None) -> str:
    return _word(micros_to_text(micros))


def _count(centis: int | None) -> str:
    return _word(centis_to_text(centis))


_NO_MINUTE = 5 * _word("")
