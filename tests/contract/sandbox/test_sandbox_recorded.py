"""Recordings: served byte for byte, in pages, with the filters that rows allow."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.contract.sandbox.conftest import PREFIX, Talk, Talks

Record = Callable[..., Path]

NUMBERS = (
    b'{"ticker":"KXA-1-X","event_ticker":"KXA-1","floor_strike":180.50,"big":1E+2,"z":1,"a":2}'
)


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """Write a manifest; entries are given without the API's prefix."""

    def make(*entries: dict[str, Any], **files: bytes) -> Path:
        for name, content in files.items():
            (tmp_path / f"{name}.json").write_bytes(content)
        for entry in entries:
            entry["route"] = f"GET {PREFIX}{entry['route']}"
        (tmp_path / "manifest.json").write_text(json.dumps(entries))
        return tmp_path

    return make


def manifest_of(folder: Path) -> list[dict[str, Any]]:
    """Return entries that serve every row of the shared recordings."""
    rest = folder / "kalshi" / "rest"
    markets: dict[str, Any] = {"route": "/markets", "wrap": "markets", "single_by": "ticker"}
    events: dict[str, Any] = {"route": "/events", "wrap": "events", "single_by": "event_ticker"}
    series: dict[str, Any] = {"route": "/series", "wrap": "series", "single_by": "ticker"}
    golden = str(rest / "golden_jan2026_misc_endpoints.json.gz")
    settled = rest / "markets_settled_and_status_filter_errors_2026-08-08.json"
    snapshots = rest / "markets_sports_snapshots_2026-07-09.jsonl.gz"
    combos = rest / "multivariate_markets_with_legs_2026-08-09.json.gz"
    return [
        {**events, "file": str(rest / "events_nested_sports_2026-08-07.json.gz")},
        {
            **events,
            "file": str(rest / "events_nested_nflgame_2026-08-09.json.gz"),
            "unwrap": "events",
        },
        {**events, "file": golden, "unwrap": "events_list_response.response.events"},
        {**markets, "file": str(settled), "unwrap": "markets"},
        {**markets, "file": str(snapshots), "unwrap": "lines.*.markets"},
        {**markets, "file": str(combos), "unwrap": "combos"},
        {**markets, "file": str(combos), "unwrap": "legs.*"},
        {
            **series,
            "file": str(rest / "series_single_x4_2026-08-20.json"),
            "unwrap": "payloads.*.series",
        },
        {**series, "file": golden, "unwrap": "series_list_response.response.series"},
        {
            "route": "/exchange/schedule",
            "file": golden,
            "unwrap": "exchange_schedule_response.response",
        },
    ]


def raw_rows(path: Path, *steps: str) -> list[bytes]:
    """Read rows of a file without the code under test."""
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    values = [b"[%s]" % b",".join(raw.splitlines()) if ".jsonl" in path.name else raw]
    for step in steps:
        below: list[bytes] = []
        for value in values:
            if step == "[]":
                below += map(bytes, msgspec.json.decode(value, type=list[msgspec.Raw]))
            elif step == "{}":
                found = msgspec.json.decode(value, type=dict[str, msgspec.Raw])
                below += map(bytes, found.values())
            else:
                found = msgspec.json.decode(value, type=dict[str, msgspec.Raw])
                below.append(bytes(found[step]))
        values = below
    return values


async def served(talk: Talk, path: str, name: str, **params: Any) -> list[bytes]:
    """Return the rows of a listing as raw bytes."""
    rows: list[bytes] = []
    cursor = ""
    while True:
        more = {"cursor": cursor} if cursor else {}
        response = await talk.get(path, **params, **more)
        body = msgspec.json.decode(response.content, type=dict[str, msgspec.Raw])
        rows += map(bytes, msgspec.json.decode(body[name], type=list[msgspec.Raw]))
        cursor = msgspec.json.decode(body.get("cursor", msgspec.Raw(b'""')), type=str)
        if not cursor:
            return rows


async def test_every_shared_row_is_served_verbatim(
    talks: Talks, record: Record, shared_data: Path
) -> None:
    talk = talks(recordings=record(*manifest_of(shared_data)))
    rest = shared_data / "kalshi" / "rest"
    golden = rest / "golden_jan2026_misc_endpoints.json.gz"
    snapshots = rest / "markets_sports_snapshots_2026-07-09.jsonl.gz"
    settled = rest / "markets_settled_and_status_filter_errors_2026-08-08.json"
    combos = rest / "multivariate_markets_with_legs_2026-08-09.json.gz"
    expected = {
        ("/events", "events"): [
            *raw_rows(rest / "events_nested_sports_2026-08-07.json.gz", "[]"),
            *raw_rows(rest / "events_nested_nflgame_2026-08-09.json.gz", "events", "[]"),
            *raw_rows(golden, "events_list_response", "response", "events", "[]"),
        ],
        ("/markets", "markets"): [
            *raw_rows(settled, "markets", "[]"),
            *raw_rows(snapshots, "[]", "markets", "[]"),
            *raw_rows(combos, "combos", "[]"),
            *raw_rows(combos, "legs", "{}"),
        ],
        ("/series", "series"): [
            *raw_rows(rest / "series_single_x4_2026-08-20.json", "payloads", "{}", "series"),
            *raw_rows(golden, "series_list_response", "response", "series", "[]"),
        ],
    }
    for (path, name), rows in expected.items():
        assert await served(talk, path, name, limit=200) == rows
    assert [len(rows) for rows in expected.values()] == [69, 1563, 245]
    schedule = await talk.get("/exchange/schedule")
    assert schedule.content == raw_rows(golden, "exchange_schedule_response", "response")[0]
    assert (await talk.json("/exchange/status"))["exchange_active"] is True


async def test_singles_are_served_under_their_singular(talks: Talks, record: Record) -> None:
    entry = {"route": "/markets", "file": "one.json", "wrap": "markets", "single_by": "ticker"}
    talk = talks(recordings=record(entry, one=b"[%s]" % NUMBERS))
    assert (await talk.get("/markets/KXA-1-X")).content == b'{"market":%s}' % NUMBERS
    assert (await talk.get("/markets")).content == b'{"markets":[%s],"cursor":""}' % NUMBERS
    assert (await talk.get("/markets/KXA-1-Y")).status_code == 404
    assert (await talk.stats())["requests"]["GET /markets/{ticker}"] == 2


async def test_absent_routes_are_empty_lists_of_the_right_shape(
    talks: Talks, record: Record
) -> None:
    entry = {"route": "/milestones", "file": "one.json", "unwrap": "$", "wrap": "milestones"}
    talk = talks(recordings=record(entry, one=b'[{"id":"m"}]'))
    assert await talk.json("/milestones") == {"milestones": [{"id": "m"}], "cursor": ""}
    assert await talk.json("/events") == {"events": [], "cursor": ""}
    assert await talk.json("/markets/trades") == {"trades": [], "cursor": ""}
    assert await talk.json("/series") == {"series": []}
    assert (await talk.get("/series/KXA")).status_code == 404
    assert (await talk.get("/markets/KXA/orderbook")).status_code == 404


async def test_queries_choose_the_most_specific_entries(talks: Talks, record: Record) -> None:
    plain = {"route": "/x", "file": "one.json", "wrap": "x"}
    special = {"route": "/x", "file": "two.json", "wrap": "x", "query": {"kind": "b"}}
    talk = talks(recordings=record(plain, special, one=b'[{"n":1}]', two=b'[{"n":2}]'))
    assert (await talk.json("/x"))["x"] == [{"n": 1}]
    assert (await talk.json("/x", kind="b"))["x"] == [{"n": 2}]
    assert (await talk.json("/x", kind="c"))["x"] == [{"n": 1}]


async def test_rows_are_filtered_by_what_they_say(
    talks: Talks, record: Record, shared_data: Path
) -> None:
    talk = talks(recordings=record(*manifest_of(shared_data)))
    every = await talk.walk("/markets", "markets", limit=1000)
    for params, wanted in (
        ({"status": "settled"}, lambda row: row["status"] == "finalized"),
        ({"mve_filter": "exclude"}, lambda row: not row["ticker"].startswith("KXMVE")),
        ({"series_ticker": "KXMLBGAME"}, lambda row: row["ticker"].startswith("KXMLBGAME-")),
        ({"tickers": every[0]["ticker"]}, lambda row: row["ticker"] == every[0]["ticker"]),
        (
            {"min_settled_ts": 1786147200},
            lambda row: row.get("settlement_ts", "") > "2026-08-08T00:00:00",
        ),
    ):
        found = await talk.walk("/markets", "markets", limit=1000, **params)
        assert found == [row for row in every if wanted(row)]
        assert 0 < len(found) < len(every)
    games = await talk.walk("/events", "events", series_ticker="KXNFLGAME")
    assert {event["series_ticker"] for event in games} == {"KXNFLGAME"}
    assert (await talk.get("/markets", status="finalized")).status_code == 400


async def test_recorded_rows_can_be_spoiled_and_the_truth_stays(
    talks: Talks, record: Record
) -> None:
    entry = {"route": "/markets", "file": "one.json", "wrap": "markets"}
    talk = talks(recordings=record(entry, one=b"[%s]" % NUMBERS))
    await talk.put_faults(extra_fields=True)
    row = (await talk.get("/markets")).content
    assert b'"floor_strike":180.50,"big":1E+2,"z":1,"a":2,"brand_new_field"' in row
    truth = await talk.client.get("/_truth/kalshi/catalogue", params={"kind": "markets"})
    assert NUMBERS in truth.content
    await talk.put_faults(gap=True)
    assert (await talk.json("/markets"))["markets"] == []
