"""Lists page by page: every way they end."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from app.core.errors import PayloadInvalid, SourceUnavailable
from app.services.kalshi.client import Answer
from app.services.kalshi.paging import ListingIncomplete, read_pages

ASKED_AT = datetime(2026, 11, 22, tzinfo=UTC)
ABSENT = object()


def document(rows: object, cursor: object) -> dict[str, Any]:
    return {
        key: field
        for key, field in {"events": rows, "cursor": cursor}.items()
        if field is not ABSENT
    }


class ScriptedReader:
    """Answers with the given documents in turn, then with the last one for ever."""

    def __init__(self, *documents: dict[str, Any]) -> None:
        self.documents = documents
        self.asked: list[Mapping[str, str]] = []

    async def get(self, path: str, params: Mapping[str, str]) -> Answer:
        assert path == "/events"
        self.asked.append(dict(params))
        body = self.documents[min(len(self.asked), len(self.documents)) - 1]
        return Answer(status=200, document=body, asked_at=ASKED_AT, server_at=None, took_s=0.0)


async def collect(reader: ScriptedReader, **options: int) -> tuple[list[object], Exception | None]:
    """Return all rows that came, and the exception at the end if there was one."""
    rows: list[object] = []
    try:
        async for page in read_pages(reader, "/events", {"limit": "2"}, key="events", **options):
            assert page.asked_at == ASKED_AT
            rows += page.rows
    except (SourceUnavailable, PayloadInvalid) as error:
        return rows, error
    return rows, None


@pytest.mark.parametrize("end", ["", None, ABSENT], ids=["empty", "null", "absent"])
async def test_natural_end(end: object) -> None:
    reader = ScriptedReader(document([1, 2], "c1"), document([3], end))
    assert await collect(reader) == ([1, 2, 3], None)
    assert reader.asked == [{"limit": "2"}, {"limit": "2", "cursor": "c1"}]


@pytest.mark.parametrize("rows", [[], None], ids=["empty", "null"])
async def test_empty_list(rows: object) -> None:
    assert await collect(ScriptedReader(document(rows, ""))) == ([], None)


async def test_empty_last_page_without_cursor_is_a_natural_end() -> None:
    assert await collect(ScriptedReader(document([1], "c1"), document([], ""))) == ([1], None)


UNNATURAL: Sequence[Any] = [
    pytest.param([document([1], "c1"), document([2], "c1")], [1, 2], "twice", id="repeated"),
    pytest.param(
        [document([1], "c1"), document([2], "c2"), document([3], "c1")], [1, 2, 3], "twice",
        id="cycle",
    ),
    pytest.param([document([1], "c1"), document([], "c2")], [1], "empty page", id="empty-page"),
    pytest.param([document(None, "c1")], [], "empty page", id="null-page"),
]  # fmt: skip


@pytest.mark.parametrize(("documents", "rows", "why"), UNNATURAL)
async def test_unnatural_end_gives_the_rows_then_says_so(
    documents: list[dict[str, Any]], rows: list[object], why: str
) -> None:
    reader = ScriptedReader(*documents)
    found, error = await collect(reader)
    assert found == rows
    assert isinstance(error, ListingIncomplete)
    assert "listing incomplete" in str(error)
    assert why in str(error)
    assert len(reader.asked) == len(documents)


async def test_endless_list_is_stopped() -> None:
    pages = [document([n], f"c{n}") for n in range(9)]
    found, error = await collect(ScriptedReader(*pages), max_pages=3)
    assert found == [0, 1, 2]
    assert "more than 3 pages" in str(error)


@pytest.mark.parametrize(
    "bad",
    [document(ABSENT, ""), document({"a": 1}, ""), document("rows", ""), document([1], 5)],
    ids=["no-list", "object", "text", "cursor-is-a-number"],
)
async def test_page_that_breaks_the_contract(bad: dict[str, Any]) -> None:
    found, error = await collect(ScriptedReader(document([1], "c1"), bad))
    assert found[0] == 1
    assert isinstance(error, PayloadInvalid)
