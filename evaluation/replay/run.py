"""One replay, from a folder to its decisions."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from app.core.clock import VirtualClock
from app.core.config import Settings
from app.core.database import Pool, create_pool
from evaluation.recording.folder import Recording, RecordingInvalid
from evaluation.recording.shapes import CatalogueFile, Meta, from_millis, to_millis
from evaluation.replay.catalogue import ReplayCatalogue
from evaluation.replay.decisions import Decision, read_decisions
from evaluation.replay.drive import Player
from evaluation.replay.gateway import NotingGateway
from evaluation.replay.log import to_json
from evaluation.replay.moments import Moments
from evaluation.replay.people import ReplayPeople
from evaluation.replay.stage import Stage, open_feeds, open_monitor

Say = Callable[[str], None]
_POOL_SIZE = 4


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay showed.

    Attributes:
        counts: lines, ticks, markets, rejects, pushes and more, by name.
    """

    began_at: datetime
    ended_at: datetime
    decisions: list[Decision]
    counts: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return everything as one JSON object; the same at every replay."""
        return {
            "began_at": self.began_at.isoformat(),
            "ended_at": self.ended_at.isoformat(),
            **self.counts,
            "decisions": [to_json(decision) for decision in self.decisions],
        }


async def replay(recording: Recording, settings: Settings, database_url: str, say: Say) -> Replayed:
    """Play a recording on a database that is migrated and empty.

    Raises:
        RecordingInvalid: nothing to play, or a file that cannot be read.
    """
    began_at = _began_at(recording)
    pool = await create_pool(database_url, size=_POOL_SIZE)
    try:
        stage = await _set(recording, settings, pool, began_at)
        feeds = open_feeds(stage)
        player = Player(stage, await open_monitor(stage, feeds), feeds)
        moments = Moments(recording)
        await player.play(moments, say)
        decisions = await read_decisions(pool)
    finally:
        await pool.close()
    ticks = sum(feed.ticks for feed in feeds.values())
    counts = {
        "lines": {name: asdict(counted) for name, counted in moments.counts.items()},
        "backwards": moments.backwards,
        "outside": moments.outside,
        "unread": dict(sorted(stage.unread.items())),
        "markets": len(stage.catalogue.markets),
        "ticks": ticks,
        "refused": sum(feed.refused + feed.rejects for feed in feeds.values()),
        "rejects": stage.catalogue.rejects,
        "pushes": len(stage.gateway.pushes),
    }
    return Replayed(began_at, stage.clock.now(), decisions, counts)


async def _set(recording: Recording, settings: Settings, pool: Pool, began_at: datetime) -> Stage:
    """Fill the database with what is there before the first line."""
    clock = VirtualClock(began_at)
    catalogue, listed, people = ReplayCatalogue(pool), recording.catalogue(), recording.people()
    if listed is not None:
        await catalogue.load(listed, as_of=began_at)
    stage = Stage(
        settings=settings,
        pool=pool,
        clock=clock,
        catalogue=catalogue,
        people=ReplayPeople(pool, people),
        gateway=NotingGateway(clock),
        invents=listed is None,
        listed_until_ms=_listed_until_ms(listed, recording.meta),
    )
    await stage.meet_new()
    return stage


def _began_at(recording: Recording) -> datetime:
    """Return the full second in which the first thing happened."""
    first = next(iter(Moments(recording)), None)
    if first is None:
        raise RecordingInvalid(f"{recording.path} holds nothing to play.")
    began_at = from_millis(first.at_ms)
    if recording.meta.began_at is not None:
        began_at = min(began_at, recording.meta.began_at)
    return began_at.replace(microsecond=0)


def _listed_until_ms(listed: CatalogueFile | None, meta: Meta) -> int:
    if listed is None:
        return 0
    as_of = listed.as_of or meta.began_at
    return 0 if as_of is None else to_millis(as_of)
