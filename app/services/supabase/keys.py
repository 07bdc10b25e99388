"""The issuer's keys, kept: fetched when needed, refreshed before they are old, stale for a while.

An unknown key id may be a new key, or anybody's invention: it makes us ask again, but rarely.
"""

import asyncio

import jwt
import structlog

from app.core.clock import Clock
from app.core.errors import SourceError, SourceUnavailable
from app.services.supabase.endpoint import KeyEndpoint
from app.services.supabase.errors import SOURCE
from app.services.supabase.expiring import Expiring
from app.services.supabase.key_set import KeySet

TTL_S = 600.0
REFRESH_AT_S = 0.8 * TTL_S
STALE_AT_MOST_S = 3_600.0
ASK_AGAIN_S = 10.0  # for an unknown key id
RETRY_S = 2.0  # after the endpoint failed
UNKNOWN_FOR_S = 60.0
MAX_UNKNOWN = 1_000

log = structlog.get_logger()


class SigningKeys:
    """One process's copy of the key set; belongs to one event loop."""

    def __init__(self, endpoint: KeyEndpoint, clock: Clock) -> None:
        """Fetch nothing yet."""
        self._endpoint = endpoint
        self._clock = clock
        self._keys: KeySet = {}
        self._fetched_at: float | None = None
        self._failed_at: float | None = None  # None: the last fetch went well
        self._forced_at: float | None = None
        self._fetching: asyncio.Task[None] | None = None
        self._begun = 0  # fetches are numbered
        self._answered = 0  # the last one that went well
        self._unknown: Expiring[str, bool] = Expiring(clock, MAX_UNKNOWN)

    async def find(self, key_id: str) -> jwt.PyJWK | None:
        """Return a key by its id, None when the issuer has no such key.

        Raises:
            SourceUnavailable: the endpoint is down, and what we have is too old to go by or
                lacks this key.
        """
        before = self._begun
        await self._keep_fresh()
        if key_id not in self._keys and not self._unknown.get(key_id):
            await self._look_again(key_id, before)
        if key_id not in self._keys and self._failed_at is not None:
            raise SourceUnavailable(SOURCE, "an unknown key, and the issuer cannot be asked")
        return self._keys.get(key_id)

    async def _keep_fresh(self) -> None:
        """Begin a fetch when it is time; wait for it only when there is nothing to go by."""
        age_s = self._age_s()
        if age_s < REFRESH_AT_S:
            return
        is_waiting = age_s >= (TTL_S if self._failed_at is None else STALE_AT_MOST_S)
        if self._fetching is not None or _is_over(self._failed_at, RETRY_S, self._now()):
            fetching = self._start()
            if is_waiting:
                await asyncio.shield(fetching)  # others wait for it too
        if self._age_s() >= STALE_AT_MOST_S:
            raise SourceUnavailable(SOURCE, "the issuer's keys cannot be had")

    async def _look_again(self, key_id: str, before: int) -> None:
        """Ask for a key that may be new; `before` is the last fetch begun when it was wanted."""
        if self._answered <= before:
            if self._fetching is None:
                if not _is_over(self._forced_at, ASK_AGAIN_S, self._now()):
                    return
                self._forced_at = self._now()
            await asyncio.shield(self._start())
        if self._answered > before and key_id not in self._keys:
            self._unknown.put(key_id, True, for_s=UNKNOWN_FOR_S)

    def _now(self) -> float:
        return self._clock.monotonic()

    def _age_s(self) -> float:
        return float("inf") if self._fetched_at is None else self._now() - self._fetched_at

    def _start(self) -> asyncio.Task[None]:
        """Return the fetch under way, or begin one."""
        if self._fetching is None:
            self._begun += 1
            self._fetching = asyncio.create_task(self._fetch(self._begun))
        return self._fetching

    async def _fetch(self, number: int) -> None:
        asked_at = self._now()
        try:
            self._keys = await self._endpoint.fetch()
        except SourceError as error:
            self._failed_at = self._now()
            log.warning("signing_keys.unavailable", error=str(error))
        else:
            self._fetched_at, self._failed_at, self._answered = asked_at, None, number
            log.info("signing_keys.fetched", keys=len(self._keys))
        finally:
            self._fetching = None


def _is_over(began_at: float | None, length_s: float, now: float) -> bool:
    return began_at is None or now - began_at >= length_s
