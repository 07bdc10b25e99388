"""The packed log of pushes against a plain list, and how little it needs."""

import random
import tracemalloc
from typing import Any

import msgspec
import pytest

from sandbox.vendors.firebase import push_log
from sandbox.vendors.firebase.push_log import Push, PushLog


def make_push(number: int, address: str, outcome: str = "accepted", **fields: Any) -> Push:
    usual: dict[str, Any] = {
        "n": number,
        "received_us": 1_795_350_000_000_000 + number,
        "target": "token",
        "address": address,
        "outcome": outcome,
        "answer": "sent",
        "name": f"projects/alpha-sandbox/messages/{number}",
        "collapse_id": "",
        "title": "Up",
        "body": "Now\n54",
        "data": {"address": "phone-1", "outcome": "x"},
        "headers": {},
        "aps": {},
    }
    return Push(**(usual | fields))


def filled(count: int) -> tuple[PushLog, list[Push]]:
    log, pushes = PushLog(), []
    for number in range(1, count + 1):
        pushes.append(make_push(number, f"phone-{number % 7}"))
        log.add(pushes[-1])
    return log, pushes


@pytest.mark.parametrize("count", [0, 1, 127, 128, 129, 1_000])
@pytest.mark.parametrize("address", [None, "phone-1", "nobody"])
def test_pages_equal_those_of_a_list(count: int, address: str | None) -> None:
    log, pushes = filled(count)
    for after in (0, 1, 126, 127, 128, 129, 255, 999, 5_000):
        for limit in (1, 100, 10_000):
            wanted = [
                push for push in pushes if push.n > after and address in (None, push.address)
            ][:limit]
            found = [
                msgspec.json.decode(row, type=Push) for row in log.after(after, limit, address)
            ]
            assert found == wanted, (after, limit)


def test_the_oldest_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push_log, "_KEPT", 512)
    log, pushes = filled(2_000)
    kept = [msgspec.json.decode(row, type=Push).n for row in log.after(0, 10_000)]
    assert kept == list(range(kept[0], 2_001))
    assert 512 <= len(kept) < 700
    assert log.counts()["total"] == len(pushes)


def test_counts_tell_lost_answers_from_refusals() -> None:
    log = PushLog()
    log.add(make_push(1, "a"))
    log.add(make_push(2, "a", answer="lost"))
    log.add(make_push(3, "a", "reset", answer="lost"))
    assert log.counts() == {
        "newest": 3,
        "total": 3,
        "accepted": 2,
        "answers": {"sent": 1, "lost": 1},
        "outcomes": {"accepted": 2, "reset": 1},
    }
    log.clear()
    assert log.counts() == {"newest": 3, "total": 0, "accepted": 0, "answers": {}, "outcomes": {}}
    assert log.after(0, 10) == []
    log.add(make_push(4, "a"))
    assert len(log.after(3, 10)) == 1


def test_200_000_pushes_would_fit_into_120_megabytes() -> None:
    random_ids = random.Random(7)
    tracemalloc.start()
    try:
        log = PushLog()
        for number in range(1, 5_001):
            data = {name: f"{random_ids.getrandbits(128):032x}" for name in ("alert", "link", "id")}
            address = f"{random_ids.getrandbits(600):0150x}"
            collapse_id = f"{random_ids.getrandbits(128):032x}"
            log.add(make_push(number, address, data=data, collapse_id=collapse_id))
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size * 40 < 120e6
