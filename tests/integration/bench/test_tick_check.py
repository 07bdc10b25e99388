"""The tick referee: one wrong digit in Redis, and there is no figure."""

import pytest

from app.core.redis import Redis
from app.domain.fold import FoldBook
from app.domain.types import Exchange
from app.services.kalshi.stream import FrameReader, StreamCounters
from app.store.tick_feed import BATCH, TICKS, TickFeed, market_key
from bench.contest import BenchError
from bench.ticks.check import check_latest, check_minutes
from bench.ticks.tape import make_tape

TAPE = make_tape(2_000, group=500)
FAR_MS = 4_000_000_000_000


@pytest.fixture
async def written(redis: Redis) -> Redis:
    """A Redis that the product filled with the tape."""
    reader, book = FrameReader(StreamCounters()), FoldBook()
    feed = TickFeed(redis, Exchange.KALSHI, 1)
    for number, group in enumerate(TAPE.groups(), start=1):
        ticks, _ = reader.read(group)
        book.fold(ticks, latest_ms=FAR_MS)
        flush = book.take()
        assert len(flush.states) <= BATCH
        await feed.write(number, flush.pieces, flush.states)
    await feed.close()
    return redis


async def test_the_products_own_writes_are_the_truth(written: Redis) -> None:
    await check_latest(written, "ours", TAPE.latest)
    await check_minutes(written, "ours", TAPE)


@pytest.mark.parametrize("field", ["last", "volume", "high", "minute_volume"])
async def test_a_wrong_field_is_no_result(written: Redis, field: str) -> None:
    ext_id = next(iter(TAPE.latest))
    await written.hset(market_key(ext_id), field, "0.000001")  # type: ignore[misc]
    with pytest.raises(BenchError, match=field):
        await check_latest(written, "another", TAPE.latest)


async def test_a_lost_market_is_no_result(written: Redis) -> None:
    await written.delete(market_key(next(iter(TAPE.latest))))
    with pytest.raises(BenchError, match="left markets out"):
        await check_latest(written, "another", TAPE.latest)


async def test_a_lost_or_doubled_entry_is_no_result(written: Redis) -> None:
    newest, fields = (await written.xrevrange(TICKS, count=1))[0]
    await written.xdel(TICKS, newest)
    with pytest.raises(BenchError, match="expected"):
        await check_minutes(written, "another", TAPE)
    for _ in range(2):
        await written.xadd(TICKS, fields)
    with pytest.raises(BenchError, match="expected"):
        await check_minutes(written, "another", TAPE)
