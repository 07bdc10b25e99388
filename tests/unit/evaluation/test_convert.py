"""Recordings of others as ours."""

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import OperatorError
from evaluation.convert.run import convert
from evaluation.recording.folder import Recording

HEADER = "timestamp,ticker,title,status,yes_bid,yes_ask,volume_24h\n"
ROWS = (
    "2025-10-26T18:27:00.000000Z,KXNFLGAME-25OCT26GBPIT-GB,Green Bay,active,0.58,0.59,100.0\n"
    "2025-10-26T18:27:20.000000Z,KXNFLGAME-25OCT26GBPIT-GB,Green Bay,active,0.58,0.59,100.0\n"
    "2025-10-26T18:27:40.000000Z,KXNFLGAME-25OCT26GBPIT-GB,Green Bay,active,0.61,0.62,350.0\n"
    "2025-10-26T18:28:00.000000Z,KXNFLGAME-25OCT26GBPIT-GB,Green Bay,active,0.60,0.61,340.0\n"
    "2025-10-26T18:28:20.000000Z,KXNFLGAME-25OCT26GBPIT-GB,Green Bay,active,0.55,0.56,360.0\n"
    "2025-10-26T18:28:40.000000Z,KXNFLGAME-25OCT26GBPIT-GB,Green Bay,active,,0.56,360.0\n"
    "2025-10-26T18:29:00.000000Z,KXNFLGAME-25OCT26GBPIT-GB,Green Bay,active,0.57,0.56,360.0\n"
)


def messages(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line.raw())["msg"] for line in Recording(folder).frames()]


def test_a_rise_of_the_volume_is_a_trade_at_the_side_it_moved_to(tmp_path: Path) -> None:
    source = tmp_path / "snapshots.csv.gz"
    source.write_bytes(gzip.compress((HEADER + ROWS).encode()))
    assert convert(source, tmp_path / "out") == 5  # without a price, and crossed: left out
    found = messages(tmp_path / "out")
    assert [one["volume_fp"] for one in found] == ["100.00", "100.00", "350.00", "350.00", "370.00"]
    last = [one["price_dollars"] for one in found]
    assert last == ["0.5800", "0.5800", "0.6200", "0.6200", "0.5500"]


def test_a_known_game_begins_when_the_schedule_says(tmp_path: Path) -> None:
    source = tmp_path / "snapshots.csv"
    source.write_text(HEADER + ROWS)
    convert(source, tmp_path / "out")
    catalogue = json.loads((tmp_path / "out" / "catalogue.json").read_text())
    (market,) = (entry["row"] for entry in catalogue["markets"])
    assert market["expected_expiration_time"] == "2025-10-27T03:20:00Z"  # 20:20 Eastern + 3 h
    assert catalogue["series"][0]["row"]["category"] == "Sports"


def test_a_quarter_hour_market_has_its_times_from_its_ticker(tmp_path: Path) -> None:
    source = tmp_path / "frames.jsonl"
    lines = [
        '{"recv_ms":2000,"frame":{"type":"ticker","msg":{"market_ticker":"KXBTC15M-26MAY110115-15"'
        ',"ts_ms":1}}}',
        '{"recv_ms":1000,"frame":{"type":"ticker","msg":{"market_ticker":"OTHER-1"}}}',
        '{"recv_ms":3000,"frame":{"type":"subscribed","msg":{"channel":"ticker","sid":1}}}',
        "broken",
    ]
    source.write_text("\n".join(lines) + "\n")
    assert convert(source, tmp_path / "out") == 3
    assert [line.at_ms for line in Recording(tmp_path / "out").frames()] == [1000, 2000, 3000]
    catalogue = json.loads((tmp_path / "out" / "catalogue.json").read_text())
    rows = {entry["row"]["ticker"]: entry["row"] for entry in catalogue["markets"]}
    bitcoin = rows["KXBTC15M-26MAY110115-15"]
    assert (bitcoin["open_time"], bitcoin["close_time"]) == (
        "2026-05-11T05:00:00Z",
        "2026-05-11T05:15:00Z",
    )
    assert "close_time" not in rows["OTHER-1"]


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        pytest.param("notes.txt", "dear", "neither", id="other-kind"),
        pytest.param("snapshots.csv", "a,b\n1,2\n", "no column", id="other-columns"),
        pytest.param("snapshots.csv", HEADER, "no rows", id="no-rows"),
        pytest.param("frames.jsonl.gz", "not gzip", "no frames", id="not-packed"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, name: str, content: str, complaint: str) -> None:
    source = tmp_path / name
    source.write_text(content)
    with pytest.raises(OperatorError, match=complaint):
        convert(source, tmp_path / "out")


def test_the_recorded_snapshots_make_frames_whose_volume_never_falls(
    tmp_path: Path, shared_data: Path
) -> None:
    source = shared_data / "sports" / "kalshi_price_snapshots_2025-10-26.csv.gz"
    assert convert(source, tmp_path / "out") == 2_346
    volumes: dict[str, Decimal] = {}
    for message in messages(tmp_path / "out"):
        ticker, volume = message["market_ticker"], Decimal(message["volume_fp"])
        known = volumes.setdefault(ticker, volume)
        assert volume >= known
        if volume > known:
            bid, ask = message["yes_bid_dollars"], message["yes_ask_dollars"]
            assert bid <= message["price_dollars"] <= ask
        volumes[ticker] = volume
    assert len(volumes) == 37


def test_the_recorded_socket_is_kept_verbatim(tmp_path: Path, shared_data: Path) -> None:
    source = shared_data / "kalshi" / "ws" / "ticker_kxbtc15m_2026-05-11_12.jsonl.gz"
    assert convert(source, tmp_path / "out") == 37_737
    with gzip.open(source, "rb") as file:
        theirs = sorted(line.partition(b'"frame":')[2].rstrip()[:-1] for line in file)
    assert sorted(line.raw() for line in Recording(tmp_path / "out").frames()) == theirs
