"""The people whom a market's move concerns."""

from bench.contest import Path
from bench.pipeline.holders import prepare_holders

HOLDERS_OF_MARKET = Path("holders_of_market", "questions/s", None, None, prepare_holders)
