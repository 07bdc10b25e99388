"""The choice of the tier: confirmed only with a source that spoke shortly before the move."""

from collections.abc import Sequence
from datetime import timedelta

from app.domain.alerts import Alert, ConfirmedAlert, Evidence, UnexplainedAlert
from app.domain.detections import Detection


def attribute(detection: Detection, evidence: Sequence[Evidence], *, max_lead: timedelta) -> Alert:
    """Pick the tier of what is said about a detection.

    Args:
        evidence: facts about the market's own entities, most convincing first.
        max_lead: how long before the move its source may have spoken.
    """
    fitting = tuple(each for each in evidence if _fits(detection, each, max_lead))
    if not fitting:
        return UnexplainedAlert(detection)
    return ConfirmedAlert(detection, fitting[0], fitting[1:])


def _fits(detection: Detection, evidence: Evidence, max_lead: timedelta) -> bool:
    said_at = evidence.signal.source_at
    return detection.started_at - max_lead <= said_at <= detection.started_at
