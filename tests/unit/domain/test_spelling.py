"""Spelling of names in answers."""

import pytest

from app.domain.spelling import camel, snake


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("id", "id"),
        ("close_at", "closeAt"),
        ("volume_24h", "volume24h"),
        ("execution_asset_id", "executionAssetId"),
    ],
)
def test_camel(name: str, expected: str) -> None:
    assert camel(name) == expected
    assert snake(name) == name
