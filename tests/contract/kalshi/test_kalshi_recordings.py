"""Every recorded row, field by field, against an independent reading of the same bytes."""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.domain.catalogue import CataloguePage
from app.services.kalshi.decoding import decode_json
from app.services.kalshi.normalize import RowTranslator, to_candle, to_order_book
from app.services.kalshi.paging import Page
from app.services.kalshi.translation import translate_events, translate_markets, translate_series
from tests.contract.kalshi import independent_reading as independent
from tests.contract.kalshi import recordings

AS_OF = datetime(2026, 8, 20, tzinfo=UTC)
MISSING = object()


def read_apart(body: bytes) -> Any:
    """Read JSON with the standard library and nothing of ours."""
    return json.loads(body, parse_float=Decimal)


@pytest.fixture(scope="module")
def rest(shared_data: Path) -> Path:
    return shared_data / "kalshi" / "rest"


def look_up(ours: dict[str, Any], where: str) -> Any:
    """Find `market.outcomes.0.name` in our rows; a key metadata does not have is None."""
    first, _, rest_of_path = where.partition(".")
    found: Any = ours[first]
    if isinstance(found, dict):
        return found.get(rest_of_path)
    for step in rest_of_path.split("."):
        found = found[int(step)] if step.isdigit() else getattr(found, step)
    return found


def compare(ours: dict[str, Any], expected: Iterable[tuple[str, str, Any]]) -> Counter[str]:
    """Assert each expected value; count the raw fields that were compared."""
    compared: Counter[str] = Counter()
    for key, where, value in expected:
        found = look_up(ours, where)
        assert found == value, f"{key} -> {where}: {found!r} is not {value!r}"
        assert isinstance(found, bool) == isinstance(value, bool), where
        compared[key] += 1
    return compared


def report(capsys: pytest.CaptureFixture[str], what: str, rows: int, fields: Counter[str]) -> None:
    with capsys.disabled():
        print(f"\n  {what}: {rows} rows, {fields.total()} fields compared, 0 lost", end="")  # noqa: T201


async def test_every_market_row(rest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw = recordings.rows(rest, recordings.is_market, read_apart)
    wire = recordings.rows(rest, recordings.is_market, decode_json)
    page = await translate_markets(Page(wire, AS_OF), with_combos=True)
    assert not page.rejects
    assert len(raw) == len(page.markets) == len(page.quotes) == 1_875
    fields: Counter[str] = Counter()
    for row, market, quote in zip(raw, page.markets, page.quotes, strict=True):
        assert (market.exchange, quote.exchange) == ("kalshi", "kalshi")
        assert (quote.market_ext_id, quote.as_of) == (row["ticker"], AS_OF)
        ours = {"market": market, "quote": quote, "metadata": dict(market.metadata)}
        compared = compare(ours, independent.read_market(row))
        assert not row.keys() - compared.keys() - independent.DROPPED
        assert market.metadata.keys() <= row.keys()
        fields += compared
    report(capsys, "markets", len(raw), fields)


async def test_every_event_row(rest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    count = nested = 0
    fields: Counter[str] = Counter()
    for _, body in recordings.documents(rest):
        raw = list(recordings.find(read_apart(body), recordings.is_event))
        wire = list(recordings.find(decode_json(body), recordings.is_event))
        page = await translate_events(Page(wire, AS_OF), seen=set(), with_combos=True)
        assert not page.rejects
        assert [market.ext_id for market in page.markets] == [
            market["ticker"] for row in raw for market in row.get("markets", ())
        ]
        assert {(market.event_ext_id, market.series_ext_id) for market in page.markets} <= {
            (row["event_ticker"], row["series_ticker"]) for row in raw
        }
        for row, event in zip(raw, page.events, strict=True):
            compared = compare(
                {"event": event, "metadata": dict(event.metadata)}, independent.read_event(row)
            )
            assert not row.keys() - compared.keys()
            fields += compared
        count, nested = count + len(raw), nested + len(page.markets)
    assert (count, nested) == (69, 309)
    report(capsys, "events", count, fields)


async def test_every_series_row(rest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw = recordings.rows(rest, recordings.is_series, read_apart)
    wire = recordings.rows(rest, recordings.is_series, decode_json)
    page = await translate_series(Page(wire, AS_OF))
    assert not page.rejects
    assert len(raw) == len(page.series) == 246
    fields: Counter[str] = Counter()
    for row, series in zip(raw, page.series, strict=True):
        compared = compare(
            {"series": series, "metadata": dict(series.metadata)}, independent.read_series(row)
        )
        assert not row.keys() - compared.keys()
        fields += compared
    report(capsys, "series", len(raw), fields)


def interval_of(name: str) -> timedelta:
    return timedelta(days=1) if "golden_jan2026" in name else timedelta(minutes=1)


def test_every_candlestick(rest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    count = in_cents = 0
    fields: Counter[str] = Counter()
    for name, body in recordings.documents(rest):
        interval = interval_of(name)
        apart = recordings.find(read_apart(body), recordings.is_candle)
        wire = recordings.find(decode_json(body), recordings.is_candle)
        for raw, row in zip(apart, wire, strict=True):
            rows = RowTranslator()
            candle = rows.translate(
                "candle",
                row,
                lambda row: to_candle(row, market_ext_id="M", interval=interval),  # noqa: B023
            )
            assert not rows.rejects
            compared = compare({"candle": candle}, independent.read_candle(raw, interval))
            assert {key.partition(".")[0] for key in compared} == raw.keys()
            fields += compared
            count += 1
            in_cents += "volume" in raw
    assert (count, in_cents) == (278, 180)
    report(capsys, f"candlesticks ({in_cents} of them in cents)", count, fields)


def test_every_order_book(rest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw = recordings.rows(rest, recordings.is_book, read_apart)
    wire = recordings.rows(rest, recordings.is_book, decode_json)
    assert len(raw) == 554
    levels = 0
    for apart, row in zip(raw, wire, strict=True):
        book = to_order_book(row, market_ext_id="M", as_of=AS_OF)
        bids = {
            Decimal(price): Decimal(size) for price, size in apart["orderbook_fp"]["yes_dollars"]
        }
        asks = {
            1 - Decimal(price): Decimal(size) for price, size in apart["orderbook_fp"]["no_dollars"]
        }
        assert [(level.price, level.contracts) for level in book.bids] == sorted(
            bids.items(), reverse=True
        )
        assert [(level.price, level.contracts) for level in book.asks] == sorted(asks.items())
        if book.best_bid and book.best_ask:
            assert book.best_bid.price < book.best_ask.price
        levels += len(bids) + len(asks)
    report(capsys, "order books", len(raw), Counter(levels=levels * 2))


def test_book_and_market_of_the_same_moment_agree(rest: Path) -> None:
    document = decode_json((rest / "market_single_and_orderbook_2026-08-09.json").read_bytes())
    assert isinstance(document, dict)
    quoted = document["single"]["market"]
    book = to_order_book(document["orderbook"], market_ext_id="M", as_of=AS_OF)
    assert book.best_bid is not None
    assert book.best_ask is not None
    assert book.best_bid.price == Decimal(quoted["yes_bid_dollars"])
    assert book.best_bid.contracts == Decimal(quoted["yes_bid_size_fp"])
    assert book.best_ask.price == Decimal(quoted["yes_ask_dollars"])
    assert book.best_ask.contracts == Decimal(quoted["yes_ask_size_fp"])


async def test_no_recorded_row_hides_a_no_side_of_its_own(rest: Path) -> None:
    wire = recordings.rows(rest, recordings.is_market, decode_json)
    page: CataloguePage = await translate_markets(Page(wire, AS_OF), with_combos=True)
    assert not [market for market in page.markets if "no_side_mismatch" in market.metadata]
    assert sum(market.is_combo for market in page.markets) == 12
