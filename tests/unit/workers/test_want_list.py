"""Names to be asked for: patiently, not for ever, not without bounds."""

import pytest

from app.workers.firehose import wanted
from app.workers.firehose.wanted import GIVE_UP_S, WantList


def test_names_are_due_at_their_time_and_in_their_order() -> None:
    names = WantList()
    assert names.add(["b", "a"], due_s=10) == 0
    names.add(["later"], due_s=20)
    assert names.due(9, limit=5) == []
    assert names.due(10, limit=5) == ["b", "a"]
    assert names.due(20, limit=2) == ["b", "a"]
    names.drop(["b", "never there"])
    assert names.due(20, limit=2) == ["a", "later"]


def test_a_name_that_is_there_keeps_its_turn() -> None:
    names = WantList()
    names.add(["a"], due_s=10)
    names.add(["a"], due_s=99)
    assert names.due(10, limit=5) == ["a"]


def test_who_does_not_come_is_tried_less_and_less_and_given_up() -> None:
    names, now_s, tries = WantList(), 0.0, 0
    names.add(["a"], due_s=0)
    while True:
        due = names.due(now_s, limit=5)
        if due:
            tries += 1
            if names.postpone([*due, "never there"], now_s):
                break
        now_s += 0.1
    assert GIVE_UP_S <= now_s <= GIVE_UP_S + 61
    assert 10 <= tries <= 80
    assert len(names) == 0


def test_there_is_room_for_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wanted, "MAX_WANTED", 3)
    names = WantList()
    assert names.add("abcde", due_s=0) == 2
    assert names.add("ab", due_s=0) == 0
    assert len(names) == 3
