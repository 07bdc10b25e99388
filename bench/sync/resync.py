"""A catalogue that is in the database already, written once more."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from bench.arena import Arena, Database
from bench.contest import Contender, Contest, Promise, Remarks, Role, Scale
from bench.sync.check import Referee
from bench.sync.load import settle, wal_position, write_catalogue
from bench.sync.product import full_sync
from bench.sync.writers import executemany, fingerprint_pass

_WAL_MARKETS = 50_000  # the promise is for so many


@dataclass(slots=True)
class Resync:
    """Rounds of re-syncs, ours and the peer's each in a database of its own.

    Attributes:
        is_changing: whether one market in twenty differs from the round before.
        wal_bytes: written by each of our re-syncs.
    """

    own: Database
    peer: Database
    markets: int
    is_changing: bool
    referee: Referee = field(default_factory=Referee)
    wal_bytes: list[int] = field(default_factory=list)
    round: int = 0

    async def by_fingerprints(self) -> float:
        """Begin a round: hash every row, nothing else."""
        self.round += 1
        return self.markets / await write_catalogue(
            fingerprint_pass, self.markets, revision=self._revision
        )

    async def by_executemany(self) -> float:
        """Rewrite every row."""
        await settle(self.peer)
        seconds = await write_catalogue(
            executemany(self.peer), self.markets, revision=self._revision
        )
        await self._judge("executemany", self.peer)
        return self.markets / seconds

    async def by_ours(self) -> float:
        """Write what changed."""
        await settle(self.own)
        before = await wal_position(self.own)
        seconds = await full_sync(self.own, self.markets, revision=self._revision)
        self.wal_bytes.append(await wal_position(self.own) - before)
        await self._judge("ours", self.own)
        return self.markets / seconds

    async def report(self) -> Remarks:
        """Report the write-ahead log; the promise is for a re-sync without a change."""
        per_markets = max(self.wal_bytes) / self.markets * _WAL_MARKETS / 1e6
        wal = Promise("wal_mb_per_50k_markets", per_markets, 1)
        extra = {"markets": self.markets, wal.name: per_markets}
        return Remarks(extra, () if self.is_changing else (wal,))

    @property
    def _revision(self) -> int:
        return self.round if self.is_changing else 0

    async def _judge(self, who: str, database: Database) -> None:
        await self.referee.judge(who, database, markets=self.markets, work=self._revision)


@asynccontextmanager
async def prepare_resync(
    arena: Arena, scale: Scale, *, is_changing: bool
) -> AsyncIterator[Contest]:
    """Load two databases alike and yield the contest of their re-syncs."""
    markets = scale.pick(full=_WAL_MARKETS, quick=2_000)
    async with arena.database("resync_loaded") as loaded:
        await full_sync(loaded, markets)
    async with AsyncExitStack() as stack:
        own = await stack.enter_async_context(arena.database("resync_own", like="resync_loaded"))
        peer = await stack.enter_async_context(arena.database("resync_peer", like="resync_loaded"))
        resync = Resync(own, peer, markets, is_changing)
        yield Contest(
            [
                Contender(Role.LIMIT, "fingerprint pass", resync.by_fingerprints),
                Contender(Role.PEER, "executemany upsert", resync.by_executemany),
                Contender(Role.OURS, "write_page", resync.by_ours),
            ],
            resync.report,
        )
