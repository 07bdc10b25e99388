"""Token buckets and what each endpoint costs."""

from __future__ import annotations

PREFIX = "/trade-api/v2"
READ = (200, 400)  # tokens a second, capacity: the Basic tier
WRITE = (100, 100)
DEFAULT_COST = 10
COSTS: tuple[tuple[str, str, int], ...] = (
    ("POST", f"{PREFIX}/account/api_usage_level/upgrade", 30),
    ("GET", f"{PREFIX}/cfbenchmarks", 50),
    ("GET", f"{PREFIX}/cfbenchmarks/*endpoint", 50),
    ("GET", f"{PREFIX}/communications/quotes/:quote_id", 2),
    ("DELETE", f"{PREFIX}/portfolio/events/orders", 2),
    ("DELETE", f"{PREFIX}/portfolio/events/orders/:order_id", 2),
    ("DELETE", f"{PREFIX}/portfolio/events/orders/batched", 2),
    ("GET", f"{PREFIX}/portfolio/orders/:order_id", 2),
)
_BY_ROUTE = {(method, path): cost for method, path, cost in COSTS}
_BALANCE = "GET /portfolio/balance"


def cost_of(route: str) -> int:
    """Return the tokens of a route such as `GET /portfolio/orders/{order_id}`."""
    method, path = route.split(" ", 1)
    colons = path.replace("{", ":").replace("}", "")
    return _BY_ROUTE.get((method, PREFIX + colons), DEFAULT_COST)


class TokenBucket:
    """Refills at a rate up to a capacity; starts full."""

    def __init__(self, rate: float, capacity: float) -> None:
        """Rate in tokens a second."""
        self._rate, self._capacity = rate, capacity
        self._tokens, self._at_s = capacity, 0.0

    def take(self, tokens: float, at_s: float) -> bool:
        """Take tokens if they are there; a refused request costs nothing."""
        passed = at_s - self._at_s if self._at_s else 0.0
        self._tokens = min(self._capacity, self._tokens + passed * self._rate)
        self._at_s = at_s
        if self._tokens < tokens:
            return False
        self._tokens -= tokens
        return True


class Limiter:
    """One read and one balance bucket per account: a key, or a peer without one."""

    def __init__(self, rate: float = READ[0], capacity: float = READ[1]) -> None:
        """Use the Basic tier unless told otherwise."""
        self._rate, self._capacity = rate, capacity
        self._read: dict[str, TokenBucket] = {}
        self._balance: dict[str, TokenBucket] = {}

    def allows(self, account: str, route: str, at_s: float) -> bool:
        """Spend what a request costs, False when the account cannot afford it."""
        if route == _BALANCE:  # one call a second, no burst
            return self._balance.setdefault(account, TokenBucket(1, 1)).take(1, at_s)
        bucket = self._read.setdefault(account, TokenBucket(self._rate, self._capacity))
        return bucket.take(cost_of(route), at_s)
