"""What Redis knows of markets: where the next holder of a firehose goes on."""

from collections.abc import Mapping, Sequence

from app.core.redis import Redis
from app.domain.ticks import to_centis
from app.store.tick_feed import market_key

_BATCH = 1_000
_SCRIPT = """
local found = {}
for i, key in ipairs(KEYS) do
    found[i] = redis.call('HMGET', key, 'ts_ms', 'volume')
end
return found
"""


async def read_seeds(redis: Redis, ext_ids: Sequence[str]) -> Mapping[str, tuple[int, int | None]]:
    """Return the newest frame's time (ms) and cumulative volume (hundredths) of known markets."""
    read = redis.register_script(_SCRIPT)
    seeds: dict[str, tuple[int, int | None]] = {}
    for at in range(0, len(ext_ids), _BATCH):
        batch = ext_ids[at : at + _BATCH]
        rows = await read(keys=[market_key(ext_id) for ext_id in batch])
        for ext_id, (ts_ms, volume) in zip(batch, rows, strict=True):
            if ts_ms:
                seeds[ext_id] = (int(ts_ms), to_centis(volume.decode()) if volume else None)
    return seeds
