"""These tests write through connections of their own: every table is emptied after each."""

import pytest


@pytest.fixture(autouse=True)
def _empty_tables(clean_tables: None) -> None:
    """Ask for the emptying; the fixture does the work."""
