"""The order in which a run chooses its servers."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from local.binaries import EMBEDDED, ServerBinary
from local.errors import LocalError
from local.resolve import External, ServiceUrls, choose_postgres, choose_redis, external_urls

SERVER = ServerBinary(Path("/wheel/bin/postgres"), (18, 6), EMBEDDED)


def never(environ: Mapping[str, str]) -> ServerBinary | None:
    raise AssertionError("an external server was named: nothing may be searched")


def test_a_url_wins_and_nothing_is_searched() -> None:
    assert choose_postgres({"DATABASE_URL": "postgresql://a"}, never) == External("postgresql://a")
    assert choose_redis({"REDIS_URL": "redis://b"}, never) == External("redis://b")


def test_without_a_url_the_program_found_is_used() -> None:
    assert choose_postgres({}, lambda environ: SERVER) is SERVER
    assert choose_redis({"REDIS_URL": ""}, lambda environ: SERVER) is SERVER


def test_with_neither_the_variable_is_named() -> None:
    with pytest.raises(LocalError, match="set DATABASE_URL"):
        choose_postgres({}, lambda environ: None)
    with pytest.raises(LocalError, match="set REDIS_URL"):
        choose_redis({}, lambda environ: None)


@pytest.mark.parametrize(
    ("environ", "urls"),
    [
        ({}, None),
        ({"DATABASE_URL": "a"}, None),
        ({"DATABASE_URL": "a", "REDIS_URL": ""}, None),
        ({"DATABASE_URL": "a", "REDIS_URL": "b"}, ServiceUrls("a", "b")),
    ],
    ids=["none", "one", "empty", "both"],
)
def test_both_urls_mean_that_nothing_runs_here(
    environ: dict[str, str], urls: ServiceUrls | None
) -> None:
    assert external_urls(environ) == urls
