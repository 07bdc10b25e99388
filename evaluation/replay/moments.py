"""A recording's lines as one stream in the order of time."""

import heapq
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from evaluation.recording.folder import Recording
from evaluation.recording.lines import LineCounts
from evaluation.recording.shapes import AnswerLine, FrameLine, SignalLine, to_millis

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
    """

    def __init__(self, recording: Recording) -> None:
        """Prepare to read a recording once."""
        self._frames, self._answers = recording.frames(), recording.answers()
        self._signals = recording.signals()
        self.backwards = 0
        self.counts: dict[str, LineCounts] = {
            "frames": self._frames.counts,
            "answers": self._answers.counts,
            "signals": self._signals.counts,
        }

    def __iter__(self) -> Iterator[Moment]:
        """Yield every line; at the same millisecond answers come before signals and frames."""
        return heapq.merge(
            self._forward((line.at_ms, line) for line in self._answers),
            self._forward((to_millis(line.observed_at), line) for line in self._signals),
            self._forward((line.at_ms, line) for line in self._frames),
            key=lambda moment: moment.at_ms,
        )

    def _forward(self, lines: Iterable[tuple[int, Line]]) -> Iterator[Moment]:
        newest_ms = 0
        for at_ms, line in lines:
            self.backwards += at_ms < newest_ms
            newest_ms = max(newest_ms, at_ms)
            yield Moment(newest_ms, line)
