"""From bytes in memory to an acknowledged Redis: ours, the least work, and what is common."""

import asyncio
import json
from dataclasses import dataclass
from itertools import chain
from time import perf_counter

import hiredis
import msgspec

from app.models.kalshi.frames import TickerFrame
from app.services.kalshi.stream import FrameReader, StreamCounters, StreamLimits
from app.store.tick_feed import market_key
from bench.contest import BenchError
from bench.ticks.check import check_latest, check_minutes
from bench.ticks.product import Stage, open_firehose
from bench.ticks.raw_redis import RawRedis
from bench.ticks.tape import Fields, Tape

_SLICE = StreamLimits().slice_frames
_COMMON = {
    "ts_ms": "ts_ms",
    "last": "price_dollars",
    "bid": "yes_bid_dollars",
    "ask": "yes_ask_dollars",
    "bid_size": "yes_bid_size_fp",
    "ask_size": "yes_ask_size_fp",
    "volume": "volume_fp",
    "open_interest": "open_interest_fp",
}
_decode = msgspec.json.Decoder(TickerFrame).decode


@dataclass(frozen=True, slots=True)
class InProcess:
    """The same frames for everyone; figures are frames per second.

    Attributes:
        sample: how many frames the peer gets, who is slow.
    """

    stage: Stage
    redis_url: str
    tape: Tape
    sample: Tape

    async def by_ours(self) -> float:
        """Read, fold and flush; frames are read on while a flush waits, as in the product."""
        async with open_firehose(self.stage) as firehose:
            reader = FrameReader(StreamCounters())
            flushing: asyncio.Task[bool] | None = None
            began_s = perf_counter()
            for group in self.tape.groups():
                for at in range(0, len(group), _SLICE):
                    ticks, _ = reader.read(group[at : at + _SLICE])
                    firehose.sink.on_ticks(ticks)
                    await asyncio.sleep(0)
                if flushing is not None:
                    await flushing
                flushing = asyncio.create_task(firehose.flusher.flush())
                await asyncio.sleep(0)
            if flushing is not None:
                await flushing
            seconds = perf_counter() - began_s
        await check_latest(self.stage.redis, "ours", self.tape.latest)
        await check_minutes(self.stage.redis, "ours", self.tape)
        return len(self.tape.frames) / seconds

    async def by_limit(self) -> float:
        """Parse a group, send what was packed before the clock started, count the replies."""
        return await self._parse_and_send(is_ahead=False)

    async def by_limit_ahead(self) -> float:
        """The same, parsing the next group while Redis still works on the last one."""
        return await self._parse_and_send(is_ahead=True)

    async def _parse_and_send(self, *, is_ahead: bool) -> float:
        await self.stage.redis.flushdb()
        packed = [(len(change), _pack(change)) for change in self.tape.changes]
        with RawRedis(self.redis_url) as raw:
            began_s = perf_counter()
            for group, (commands, sent) in zip(self.tape.groups(), packed, strict=True):
                for frame in group:
                    _decode(frame)
                raw.await_replies()
                raw.send(sent, commands)
                if not is_ahead:
                    raw.await_replies()
            raw.await_replies()
            seconds = perf_counter() - began_s
        await check_latest(self.stage.redis, "the limit", self.tape.latest)
        return len(self.tape.frames) / seconds

    async def by_naive(self) -> float:
        """Parse with the standard library and await one HSET after the other."""
        redis = self.stage.redis
        await redis.flushdb()
        began_s = perf_counter()
        for frame in self.sample.frames:
            msg = json.loads(frame)["msg"]
            fields = {name: msg[wire] for name, wire in _COMMON.items()}
            await redis.hset(market_key(msg["market_ticker"]), mapping=fields)  # type: ignore[misc]
        seconds = perf_counter() - began_s
        await self._check_naive()
        return len(self.sample.frames) / seconds

    async def _check_naive(self) -> None:
        """Compare with the tape; its prices are the exchange's text, with four decimals."""
        for ext_id, expected in self.sample.latest.items():
            row = await self.stage.redis.hgetall(market_key(ext_id))  # type: ignore[misc]
            found = {name.decode(): text.decode() for name, text in row.items()}
            prices = {name: found[name] + "00" for name in ("last", "bid", "ask")}
            wrong = {n for n, text in (found | prices).items() if text != expected[n]}
            if wrong or len(found) != len(_COMMON):
                raise BenchError(f"The naive writer left {found} at {ext_id}.")


def _pack(change: dict[str, Fields]) -> bytes:
    """Return one HSET for every market."""
    commands = []
    for ext_id, fields in change.items():
        command = ("HSET", market_key(ext_id), *chain.from_iterable(fields.items()))
        commands.append(hiredis.pack_command(command))  # type: ignore[arg-type]
    return b"".join(commands)
