"""Every spelling of DATABASE_URL that is in use reaches both drivers."""

import pytest

from app.core.database import asyncpg_dsn, sqlalchemy_url
from app.core.errors import OperatorError


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("postgresql+asyncpg://u:p@h:5432/d", "postgresql://u:p@h:5432/d"),
        ("postgres://u@h/d", "postgresql://u@h/d"),
        (
            "postgresql://postgres:@/postgres?host=/a/b",
            "postgresql://postgres:@/postgres?host=/a/b",
        ),
        ("postgresql://h/d?sslmode=require", "postgresql://h/d?sslmode=require"),
    ],
)
def test_asyncpg_dsn(given: str, expected: str) -> None:
    assert asyncpg_dsn(given) == expected
    assert sqlalchemy_url(given) == expected.replace("postgresql:", "postgresql+asyncpg:", 1)


@pytest.mark.parametrize("given", ["", "mysql://u:canary@h/d", "just text canary"])
def test_a_wrong_url_is_one_line_without_the_password(given: str) -> None:
    with pytest.raises(OperatorError) as caught:
        asyncpg_dsn(given)
    assert "\n" not in str(caught.value)
    assert "canary" not in str(caught.value)
