"""The versions of the schema that this code knows."""

from functools import lru_cache
from pathlib import Path

from alembic.script import ScriptDirectory

_MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


@lru_cache(maxsize=1)
def list_known_revisions() -> tuple[str, ...]:
    """List the versions of the migrations beside this code, newest first."""
    scripts = ScriptDirectory(str(_MIGRATIONS))
    return tuple(script.revision for script in scripts.walk_revisions())
