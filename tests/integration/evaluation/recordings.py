"""Small recordings to replay: one game whose price jumps, and what surrounds it."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.domain.types import Exchange
from evaluation.recording.shapes import to_millis
from evaluation.recording.writer import RecordingWriter

BEGAN_AT = datetime(2026, 3, 3, 18, tzinfo=UTC)
EVENT = "KXNBAGAME-26MAR04BOSNYK"
SUBJECT, RIVAL = f"{EVENT}-BOS", f"{EVENT}-NYK"
HOLDER = "00000000-0000-4000-8000-000000000001"
CALM_S, STEP_S = 45 * 60, 5  # long enough for a baseline
JUMP_S = 90


@dataclass(slots=True)
class Tape:
    """A recording under construction; `at` is the time of the next frame."""

    writer: RecordingWriter
    at: datetime = BEGAN_AT
    volume: Decimal = Decimal(1_000)

    def tick(self, ticker: str, cents: int, contracts: int = 0) -> None:
        """Add a ticker frame around a price; `contracts` were dealt since the last one."""
        self.volume += contracts
        message = {
            "market_ticker": ticker,
            "price_dollars": f"{cents / 100:.4f}",
            "yes_bid_dollars": f"{(cents - 1) / 100:.4f}",
            "yes_ask_dollars": f"{(cents + 1) / 100:.4f}",
            "yes_bid_size_fp": "900.00",
            "yes_ask_size_fp": "900.00",
            "volume_fp": f"{self.volume:.2f}",
            "ts_ms": to_millis(self.at),
        }
        self.frame({"type": "ticker", "sid": 1, "msg": message})

    def frame(self, frame: dict[str, Any]) -> None:
        """Add any frame."""
        self.writer.add_frame(to_millis(self.at), Exchange.KALSHI, json.dumps(frame).encode())

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)


def begin(folder: Path) -> Tape:
    """Begin a recording."""
    return Tape(RecordingWriter(folder, began_at=BEGAN_AT, note="a test"))


def finish(tape: Tape) -> Path:
    """End it and return its folder."""
    tape.writer.finish(ended_at=tape.at)
    return tape.writer.path


def play_calm(tape: Tape, seconds: int = CALM_S) -> None:
    """Let the two teams' markets trade a little around 50 cents."""
    for step in range(seconds // STEP_S):
        tape.tick(SUBJECT, 50 + (step // 12) % 2, contracts=2)
        tape.tick(RIVAL, 50 - (step // 12) % 2, contracts=2)
        tape.wait(STEP_S)


def play_jump(tape: Tape) -> None:
    """Let the subject rise by 14 cents with heavy trading, and stay there."""
    for step in range(JUMP_S):
        tape.tick(SUBJECT, min(51 + step, 65), contracts=400)
        tape.wait(1)


def market_row(ticker: str, outcome: str) -> dict[str, Any]:
    """Return a market as Kalshi lists it; the game begins a day after the recording."""
    return {
        "ticker": ticker,
        "event_ticker": EVENT,
        "market_type": "binary",
        "status": "active",
        "title": "Boston at New York Winner?",
        "yes_sub_title": outcome,
        "no_sub_title": outcome,
        "open_time": "2026-02-20T00:00:00Z",
        "close_time": "2026-03-19T00:30:00Z",
        "expected_expiration_time": "2026-03-05T03:30:00Z",
    }


def catalogue() -> dict[str, Any]:
    """Return `catalogue.json`: vendor rows, and the series in our words."""
    series = {"exchange": "kalshi", "ext_id": "KXNBAGAME", "title": "NBA", "category": "Sports"}
    event = {
        "event_ticker": EVENT,
        "series_ticker": "KXNBAGAME",
        "title": "Boston at New York",
        "category": "Sports",
        "markets": [market_row(SUBJECT, "Boston"), market_row(RIVAL, "New York")],
    }
    return {
        "as_of": BEGAN_AT,
        "series": [{"exchange": "kalshi", "ours": series}],
        "events": [{"exchange": "kalshi", "row": event}],
        "markets": [],
        "links": [],
    }


def people() -> dict[str, Any]:
    """Return `people.json`: somebody who holds 100 contracts of the subject."""
    position = {
        "exchange": "kalshi",
        "market_ext_id": SUBJECT,
        "side": "yes",
        "contracts": "100",
        "average_price": "0.4700",
    }
    holder = {
        "id": HOLDER,
        "name": "Ana",
        "timezone": "America/New_York",
        "devices": [{"kind": "fcm_token", "address": "phone-of-ana"}],
        "positions": [position],
        "follows": [],
    }
    return {"people": [holder]}
