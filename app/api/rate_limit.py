"""How often one address may ask: in this process, in memory, in constant time."""

import math
from ipaddress import IPv6Address, ip_address

from app.core.clock import Clock

_SWEEP_AT = 10_000  # addresses
_IPV6_NETWORK = 64  # bits one subscriber usually has


class RateLimiter:
    """A generic cell rate algorithm: `per_minute` at once, then evenly spaced.

    It keeps one number per address, the time when its allowance is full again, so a
    minute's burst cannot be doubled at the turn of a window.
    """

    def __init__(self, clock: Clock, per_minute: int) -> None:
        self._clock = clock
        self._interval = 60 / per_minute
        self._burst = 60 - self._interval
        self._full_at: dict[str, float] = {}

    def take(self, address: str) -> int:
        """Count one request; return 0, or after how many whole seconds to come back."""
        now = self._clock.monotonic()
        full_at = max(self._full_at.get(address, now), now)
        wait = full_at - now - self._burst
        if wait > 0:
            return math.ceil(wait)
        if len(self._full_at) >= _SWEEP_AT:
            self._sweep(now)
        self._full_at[address] = full_at + self._interval
        return 0

    def _sweep(self, now: float) -> None:
        """Forget who has a full allowance again; a flood of others only starts afresh."""
        kept = {address: at for address, at in self._full_at.items() if at > now}
        self._full_at = kept if len(kept) < _SWEEP_AT else {}


def client_key(host: str) -> str:
    """Return whom to count: an IPv4 address, or the network of an IPv6 one."""
    if ":" not in host:
        return host
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(int(address) >> (128 - _IPV6_NETWORK))
    return host
