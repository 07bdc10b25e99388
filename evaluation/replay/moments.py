"""A recording's lines as one stream in the order of time."""

import heapq
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from evaluation.recording.folder import Recording
from evaluation.recording.lines import LineCounts
from evaluation.recording.shapes import AnswerLine, FrameLine, Meta, SignalLine, to_millis

_DAY_MS = 86_400_000
_NEVER_MS = 1 << 62

Line = FrameLine | AnswerLine | SignalLine


class Moment(NamedTuple):
    """One line and when it was noted (Unix milliseconds); times never go back."""

    at_ms: int
    line: Line


class Moments:
    """All lines of a recording, streamed.

    Attributes:
        counts: by file, growing while lines are read.
        backwards: lines whose time was before that of an earlier line of their file; they
            are played where they stand.
        outside: lines left out, for their time is more than a day off the recording's own: one
            of them would take the clock along, and all that follows would be late.
    """

    def __init__(self, recording: Recording) -> None:
        """Prepare to read a recording once."""
        self._frames, self._answers = recording.frames(), recording.answers()
        self._signals = recording.signals()
        self.backwards = self.outside = 0
        self._first_ms, self._last_ms = _span_ms(recording.meta)
        self.counts: dict[str, LineCounts] = {
            "frames": self._frames.counts,
            "answers": self._answers.counts,
            "signals": self._signals.counts,
        }

    def __iter__(self) -> Iterator[Moment]:
        """Yield every line; at the same millisecond answers come before signals and frames."""
        return heapq.merge(
            self._forward(((line.at_ms, line) for line in self._answers), self._first_ms),
            self._forward(((to_millis(line.observed_at), line) for line in self._signals), 0),
            self._forward(((line.at_ms, line) for line in self._frames), self._first_ms),
            key=lambda moment: moment.at_ms,
        )

    def _forward(self, lines: Iterable[tuple[int, Line]], first_ms: int) -> Iterator[Moment]:
        """Yield lines with times that never go back; facts may be older than the recording."""
        newest_ms = 0
        for at_ms, line in lines:
            if not first_ms <= at_ms <= self._last_ms:
                self.outside += 1
                continue
            self.backwards += at_ms < newest_ms
            newest_ms = max(newest_ms, at_ms)
            yield Moment(newest_ms, line)


def _span_ms(meta: Meta) -> tuple[int, int]:
    """Return the first and the last moment a line may have."""
    return (
        0 if meta.began_at is None else to_millis(meta.began_at) - _DAY_MS,
        _NEVER_MS if meta.ended_at is None else to_millis(meta.ended_at) + _DAY_MS,
    )
