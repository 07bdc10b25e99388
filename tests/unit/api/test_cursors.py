"""Cursors: signed, and bound to their list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.pagination import Cursors, derive_key
from app.core.errors import InvalidRequest
from app.repositories.pages import Last

CURSORS = Cursors(b"key")
LAST = Last("12.50000000", "6a1fa0d2-0c0d-5e11-9a55-a1fa00000001")


@given(st.one_of(st.none(), st.text()), st.text())
def test_what_is_written_is_read(rank: str | None, row: str) -> None:
    cursor = CURSORS.write(Last(rank, row), ("markets", 1))

    assert CURSORS.read(cursor, ("markets", 1)) == Last(rank, row)


@given(st.text(max_size=100))
def test_what_we_did_not_write_is_refused(text: str) -> None:
    if text:
        with pytest.raises(InvalidRequest):
            CURSORS.read(text, ("markets", 1))


def test_another_list_or_key_is_refused() -> None:
    cursor = CURSORS.write(LAST, ("markets", 1))

    for other, listing in ((CURSORS, ("markets", 2)), (Cursors(b"other"), ("markets", 1))):
        with pytest.raises(InvalidRequest) as refused:
            other.read(cursor, listing)
        assert refused.value.code == "invalid_cursor"


def test_the_end_has_no_cursor_and_the_start_needs_none() -> None:
    assert CURSORS.write(None, "markets") is None
    assert CURSORS.read(None, "markets") is None
    assert CURSORS.read("", "markets") is None


def test_a_cursor_needs_no_escaping() -> None:
    cursor = CURSORS.write(Last('"\\\n', "é"), "markets")

    assert cursor is not None
    assert cursor.replace("-", "").replace("_", "").isalnum()
    assert cursor.isascii()


def test_keys_differ_by_deployment_and_hide_its_secret() -> None:
    assert derive_key("postgresql://a") == derive_key("postgresql://a")
    assert derive_key("postgresql://a") != derive_key("postgresql://b")
