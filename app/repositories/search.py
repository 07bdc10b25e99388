"""Text search: every word must occur in the title or in the exchange's id."""

from sqlalchemy import ColumnElement, Text, bindparam, literal_column

from app.models.db import Event, Market, Series

_BLANK: ColumnElement[str] = literal_column("' '", Text)  # bound, it would miss the index
_WILDCARDS = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})


def to_pattern(word: str) -> str:
    """Return the ILIKE pattern that finds `word` anywhere, wildcards taken literally."""
    return f"%{word.translate(_WILDCARDS)}%"


def contains(row: type[Series | Event | Market], name: str) -> ColumnElement[bool]:
    """Write the condition that the pattern bound as `name` matches; served by trigrams."""
    return (row.title + _BLANK + row.ext_id).ilike(bindparam(name, type_=Text))


def named(names: frozenset[str], prefix: str) -> list[str]:
    """Return the names of a repeatable condition, in order."""
    return sorted(name for name in names if name.startswith(prefix))
