"""Whether we can answer: the schema is ours and the catalogue was filled once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.clock import Clock
from app.core.database import Pool
from app.core.errors import NotReady
from app.domain.freshness import full_sync
from app.domain.types import Exchange
from app.repositories import operations

_ASK_AGAIN_S = 1.0  # while not ready
_BELIEVE_S = 60.0  # once ready
RETRY_AFTER_S = 5


@dataclass(frozen=True, slots=True)
class Readiness:
    """What the database says: its schema's version, and when each full sync last succeeded."""

    revision: str
    is_current: bool
    synced_at: Mapping[Exchange, datetime | None]

    @property
    def is_ready(self) -> bool:
        """Whether catalogue routes may answer."""
        return self.is_current and all(self.synced_at.values())


class ReadinessProbe:
    """Asks the database, and remembers the answer for a moment."""

    def __init__(
        self, pool: Pool, clock: Clock, *, exchanges: Sequence[Exchange], revisions: Sequence[str]
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._exchanges = exchanges
        self._revisions = revisions  # newest first
        self._last: Readiness | None = None
        self._until = 0.0

    async def check(self) -> Readiness:
        """Ask the database now.

        Raises:
            OSError, asyncpg.PostgresError: it is away, see `repositories.errors`.
        """
        revision = await operations.get_revision(self._pool)
        runs = await operations.list_finished_runs(self._pool)
        synced_at = {exchange: runs.get(full_sync(exchange)) for exchange in self._exchanges}
        return Readiness(revision, self._is_current(revision), synced_at)

    async def require(self) -> None:
        """Let a catalogue route go on.

        Raises:
            NotReady: an empty or half-migrated catalogue is not an answer.
        """
        now = self._clock.monotonic()
        if self._last is None or now >= self._until:
            self._last = await self.check()
            self._until = now + (_BELIEVE_S if self._last.is_ready else _ASK_AGAIN_S)
        if not self._last.is_ready:
            raise NotReady(
                "The catalogue is still being filled. Please try again in a moment.",
                retry_after_s=RETRY_AFTER_S,
            )

    def _is_current(self, revision: str) -> bool:
        """A version we do not know is a newer one: schemas are changed before the code is."""
        return revision == self._revisions[0] or revision not in self._revisions
