"""The proof that nothing sits unfinished: in a healthy pipeline a sweep finds nothing."""

from dataclasses import asdict, dataclass
from datetime import timedelta

import structlog

from app.domain.episodes import QUIET
from app.pipeline.parts import PipelineParts
from app.store import switches
from app.store.deliveries import return_lost
from app.store.deliveries.unfinished import close_quiet_episodes, count_unfinished

log = structlog.get_logger()

GRACE = timedelta(seconds=10)  # longer than any step needs when all is well


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What one sweep found; all but `closed_episodes` should be 0.

    Attributes:
        lost: deliveries whose lease ended, and that no dispatcher took back.
        undecided, unworded, unnotified, undelivered, overdue: see `Unfinished`.
        closed_episodes: episodes that were quiet for long enough, closed now.
    """

    lost: int
    undecided: int
    unworded: int
    unnotified: int
    undelivered: int
    overdue: int
    closed_episodes: int

    @property
    def found(self) -> int:
        """How much there was that should not be."""
        told = self.undecided + self.unworded + self.unnotified
        return told + self.undelivered + self.overdue + self.lost


async def sweep(parts: PipelineParts) -> SweepReport:
    """Look for what sits unfinished, take back lost deliveries, close quiet episodes.

    A pause or a missing gateway makes deliveries wait on purpose: then they are not overdue.
    """
    now = parts.clock.now()
    async with parts.pool.acquire() as conn:
        unfinished = await count_unfinished(conn, now=now, grace=GRACE)
        is_waiting = parts.push is None or await switches.is_on(conn, switches.PAUSE_PUSH, now=now)
        report = SweepReport(
            lost=await return_lost(conn, before=now - GRACE, now=now),
            undecided=unfinished.undecided,
            unworded=unfinished.unworded,
            unnotified=unfinished.unnotified,
            undelivered=unfinished.undelivered,
            overdue=0 if is_waiting else unfinished.overdue,
            closed_episodes=await close_quiet_episodes(conn, quiet_since=now - QUIET, now=now),
        )
    if report.found:
        log.warning("sweep.found", **asdict(report))
    return report
