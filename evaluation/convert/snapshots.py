"""Price snapshots (CSV, one row a market and moment) as ticker frames.

What a snapshot does not say is made so that it adds nothing: a rise of `volume_24h` stands
for trades, at the side of the book the price moved to; the volume of the frames is the sum of
the rises, so it never falls. Sizes are unknown and left out.
"""

import csv
import gzip
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

import msgspec

from app.core.errors import OperatorError
from app.domain.types import Exchange
from evaluation.convert.listing import Listing
from evaluation.convert.starts import start_of
from evaluation.recording.lines import open_binary
from evaluation.recording.shapes import to_millis
from evaluation.recording.writer import RecordingWriter

_COLUMNS = {"timestamp", "ticker", "title", "yes_bid", "yes_ask", "volume_24h"}
_LENGTH = timedelta(hours=3)  # of a game, as the exchange expects its end
_CLOSES_AFTER = timedelta(days=14)  # of a game's start; it closes early when it is decided
_CENT = Decimal("0.01")
_GAME = re.compile(r"KX[A-Z]+GAME-.*")


@dataclass(slots=True)
class _Known:
    """A market so far: contracts counted, prices and the exchange's own count."""

    volume: Decimal
    volume_24h: Decimal
    mid: Decimal
    last: Decimal


def convert_snapshots(source: Path, folder: Path) -> int:
    """Write one ticker frame for each row that can be read; return how many there are.

    Raises:
        OperatorError: a file without the columns we need.
    """
    rows = sorted(_rows(source), key=lambda row: (row["timestamp"], row["ticker"]))
    if not rows:
        raise OperatorError(f"{source} has no rows.")
    first, last = (_moment(rows[at]["timestamp"]) for at in (0, -1))
    writer = RecordingWriter(folder, began_at=first, note=f"converted from {source.name}")
    listing, known = Listing(), dict[str, _Known]()
    for row in rows:
        message = _to_message(row, known)
        if message is None:
            continue
        if row["ticker"] not in listing:
            _list(listing, row)
        frame = msgspec.json.encode({"type": "ticker", "sid": 1, "msg": message})
        writer.add_frame(to_millis(_moment(row["timestamp"])), Exchange.KALSHI, frame)
    writer.write_catalogue(listing.document())
    writer.finish(ended_at=last)
    return writer.frames


def _rows(source: Path) -> Iterator[Mapping[str, str]]:
    with open_binary(source) as file:
        reader = csv.DictReader(io.TextIOWrapper(file, encoding="utf-8", newline=""))
        missing = sorted(_COLUMNS - set(reader.fieldnames or ()))
        if missing:
            raise OperatorError(f"{source} has no column {missing[0]}.")
        try:
            yield from reader
        except (UnicodeDecodeError, csv.Error, EOFError, gzip.BadGzipFile) as error:
            raise OperatorError(f"{source} cannot be read: {error}.") from error


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _to_message(row: Mapping[str, str], known: dict[str, _Known]) -> dict[str, object] | None:
    """Return the `msg` of a ticker frame; None for a row whose prices cannot be read."""
    try:
        bid, ask, volume_24h = (Decimal(row[name]) for name in ("yes_bid", "yes_ask", "volume_24h"))
        at_ms = to_millis(_moment(row["timestamp"]))
    except (InvalidOperation, ValueError):
        return None
    if not 0 <= bid <= ask <= 1 or volume_24h < 0:
        return None
    market = _update(known, row["ticker"], bid, ask, volume_24h)
    return {
        "market_ticker": row["ticker"],
        "price_dollars": f"{market.last:.4f}",
        "yes_bid_dollars": f"{bid:.4f}",
        "yes_ask_dollars": f"{ask:.4f}",
        "volume_fp": f"{market.volume:.2f}",
        "ts": at_ms // 1_000,
        "ts_ms": at_ms,
    }


def _update(
    known: dict[str, _Known], ticker: str, bid: Decimal, ask: Decimal, volume_24h: Decimal
) -> _Known:
    """Count what was traded since the last snapshot, and say at which price."""
    mid = (bid + ask) / 2
    market = known.get(ticker)
    if market is None:
        inside = min(max(mid.quantize(_CENT), bid), ask)
        known[ticker] = market = _Known(volume_24h, volume_24h, mid, inside)
        return market
    traded = max(volume_24h - market.volume_24h, Decimal(0))
    if traded:
        side = ask if mid > market.mid else bid if mid < market.mid else market.last
        market.last = min(max(side, bid), ask)
    market.volume, market.volume_24h, market.mid = market.volume + traded, volume_24h, mid
    return market


def _list(listing: Listing, row: Mapping[str, str]) -> None:
    ticker = row["ticker"]
    series, event = ticker.partition("-")[0], ticker.rpartition("-")[0]
    if _GAME.fullmatch(ticker):
        listing.add_series(series, title=series, category="Sports", frequency="custom")
    start = start_of(event)
    listing.add_market(
        ticker,
        title=row["title"],
        outcome=ticker.rpartition("-")[2],
        close_at=start + _CLOSES_AFTER if start else None,
        ends_at=start + _LENGTH if start else None,
    )
