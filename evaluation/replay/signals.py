"""Facts of a recording, put where a monitor would have put them."""

from app.core.database import Conn
from app.domain.signals import Signal, SignalKind, explains
from evaluation.recording.shapes import SignalLine


async def insert_signal(conn: Conn, line: SignalLine) -> None:
    """Store a fact; one that is known already is left alone.

    Raises:
        ValueError: a kind we do not know.
    """
    signal = Signal(
        source=line.source,
        source_event_id=line.source_event_id,
        kind=SignalKind(line.kind),
        source_at=line.source_at,
        observed_at=line.observed_at,
        subjects=line.subjects,
        fact=line.fact,
        fact_version=line.fact_version,
        source_url=line.source_url,
    )
    await conn.execute(
        """
        INSERT INTO alpha.signals (id, source, source_event_id, source_url, kind, explains,
            source_at, observed_at, subjects, fact, fact_version)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT DO NOTHING
        """,
        signal.id,
        signal.source,
        signal.source_event_id,
        signal.source_url,
        signal.kind,
        explains(signal.kind),
        signal.source_at,
        signal.observed_at,
        list(signal.subjects),
        dict(signal.fact),
        signal.fact_version,
    )
