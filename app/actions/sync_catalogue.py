"""Keep the catalogue true to one exchange: the full sync and the quick reconciliation."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from app.core.clock import Clock
from app.core.database import Pool
from app.core.errors import SourceError
from app.domain.catalogue import CataloguePage, join_pages
from app.services.ports import MarketSource
from app.store import catalogue, catalogue_life, feeds, rejects

log = structlog.get_logger()

BATCH_MARKETS = 4_000
OVERLAP = timedelta(seconds=120)
MAX_WINDOW = timedelta(days=7)
MAX_SINGLE_LOOKUPS = 300
MAX_STUBS = 100

Progress = Callable[[str, int], None]  # stage, rows so far


def _no_progress(stage: str, rows: int) -> None:
    """Say nothing."""


@dataclass(slots=True)
class CatalogueSync:
    """One sync of one exchange: where rows come from, where they go, what happened.

    Attributes:
        counts: rows written by kind, `read_*` rows seen, `stale`, `rejects`, `deleted`.
        on_progress: told after every batch; a terminal shows a bar, a log a line.
        max_window: how far back changes are read at most.
    """

    pool: Pool
    source: MarketSource
    clock: Clock
    on_progress: Progress = _no_progress
    max_window: timedelta = MAX_WINDOW
    counts: Counter[str] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)
    failures: list[SourceError] = field(default_factory=list)
    _waiting: list[CataloguePage] = field(default_factory=list)
    _known: catalogue.Fingerprints = catalogue.NOTHING_KNOWN

    async def run_full(self) -> Counter[str]:
        """Read everything that is not final, in the order series, events, markets, outcomes.

        A listing that breaks off keeps what arrived and counts as `incomplete`; only
        after a complete one is a market that was not listed asked for by itself, and
        soft-deleted on a definite 404.

        Raises:
            SourceError: the exchange gave us nothing at all.
        """
        started = self.clock.now()
        async with self.pool.acquire() as conn:
            self._known = await catalogue.read_fingerprints(conn, self.source.exchange)
            held = await catalogue_life.list_unfinished_markets(conn, self.source.exchange)
        await self._write_all("series", self.source.fetch_series())
        if await self._write_all("markets", self.source.fetch_catalogue()):
            absent = [ext_id for ext_id in held if ext_id not in self.seen]
            await self._attempt("absent", self._settle_absent(absent))
        await self._attempt("stubs", self._fill_stubs())
        if self.failures and not self.seen:
            raise self.failures[0]
        await self._record_freshness(started)
        return self.counts

    async def run_changes(self, since: datetime) -> Counter[str]:
        """Read what may have changed since `since`, then flip what only the clock announces.

        Raises:
            SourceError: some of it could not be read; the rest is written.
        """
        started = self.clock.now()
        since = max(since - OVERLAP, started - self.max_window)
        await self._write_all("changes", self.source.fetch_changes(since, started))
        await self._attempt("stubs", self._fill_stubs())
        if self.failures:
            raise self.failures[0]
        if (await self.source.fetch_status()).is_active:
            async with self.pool.acquire() as conn:
                self.counts["flipped"] += await catalogue_life.flip_by_clock(
                    conn, self.source.exchange, now=self.clock.now()
                )
        return self.counts

    async def _write_all(self, stage: str, pages: AsyncIterator[CataloguePage]) -> bool:
        """Write a listing in batches; False when it broke off."""
        self._waiting = []
        is_complete = await self._attempt(stage, self._collect(stage, pages))
        await self._write(stage, self._waiting)
        async with self.pool.acquire() as conn:
            await catalogue.settle_search(conn)
        log.info(
            "catalogue.stage_finished",
            exchange=self.source.exchange,
            stage=stage,
            is_complete=is_complete,
            **self.counts,
        )
        return is_complete

    async def _collect(self, stage: str, pages: AsyncIterator[CataloguePage]) -> None:
        async for page in pages:
            self._waiting.append(page)
            self.seen.update(market.ext_id for market in page.markets)
            if sum(len(page.markets) for page in self._waiting) >= BATCH_MARKETS:
                batch, self._waiting = self._waiting, []
                await self._write(stage, batch)

    async def _attempt(self, stage: str, work: Awaitable[None]) -> bool:
        """Do a part that depends on the exchange; its failure does not end the others."""
        try:
            await work
        except SourceError as error:
            log.warning("source.unavailable", stage=stage, error=str(error))
            self.failures.append(error)
            self.counts["incomplete"] += 1
            return False
        return True

    async def _write(self, stage: str, pages: Sequence[CataloguePage]) -> None:
        batch = join_pages(pages)
        now = self.clock.now()
        async with self.pool.acquire() as conn:
            written = await catalogue.write_page(
                conn, self.source.exchange, batch, now=now, known=self._known
            )
            if batch.rejects:
                written["rejects"] += await rejects.record_rejects(conn, batch.rejects, now=now)
        written.update(
            read_series=len(batch.series),
            read_events=len(batch.events),
            read_markets=len(batch.markets),
        )
        self.counts.update(written)
        log.info("catalogue.batch_written", stage=stage, **written)
        self.on_progress(stage, self.counts["read_markets"] + self.counts["read_series"])

    async def _settle_absent(self, absent: Sequence[str]) -> None:
        """Look after markets that a complete listing lacked: mostly settled, rarely gone."""
        if not absent:
            return
        found = await self.source.fetch_markets(absent)
        await self._write("absent", [found])
        listed = {market.ext_id for market in found.markets}
        refused = {reject.ext_id for reject in found.rejects}
        unknown = [name for name in absent if name not in listed and name not in refused]
        gone = [n for n in unknown[:MAX_SINGLE_LOOKUPS] if await self.source.is_gone(n)]
        async with self.pool.acquire() as conn:
            self.counts["deleted"] += await catalogue_life.delete_markets(
                conn, self.source.exchange, gone
            )

    async def _fill_stubs(self) -> None:
        """Fetch the events that so far only a market's mention tells us of."""
        async with self.pool.acquire() as conn:
            stubs = await catalogue_life.list_stub_events(
                conn, self.source.exchange, limit=MAX_STUBS
            )
        if stubs:
            await self._write("stubs", [await self.source.fetch_events(stubs)])

    async def _record_freshness(self, started: datetime) -> None:
        async with self.pool.acquire() as conn:
            await feeds.set_feed_state(
                conn,
                f"{self.source.exchange}.catalogue",
                "degraded" if self.failures else "polling",
                now=self.clock.now(),
                as_of=None if self.failures else started,
                detail={"failures": [str(failure) for failure in self.failures]},
            )
