"""Reads the compact tables of the catalogue: entries between `|`, code and name between a space."""


def split_table(text: str) -> tuple[str, ...]:
    """Return the entries of a table."""
    return tuple(entry.strip() for entry in text.replace("\n", "").split("|"))


def coded(text: str) -> tuple[tuple[str, str], ...]:
    """Return the entries as (code, name): `LAL Los Angeles L`."""
    pairs = (entry.split(" ", 1) for entry in split_table(text))
    return tuple((code, name) for code, name in pairs)
