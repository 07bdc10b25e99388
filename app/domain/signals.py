"""Signals: time-stamped outside facts with a source; some kinds can explain a move, some never."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

from app.domain.ids import NAMESPACE


class SignalKind(StrEnum):
    """What sort of fact a signal is."""

    INJURY = "injury"
    SCRATCH = "scratch"
    LINEUP = "lineup"
    WEATHER = "weather"
    PRACTICE_REPORT = "practice_report"
    OFFICIAL_RELEASE = "official_release"
    GAME_STATE = "game_state"
    WHALE_TRADE = "whale_trade"
    SHARP_FLOW = "sharp_flow"
    SENTIMENT = "sentiment"
    SETTLEMENT = "settlement"


_NEVER = frozenset(
    {SignalKind.WHALE_TRADE, SignalKind.SHARP_FLOW, SignalKind.SENTIMENT, SignalKind.SETTLEMENT}
)


def explains(kind: SignalKind) -> bool:
    """Tell whether facts of a kind can be evidence for why a price moved."""
    return kind not in _NEVER


@dataclass(frozen=True, slots=True)
class Signal:
    """One fact as one source told it.

    Attributes:
        source_event_id: the source's own id of what it told; with `source` the natural key.
        source_at: when the world said it; `observed_at`: when we read it.
        subjects: what it is about (`event:kalshi:KX...`, `player:...`).
        fact: the typed content of its kind.
        fact_version: the material content in short (`status=doubtful`), not the time of a poll.
    """

    source: str
    source_event_id: str
    kind: SignalKind
    source_at: datetime
    observed_at: datetime
    subjects: tuple[str, ...]
    fact: Mapping[str, object]
    fact_version: str
    source_url: str | None = None

    @property
    def id(self) -> UUID:
        """Our id, the same at every replay."""
        return uuid5(NAMESPACE, f"signal:{self.source}:{self.source_event_id}")
