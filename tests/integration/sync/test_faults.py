"""Every fault alone and all together: the sync ends, good rows are in, bad ones are on record."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.core.database import Pool
from tests.integration.sync.reading import differences, listed, stored_markets
from tests.sandbox_process import SandboxProcess

Sync = Callable[[], Awaitable[dict[str, int]]]

FAULTS: dict[str, dict[str, Any]] = {
    "rate_429": {"rate": 0.3},
    "error_500": {"rate": 0.3},
    "error_503": {"rate": 0.3},
    "hang": {"rate": 0.1, "seconds": 3, "count": 2},
    "reset": {"rate": 0.3},
    "truncate": {"rate": 0.3},
    "slow": {"rate": 0.3, "seconds": 0.5},
    "unknown_enum": {"rate": 0.05},
    "nulls": {"rate": 0.05},
    "missing_fields": {"rate": 0.05},
    "extra_fields": {"rate": 0.05},
    "poisoned_rows": {"rate": 0.05},
    "stale_rows": {"rate": 0.05},
    "gap": {"rate": 0.05},
    "repeat_page": {"rate": 0.3},
    "repeat_cursor": {"rate": 0.5, "at": "end"},
    "null_cursor": {"rate": 1},
    "absent_cursor": {"rate": 1},
    "empty_page_with_cursor": {"rate": 0.5, "at": "end"},
    "reorder": {"rate": 1},
}


async def check(sync: Sync, sandbox: SandboxProcess, pool: Pool, faults: dict[str, Any]) -> None:
    sandbox.control("/_faults", "PUT", {"kalshi": faults})
    await sync()
    stats = sandbox.stats()
    assert stats["over_budget"] == 0
    truth = listed(sandbox.rows("markets"))
    stored = await stored_markets(pool)
    touched = _names(stats["poisoned"]) | _names(stats["altered"]) | _names(stats["dropped"])
    untouched = [t for t in truth if t not in touched and truth[t]["event_ticker"] not in touched]
    assert untouched
    assert differences(truth, stored, untouched) == []
    rejects = await pool.fetch("SELECT kind, ext_id, reason FROM alpha.ingest_rejects")
    assert all(reject["reason"] for reject in rejects)
    refused = {reject["ext_id"] for reject in rejects}
    if None not in refused:  # a row that is no object has no name
        lost = [t for t in _names(stats["poisoned"]) & set(truth) if t not in stored]
        assert [t for t in lost if t not in refused] == []
    assert await pool.fetchval("SELECT count(*) FROM alpha.markets WHERE is_deleted") == 0
    sandbox.control("/_faults", "DELETE")
    await sync()
    assert differences(truth, await stored_markets(pool), truth) == []


def _names(by_kind: dict[str, list[str]]) -> set[str]:
    return {name for names in by_kind.values() for name in names}


@pytest.mark.parametrize("fault", FAULTS)
async def test_one_fault(fault: str, sync: Sync, sandbox: SandboxProcess, pool: Pool) -> None:
    await check(sync, sandbox, pool, {fault: FAULTS[fault]})


async def test_all_faults_together(sync: Sync, sandbox: SandboxProcess, pool: Pool) -> None:
    milder = {"rate_429", "error_500", "error_503", "reset", "truncate", "slow"}
    together = {k: {**v, "rate": 0.05} if k in milder else v for k, v in FAULTS.items()}
    together.pop("repeat_cursor")
    together.pop("absent_cursor")
    await check(sync, sandbox, pool, together)


async def test_a_poisoned_row_is_on_record_with_its_reason(
    sync: Sync, sandbox: SandboxProcess, pool: Pool
) -> None:
    sandbox.control("/_faults", "PUT", {"kalshi": {"poisoned_rows": {"rate": 0.3}}})
    await sync()
    kinds = await pool.fetch("SELECT DISTINCT kind FROM alpha.ingest_rejects ORDER BY kind")
    assert {row["kind"] for row in kinds} >= {"market"}
    assert await pool.fetchval("SELECT count(*) FROM alpha.ingest_rejects") > 10
