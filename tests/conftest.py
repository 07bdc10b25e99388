"""Fixtures every test may ask for."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of recorded payloads, beside the project; never committed."""
    if not SHARED_DATA.is_dir():
        pytest.skip("recorded payloads are not here (../shared/data)")
    return SHARED_DATA
