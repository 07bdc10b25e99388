"""Every recorded catalogue row, served verbatim over a socket, synced, and read back from SQL."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.actions.sync_catalogue import CatalogueSync
from app.core.clock import VirtualClock
from app.core.database import Pool
from app.services.kalshi import open_kalshi_markets
from tests.contract.kalshi.independent_reading import read_event, read_market, read_series
from tests.contract.kalshi.recordings import documents
from tests.sandbox_process import SandboxProcess, start_sandbox

CAPTURED = datetime(2026, 7, 9, 20, 19, tzinfo=UTC)  # of the oldest rows: none was over yet
DECODE = msgspec.json.Decoder(float_hook=Decimal).decode
PREFIX = "GET /trade-api/v2"

SERIES = [
    ("golden_jan2026_misc_endpoints.json.gz", "series_list_response.response.series"),
    ("golden_jan2026_misc_endpoints.json.gz", "series_single_response.response.series"),
    ("series_single_x4_2026-08-20.json", "payloads.*.series"),
]
EVENTS = [
    ("golden_jan2026_misc_endpoints.json.gz", "events_list_response.response.events"),
    ("events_nested_sports_2026-08-07.json.gz", "$"),
    ("events_nested_nflgame_2026-08-09.json.gz", "events"),
]
MARKETS = [
    ("markets_sports_snapshots_2026-07-09.jsonl.gz", "lines.*.markets"),
    ("markets_settled_and_status_filter_errors_2026-08-08.json", "markets"),
    ("candlesticks_pregame_mlb_2026-08.json", "market"),
    ("market_single_and_orderbook_2026-08-09.json", "nested"),
    ("market_single_and_orderbook_2026-08-09.json", "single.market"),
    ("multivariate_markets_with_legs_2026-08-09.json.gz", "combos"),
    ("multivariate_markets_with_legs_2026-08-09.json.gz", "legs.*"),
]
Rows = list[dict[str, Any]]


@pytest.fixture
def recorded(shared_data: Path) -> dict[str, Any]:
    """Every recorded document by file name; JSON lines as `{"lines": [...]}`."""
    found: dict[str, Any] = {}
    for name, body in documents(shared_data / "kalshi" / "rest"):
        if ".jsonl" in name:
            found.setdefault(name, {"lines": []})["lines"].append(DECODE(body))
        else:
            found[name] = DECODE(body)
    return found


def dig(node: Any, path: str) -> Rows:
    """Follow a manifest's path to its rows."""
    if path == "$":
        return list(node) if isinstance(node, list) else [node]
    head, _, rest = path.partition(".")
    if head != "*":
        return dig(node[head], rest or "$")
    parts = node.values() if isinstance(node, dict) else node
    return [row for part in parts for row in dig(part, rest or "$")]


def rows_of(recorded: dict[str, Any], entries: Sequence[tuple[str, str]]) -> Rows:
    return [row for name, path in entries for row in dig(recorded[name], path)]


@pytest.fixture
def exchange(shared_data: Path, tmp_path: Path) -> Iterator[SandboxProcess]:
    """A sandbox that serves the recordings."""
    manifest = [
        {
            "route": f"{PREFIX}/{kind}",
            "file": str(shared_data / "kalshi" / "rest" / name),
            "unwrap": path,
            "wrap": kind,
        }
        for kind, entries in (("series", SERIES), ("events", EVENTS), ("markets", MARKETS))
        for name, path in entries
    ]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    running = start_sandbox(
        tmp_path, "--recordings", str(tmp_path), "--now", CAPTURED.isoformat(), "--speed", "0"
    )
    yield running
    running.process.terminate()
    running.process.wait(10)


@pytest.fixture
async def counts(exchange: SandboxProcess, pool: Pool) -> AsyncIterator[dict[str, int]]:
    """A full sync and a reading of all changes, combos included, on the day of the recordings."""
    clock = VirtualClock(CAPTURED)
    source = open_kalshi_markets(exchange.settings(include_combos=True), clock)
    sync = CatalogueSync(pool, source, clock, max_window=timedelta(days=3650))
    await sync.run_full()
    yield dict(await sync.run_changes(CAPTURED - timedelta(days=3650)))
    await source.close()


async def test_no_row_is_lost_and_every_field_is_equal(
    counts: dict[str, int],
    recorded: dict[str, Any],
    pool: Pool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    events = rows_of(recorded, EVENTS)
    nested = [market for event in events for market in event.get("markets") or []]
    markets = nested + rows_of(recorded, MARKETS)
    series = rows_of(recorded, SERIES)
    compared = 0
    ours = await stored(pool)
    for kind, raws, read, part in (
        ("series", newest(series, "ticker", "last_updated_ts"), read_series, ""),
        ("event", newest(events, "event_ticker", "last_updated_ts"), read_event, ""),
        ("market", newest(markets, "ticker", "updated_time"), read_market, "m"),  # market, metadata
        ("market", {raw["ticker"]: raw for raw in markets}, read_market, "quote"),
    ):
        for ext_id, raw in raws.items():
            assert ext_id in ours[kind], f"{kind} {ext_id} was lost"
            for field, where, expected in read(raw):
                if not where.startswith(part):  # prices are those read last, whatever the version
                    continue
                found = lookup(ours[kind][ext_id], where)
                assert found == expected, f"{ext_id}: {field} became {where} = {found!r}"
                compared += 1
    assert counts.get("rejects", 0) == 0
    assert len(ours["market"]) == len({market["ticker"] for market in markets})
    total = len(series) + len(events) + len(markets)
    with capsys.disabled():
        print(f"\n{total} recorded rows synced, 0 lost, {compared} fields compared")  # noqa: T201


def newest(raws: Rows, key: str, version: str) -> dict[str, dict[str, Any]]:
    """Keep the newest row per key; of two that are equally new the later one."""
    kept: dict[str, dict[str, Any]] = {}
    for raw in raws:
        known = kept.get(raw[key])
        if known is None or (raw.get(version) or "") >= (known.get(version) or ""):
            kept[raw[key]] = raw
    return kept


async def stored(pool: Pool) -> dict[str, dict[str, dict[str, Any]]]:
    """Read the whole catalogue back, in the shape the independent reading names."""
    series = await pool.fetch("SELECT * FROM alpha.series WHERE NOT is_stub")
    events = await pool.fetch(
        "SELECT event.*, series.ext_id AS series_ext_id FROM alpha.events event"
        " JOIN alpha.series series ON series.id = event.series_id WHERE NOT event.is_stub"
    )
    markets = await pool.fetch(
        "SELECT market.*, event.ext_id AS event_ext_id FROM alpha.markets market"
        " JOIN alpha.events event ON event.id = market.event_id"
    )
    prices = await pool.fetch("SELECT * FROM alpha.market_quotes")
    quotes = {row["market_id"]: row for row in prices}
    outcomes: dict[Any, list[dict[str, Any]]] = {}
    for row in await pool.fetch("SELECT * FROM alpha.market_outcomes ORDER BY position"):
        outcomes.setdefault(row["market_id"], []).append(dict(row))
    return {
        "series": {
            row["ext_id"]: _named("series", dict(row) | {"tags": tuple(row["tags"])})
            for row in series
        },
        "event": {row["ext_id"]: _named("event", dict(row)) for row in events},
        "market": {
            row["ext_id"]: _named("market", dict(row) | {"outcomes": outcomes[row["id"]]})
            | {"quote": dict(quotes[row["id"]])}
            for row in markets
        },
    }


def _named(kind: str, row: dict[str, Any]) -> dict[str, Any]:
    return {kind: row, "metadata": row["platform_metadata"]}


def lookup(row: dict[str, Any], where: str) -> Any:
    """Follow `market.outcomes.0.name`; decimal text of price ranges counts as a number."""
    node: Any = row
    for part in where.split("."):
        node = node[int(part)] if isinstance(node, list) else node.get(part)
    return Decimal(node) if where.startswith("market.price_ranges") else node
