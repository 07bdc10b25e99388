"""What the database must hold, read from the sandbox's truth without our own translation."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.core.database import Pool

STATUS = {
    "initialized": "upcoming",
    "active": "open",
    "inactive": "paused",
    "closed": "closed",
    "determined": "determined",
    "amended": "determined",
    "disputed": "disputed",
    "finalized": "settled",
}
Rows = Mapping[str, Mapping[str, Any]]


def listed(markets: Rows) -> dict[str, Mapping[str, Any]]:
    """Return the true markets that a full sync has to bring: all of events not all final."""
    alive = {row["event_ticker"] for row in markets.values() if row["status"] != "finalized"}
    return {
        ticker: row
        for ticker, row in markets.items()
        if row["event_ticker"] in alive and not ticker.startswith("KXMVE")
    }


async def stored_markets(pool: Pool) -> dict[str, dict[str, Any]]:
    """Read every live market with its event and quote."""
    rows = await pool.fetch(
        """
        SELECT market.*, event.ext_id AS event_ticker, quote.bid, quote.ask, quote.volume
        FROM alpha.markets market
        JOIN alpha.events event ON event.id = market.event_id
        LEFT JOIN alpha.market_quotes quote ON quote.market_id = market.id
        WHERE NOT market.is_deleted
        """
    )
    return {row["ext_id"]: dict(row) for row in rows}


def differences(truth: Rows, stored: Rows, tickers: Iterable[str]) -> list[str]:
    """Compare rows field by field; name what differs."""
    found = []
    for ticker in tickers:
        if ticker not in stored:
            found.append(f"{ticker}: missing")
            continue
        expected, ours = expected_fields(truth[ticker]), stored[ticker]
        found += [
            f"{ticker}.{k}: {ours[k]!r} != {v!r}" for k, v in expected.items() if ours[k] != v
        ]
    return found


def expected_fields(row: Mapping[str, Any]) -> dict[str, object]:
    """Read one wire row plainly."""
    return {
        "title": row.get("title") or row.get("yes_sub_title"),
        "status": STATUS[row["status"]],
        "event_ticker": row["event_ticker"],
        "close_at": datetime.fromisoformat(row["close_time"]),
        "source_ts": datetime.fromisoformat(row["updated_time"]),
        "result": row["result"] or None,
        "bid": _offer(row["yes_bid_dollars"], row["yes_bid_size_fp"]),
        "ask": _offer(row["yes_ask_dollars"], row["yes_ask_size_fp"]),
        "volume": Decimal(row["volume_fp"]),
    }


def _offer(price: str, size: str) -> Decimal | None:
    return None if Decimal(size) == 0 or Decimal(price) in (0, 1) else Decimal(price)
