"""Lists stay on their indexes: no order and no common filter reads the whole table."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from app.core.database import Conn
from app.domain.ids import event_id, series_id
from app.domain.types import Exchange
from tests.integration.api.serving import Client, OneConnection

ROWS = 20_000
EVENTS = 1_000
FILL = (
    """
    INSERT INTO alpha.series (id, exchange, ext_id, title, category, fingerprint)
    VALUES ($1, 'kalshi', 'KXS', 'Series', 'Sports', 0)
    """,
    """
    INSERT INTO alpha.events (id, exchange, ext_id, series_id, title, fingerprint)
    SELECT md5('e' || n)::uuid, 'kalshi', 'KXE' || n, $1, 'Game ' || n, 0
    FROM generate_series(2, $2::int) n
    """,
    """
    INSERT INTO alpha.markets
        (id, exchange, ext_id, event_id, market_type, title, status, close_at, listed_at,
        fingerprint)
    SELECT md5('m' || n)::uuid, 'kalshi', 'KXM' || n,
        CASE WHEN n % $2 < 2 THEN $1 ELSE md5('e' || n % $2)::uuid END,
        'binary', 'Will team ' || n || ' win?',
        (CASE n % 5 WHEN 0 THEN 'settled' ELSE 'open' END)::alpha.market_status,
        now() + n * interval '1 minute', now() - n * interval '1 minute', 0
    FROM generate_series(1, $3::int) n
    """,
    """
    INSERT INTO alpha.market_quotes (market_id, volume_24h, last, previous, as_of)
    SELECT id, abs(hashtext(ext_id)) % 1000, 0.5, abs(hashtext(ext_id)) % 100 / 100.0, now()
    FROM alpha.markets
    """,
)
WHOLE = [
    *(f"/v1/markets?sort={sort}" for sort in ("volume", "close", "movement", "newest")),
    *(f"/v1/events?sort={sort}" for sort in ("volume", "close", "movement", "newest")),
]
FILTERED = [
    *(f"/v1/markets?sort={sort}&status=open" for sort in ("volume", "close", "newest")),
    "/v1/markets?sort=close&status=open&status=paused",
    "/v1/markets?sort=close&closes_after=2020-01-01T00:00:00Z",
    "/v1/markets?status=disputed",
    "/v1/markets?category=Sports",
    "/v1/markets?event=kalshi:KXE1",
    "/v1/markets?series=kalshi:KXNONE&sort=close",
    "/v1/markets?q=team+1999",
    "/v1/events?status=open&category=Sports",
    "/v1/events/kalshi:KXE1",
]


@pytest.fixture
async def many(conn: Conn) -> None:
    """Twenty thousand markets of a thousand events."""
    series = series_id(Exchange.KALSHI, "KXS")
    event = event_id(Exchange.KALSHI, "KXE1")
    await conn.execute(FILL[0], series)
    await conn.execute(
        "INSERT INTO alpha.events (id, exchange, ext_id, series_id, title, fingerprint)"
        " VALUES ($1, 'kalshi', 'KXE1', $2, 'Game 1', 0)",
        event,
        series,
    )
    await conn.execute(FILL[1], series, EVENTS - 1)
    await conn.execute(FILL[2], event, EVENTS, ROWS)
    await conn.execute(FILL[3])
    await conn.execute("ANALYZE alpha.series, alpha.events, alpha.markets, alpha.market_quotes")


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def literals(values: Sequence[Any]) -> str:
    return ", ".join(f"'{value}'" for value in values)


async def statement(client: Client, one: OneConnection, url: str) -> tuple[str, Sequence[Any]]:
    """Ask for a list and return the statement that read its markets."""
    one.ran.clear()
    answer = await client.get(url)
    assert answer.status_code == 200
    return next(ran for ran in one.ran if "alpha.markets" in ran[0])


async def last_cursor(client: Client) -> str:
    """Walk the list of markets until ten are left; return where it goes on."""
    cursor = ""
    for limit in [200] * (ROWS // 200 - 1) + [190]:
        params = {"limit": str(limit), "cursor": cursor}
        cursor = (await client.get("/v1/markets", params=params)).json()["cursor"]
    return cursor


async def explain(conn: Conn, text: str, values: Sequence[Any]) -> list[dict[str, Any]]:
    """Run a statement and return the nodes of its plan."""
    execute = f"EXECUTE listed ({literals(values)})"
    await conn.execute(f"PREPARE listed AS {text}")
    found = await conn.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {execute}")
    await conn.execute("DEALLOCATE listed")
    return list(nodes(found[0]["Plan"]))


@pytest.mark.parametrize(
    ("mode", "urls"),
    [
        pytest.param("force_generic_plan", WHOLE, id="whole lists, planned once"),
        pytest.param("force_custom_plan", WHOLE, id="whole lists"),
        pytest.param("force_custom_plan", FILTERED, id="filtered lists, planned for their values"),
    ],
)
async def test_no_list_reads_the_whole_table(
    client: Client, one: OneConnection, conn: Conn, many: None, mode: str, urls: list[str]
) -> None:
    await conn.execute(f"SET LOCAL plan_cache_mode = {mode}")
    for url in urls:
        for node in await explain(conn, *await statement(client, one, url)):
            if node["Actual Loops"] and node.get("Relation Name") in {"markets", "market_quotes"}:
                removed = node.get("Rows Removed by Filter", 0)
                read = (node["Actual Rows"] + removed) * node["Actual Loops"]
                assert node["Node Type"] != "Seq Scan", f"{url} scans {node['Relation Name']}"
                assert read < ROWS / 4, f"{url} reads {read} rows: {node}"


@pytest.mark.parametrize(
    ("url", "is_planned_once"),
    [
        pytest.param("/v1/markets", True, id="first page"),
        pytest.param("/v1/markets?cursor={cursor}", True, id="last page"),
        pytest.param("/v1/events?sort=newest", True, id="events"),
        pytest.param("/v1/markets?status=open", False, id="status"),
        pytest.param("/v1/markets?category=Sports", False, id="category"),
    ],
)
async def test_only_whole_lists_are_planned_once(
    client: Client, one: OneConnection, conn: Conn, many: None, url: str, is_planned_once: bool
) -> None:
    """Planning costs as much as a page; a plan for all values may cost a hundred pages."""
    if "{cursor}" in url:
        url = url.format(cursor=await last_cursor(client))
    text, values = await statement(client, one, url)

    await conn.execute(f"PREPARE listed AS {text}")
    for _ in range(8):
        await conn.execute(f"EXECUTE listed ({literals(values)})")

    once = await conn.fetchval(
        "SELECT generic_plans FROM pg_prepared_statements WHERE name = 'listed'"
    )
    await conn.execute("DEALLOCATE listed")
    assert (once > 0) is is_planned_once


async def test_the_unquoted_are_not_looked_for_while_quoted_ones_fill_the_page(
    client: Client, one: OneConnection, conn: Conn, many: None
) -> None:
    ran = await statement(client, one, "/v1/markets?sort=volume")

    scans = [node for node in await explain(conn, *ran) if "Relation Name" in node]

    assert any(node["Actual Loops"] == 0 for node in scans)
