"""The one word for how true prices are."""

from datetime import UTC, datetime, timedelta

import pytest

from app.services.ports import StreamPhase, StreamState
from app.workers.firehose.feed_state import to_detail, view_of_stream

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("phase", "for_s", "is_behind", "state"),
    [
        (StreamPhase.LIVE, 500, False, "live"),
        (StreamPhase.LIVE, 500, True, "degraded"),
        (StreamPhase.DEGRADED, 3, False, "degraded"),
        (StreamPhase.DEGRADED, 27, False, "stale"),
        (StreamPhase.STALE, 0, False, "stale"),
    ],
    ids=["live", "catching-up", "reconnecting", "away-for-long", "nothing-comes"],
)
def test_a_phase_in_the_words_of_a_feed(
    phase: StreamPhase, for_s: int, is_behind: bool, state: str
) -> None:
    stream = StreamState(phase, NOW - timedelta(seconds=for_s), "because")
    view = view_of_stream(stream, is_behind=is_behind, now=NOW)
    assert view.state == state
    assert view.is_true is (state == "live")
    assert to_detail(view, lost_at=None)["reason"]
