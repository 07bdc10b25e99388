"""From what a watch found to a detection: its place, and what moved along with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from math import floor, log

from app.domain.detections import Detection, Finding, MarketChange, Prices
from app.domain.detectors.watch import MarketWatch
from app.domain.episodes import WORSE
from app.domain.market_kinds import MarketFacts
from app.domain.ticks import MICROS
from app.domain.types import EventId, Exchange, MarketId

ALONG = Decimal("0.02")  # a sibling that moved by as much moved along
BUCKET_MS = 15 * 60_000  # moves that began in the same quarter of an hour are one


@dataclass(slots=True)
class Watched:
    """One market under watch.

    Attributes:
        starts_ms: when its game begins, None = it has none.
        saved_through: the newest minute of the baseline when it was saved last.
    """

    exchange: Exchange
    market_id: MarketId
    event_id: EventId
    facts: MarketFacts
    starts_ms: int | None
    watch: MarketWatch
    saved_through: int | None = None

    def has_changed(self) -> bool:
        """Tell whether the baseline has more minutes than at the last call."""
        through, saved = self.watch.baseline.through, self.saved_through
        self.saved_through = through
        return through is not None and through != saved


def to_detection(
    watched: Watched,
    finding: Finding,
    siblings: Sequence[Watched],
    *,
    now: datetime,
    is_stale: bool,
) -> Detection:
    """Give a finding its place, with every market of the event that moved in the meantime."""
    subject = MarketChange(
        watched.market_id,
        finding.before,
        finding.now,
        as_of=_moment(finding.observed_ms),
        is_wide=is_wide(watched.watch, finding.now),
        is_stale=is_stale,
    )
    along = [
        change
        for other in sorted(siblings, key=lambda each: each.market_id)
        if other is not watched
        and (change := _moved_along(other, finding.before_ms + 1, is_stale)) is not None
    ]
    return Detection(
        finding=finding,
        market_id=watched.market_id,
        event_id=watched.event_id,
        decided_at=now,
        started_at=_moment(finding.started_ms),
        observed_at=_moment(finding.observed_ms),
        markets=(subject, *along),
        dedupe_key=_dedupe_key(watched.market_id, finding),
    )


def _moved_along(other: Watched, since_ms: int, is_stale: bool) -> MarketChange | None:
    before, now = other.watch.prices_at(since_ms), other.watch.current()
    if before is None or before.mark is None or now.mark is None:
        return None
    if abs(now.mark - before.mark) < ALONG:
        return None
    return MarketChange(
        other.market_id,
        before,
        now,
        as_of=_moment(other.watch.newest_ms),
        is_wide=is_wide(other.watch, now),
        is_stale=is_stale,
    )


def is_wide(watch: MarketWatch, prices: Prices) -> bool:
    """Tell whether too little is offered for the mid to mean much."""
    if prices.bid is None or prices.ask is None:
        return True
    return (prices.ask - prices.bid) * MICROS > watch.baseline.narrow_spread()


def _dedupe_key(market_id: MarketId, finding: Finding) -> str:
    """Name a finding so that a successor who looks at the same ticks says the same."""
    level = floor(log(max(float(finding.strength), 1.0)) / log(WORSE))
    started = finding.started_ms // BUCKET_MS
    return f"{finding.kind}:{market_id}:{finding.direction}:{started}:{level}"


def _moment(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1_000, UTC)
