"""The check: what is in Redis must be what the tape adds up to, or there is no figure."""

from collections.abc import Mapping

from app.core.redis import Redis
from app.domain.fold import MicroCandle
from app.domain.types import Exchange
from app.models.tick_entry import decode_entry
from app.store.tick_feed import TICKS, market_key
from bench.contest import BenchError
from bench.ticks.tape import Fields, Minute, Tape

_KEYS = 500
_MICROS = 100  # micro-dollars in 1/100 cent, in which the tape counts
_FIELD = Exchange.KALSHI.value.encode()


async def check_latest(redis: Redis, who: str, expected: Mapping[str, Fields]) -> None:
    """Compare every market's hash with the tape; fields the tape does not name may be there.

    Raises:
        BenchError: a market is missing or too many, or a field differs.
    """
    if await redis.exists(*map(market_key, expected)) != len(expected):
        raise BenchError(f"{who} left markets out.")
    names = list(expected)
    for at in range(0, len(names), _KEYS):
        async with redis.pipeline(transaction=False) as pipe:
            for name in names[at : at + _KEYS]:
                pipe.hgetall(market_key(name))
            found = await pipe.execute()
        for name, fields in zip(names[at : at + _KEYS], found, strict=True):
            _compare(who, name, {k.decode(): v.decode() for k, v in fields.items()}, expected[name])


def _compare(who: str, name: str, found: Fields, expected: Fields) -> None:
    wrong = {key: found.get(key) for key, text in expected.items() if found.get(key) != text}
    if wrong:
        raise BenchError(f"{who} left {wrong} at {name}, expected {expected}.")


async def check_minutes(redis: Redis, who: str, tape: Tape) -> None:
    """Add up the pieces in the stream, in its order, and compare every minute with the tape.

    Raises:
        BenchError: a minute is missing or too many, or differs.
    """
    found: dict[tuple[str, int], Minute] = {}
    for _, fields in await redis.xrange(TICKS):
        for piece in decode_entry(fields[_FIELD]):
            _add(found, piece)
    for key, expected in tape.minutes.items():
        if found.get(key) != expected:
            raise BenchError(f"{who} made {found.get(key)} of {key}, expected {expected}.")
    if len(found) != len(tape.minutes):
        raise BenchError(f"{who} made {len(found)} minutes of {len(tape.minutes)}.")


def _add(minutes: dict[tuple[str, int], Minute], piece: MicroCandle) -> None:
    key = (piece.market_ext_id, piece.minute)
    prices = (piece.open, piece.high, piece.low, piece.close)
    if None in prices:
        raise BenchError(f"A piece of {key} has no price.")
    opened, high, low, close = (price // _MICROS for price in prices if price is not None)
    new = Minute(opened, high, low, close, piece.volume, piece.frames)
    old = minutes.get(key, new)
    is_first = key not in minutes
    minutes[key] = Minute(
        old.open,
        max(old.high, new.high),
        min(old.low, new.low),
        new.close,
        new.volume if is_first else old.volume + new.volume,
        new.frames if is_first else old.frames + new.frames,
    )
