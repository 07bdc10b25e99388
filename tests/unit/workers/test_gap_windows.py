"""Windows that may lack something are merged, handed over once, and not forgotten."""

from datetime import UTC, datetime, timedelta

import pytest

from app.services.ports import StreamGap, StreamKind
from app.workers.firehose.windows import GapBook, Window

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
K = StreamKind


def gap(since: int | None, until: int, kind: StreamKind = K.TICKS) -> StreamGap:
    begin = None if since is None else NOON + since * MINUTE
    return StreamGap(kind, begin, NOON + until * MINUTE, "test")


def window(since: int | None, until: int) -> Window:
    return Window(None if since is None else NOON + since * MINUTE, NOON + until * MINUTE)


CASES = {
    "one": ([gap(1, 2)], window(1, 2)),
    "two become one": ([gap(5, 6), gap(1, 2)], window(1, 6)),
    "an unknown begin stays unknown": ([gap(None, 2), gap(1, 6)], window(None, 6)),
    "one within another": ([gap(1, 9), gap(2, 3)], window(1, 9)),
    "of both kinds": ([gap(4, 5), gap(1, 2, K.TRADES)], window(1, 5)),
}


@pytest.mark.parametrize("name", CASES)
def test_gaps_become_one_window(name: str) -> None:
    gaps, expected = CASES[name]
    book = GapBook()
    for found in gaps:
        book.note(found)
    assert book.take(K.TICKS, K.TRADES) == expected
    assert book.take(K.TICKS, K.TRADES) is None


def test_something_is_missing_until_it_was_asked_for() -> None:
    book = GapBook()
    assert not book
    book.note(gap(1, 2))
    assert book
    assert book.take(K.LIFECYCLE) is None
    taken = book.take(K.TICKS)
    assert taken is not None
    assert book
    book.note(gap(8, 9))
    book.put_back(K.TICKS, taken)
    book.done()
    assert book.take(K.TICKS) == window(1, 9)
    book.done()
    assert not book


def test_lengths() -> None:
    assert window(None, 1).is_longer(MINUTE)
    assert window(1, 3).is_longer(MINUTE)
    assert not window(1, 2).is_longer(MINUTE)
    assert window(None, 9).newest(MINUTE) == (NOON + 8 * MINUTE, NOON + 9 * MINUTE)
    assert window(3, 9).newest(2 * MINUTE) == (NOON + 7 * MINUTE, NOON + 9 * MINUTE)
    assert window(8, 9).newest(2 * MINUTE) == (NOON + 8 * MINUTE, NOON + 9 * MINUTE)
