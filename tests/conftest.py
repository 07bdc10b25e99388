"""Fixtures every test may ask for."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests of whole processes: they mostly wait, beside them there is room."""
    items.sort(key=lambda item: "/e2e/" not in item.path.as_posix())


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of recorded payloads, beside the project; never committed."""
    if not SHARED_DATA.is_dir():
        pytest.skip("recorded payloads are not here (../shared/data)")
    return SHARED_DATA
