"""Recorded socket files: one `{"recv_ms": ..., "frame": {...}}` a line."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from app.core.errors import OperatorError
from app.domain.types import Exchange
from evaluation.convert.listing import Listing
from evaluation.recording.lines import LineFile
from evaluation.recording.shapes import Millis, from_millis
from evaluation.recording.writer import RecordingWriter

_EASTERN = ZoneInfo("America/New_York")
_QUARTER = timedelta(minutes=15)
_QUARTER_HOUR = re.compile(r"(KX[A-Z]+15M)-(\d{2}[A-Z]{3}\d{6})-\d{2}")


class _SocketLine(msgspec.Struct, frozen=True, gc=False):
    recv_ms: Millis
    frame: msgspec.Raw


class _Message(msgspec.Struct, frozen=True, gc=False):
    market_ticker: str = ""


class _Ticker(msgspec.Struct, frozen=True, gc=False):
    type: str = ""
    msg: _Message = _Message()


_read_ticker = msgspec.json.Decoder(_Ticker).decode


def convert_socket(source: Path, folder: Path) -> int:
    """Write the frames verbatim in the order of their arrival, with the markets they name.

    Markets of quarter hours (`KXBTC15M-26MAY110115-15`) open 15 minutes before the time in
    their ticker, which is US Eastern, and close at it; of others only the ticker is known.

    Raises:
        OperatorError: no line of it holds a frame.
    """
    lines = sorted(LineFile(source, _SocketLine), key=lambda line: line.recv_ms)
    if not lines:
        raise OperatorError(f"{source} holds no frames.")
    began_at, ended_at = from_millis(lines[0].recv_ms), from_millis(lines[-1].recv_ms)
    writer = RecordingWriter(folder, began_at=began_at, note=f"converted from {source.name}")
    listing = Listing()
    for line in lines:
        raw = bytes(line.frame)
        writer.add_frame(line.recv_ms, Exchange.KALSHI, raw)
        ticker = _ticker_of(raw)
        if ticker and ticker not in listing:
            _list(listing, ticker)
    writer.write_catalogue(listing.document())
    writer.finish(ended_at=ended_at)
    return writer.frames


def _ticker_of(raw: bytes) -> str:
    try:
        return _read_ticker(raw).msg.market_ticker
    except ValueError:
        return ""


def _list(listing: Listing, ticker: str) -> None:
    found = _QUARTER_HOUR.fullmatch(ticker)
    close_at = None if found is None else _read_time(found[2])
    if found is None or close_at is None:
        listing.add_market(ticker, title=ticker)
        return
    listing.add_series(found[1], title=found[1], category="Crypto", frequency="fifteen_min")
    at = close_at.astimezone(_EASTERN)
    coin = found[1].removeprefix("KX").removesuffix("15M")
    title = f"{coin} up in the 15 minutes to {at:%H:%M} Eastern?"
    listing.add_market(ticker, title=title, open_at=close_at - _QUARTER, close_at=close_at)


def _read_time(text: str) -> datetime | None:
    try:
        return (
            datetime.strptime(text.title(), "%y%b%d%H%M").replace(tzinfo=_EASTERN).astimezone(UTC)
        )
    except ValueError:
        return None
