"""The read budget: Kalshi's token bucket, spent on our side before it is spent on theirs."""

import re

from aiolimiter import AsyncLimiter

DEFAULT_COST = 10.0
# Reads whose cost differs, as `GET /account/endpoint_costs` listed them on 2026-07-06.
_COSTS = (
    (re.compile(r"/cfbenchmarks(/.*)?"), 50.0),
    (re.compile(r"/portfolio/orders/[^/]+"), 2.0),
    (re.compile(r"/communications/quotes/[^/]+"), 2.0),
)
_ALWAYS_DEFAULT = frozenset({"/portfolio/orders/queue_positions"})
_BALANCE = "/portfolio/balance"  # a bucket of its own, one call a second without burst
_BALANCE_EVERY_S = 1.1
_BURST_S = 0.1


def cost_of(path: str) -> float:
    """Return the tokens a GET of `path` costs (path after the base URL, without query)."""
    if path in _ALWAYS_DEFAULT:
        return DEFAULT_COST
    return next((cost for route, cost in _COSTS if route.fullmatch(path)), DEFAULT_COST)


class ReadBudget:
    """Waits until a read may be sent.

    The real bucket refills at `tokens_per_s` and holds two seconds of that on the
    Basic tier, one on some higher ones. Ours gives out `tokens_per_s * share` and holds
    a tenth of a second: at a share of 0.9 no second sees more than `tokens_per_s`, and
    what the network holds up for a second and lets go at once still fits theirs.
    """

    def __init__(self, tokens_per_s: float, share: float) -> None:
        self._rate = tokens_per_s * share
        self._capacity = max(self._rate * _BURST_S, DEFAULT_COST)
        self._reads: AsyncLimiter | None = None
        self._balance: AsyncLimiter | None = None

    async def spend(self, path: str) -> None:
        """Wait for and take the tokens of one attempt; every retry spends anew."""
        if path == _BALANCE:
            await self._balance_limiter().acquire()
            return
        owed = cost_of(path)
        while owed > 0:  # one that costs more than we hold is saved up for in parts
            part = min(owed, self._capacity)
            await self._read_limiter().acquire(part)
            owed -= part

    def forget_loop(self) -> None:
        """Forget the event loop the limiters belong to, so that another one may be used."""
        self._reads = self._balance = None

    def _read_limiter(self) -> AsyncLimiter:
        if self._reads is None:
            self._reads = AsyncLimiter(self._capacity, self._capacity / self._rate)
        return self._reads

    def _balance_limiter(self) -> AsyncLimiter:
        if self._balance is None:
            self._balance = AsyncLimiter(1, _BALANCE_EVERY_S)
        return self._balance
