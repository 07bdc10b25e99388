"""Catalogue rows in Kalshi's shape, made of what a converted file says of its markets."""

from datetime import datetime
from typing import Any

from app.domain.types import Exchange


class Listing:
    """Series, events and markets, each once."""

    def __init__(self) -> None:
        """Begin empty."""
        self._series: dict[str, dict[str, Any]] = {}
        self._events: dict[str, dict[str, Any]] = {}
        self._markets: dict[str, dict[str, Any]] = {}

    def __contains__(self, ticker: str) -> bool:
        """Tell whether a market is listed."""
        return ticker in self._markets

    def add_series(self, ticker: str, *, title: str, category: str, frequency: str) -> None:
        """List a series, unless it is listed."""
        row = {"ticker": ticker, "title": title, "category": category, "frequency": frequency}
        self._series.setdefault(ticker, row)

    def add_market(
        self,
        ticker: str,
        *,
        title: str,
        outcome: str = "Yes",
        open_at: datetime | None = None,
        close_at: datetime | None = None,
        ends_at: datetime | None = None,
    ) -> None:
        """List a market and, if it is new, its event and series.

        Args:
            title: of the market, and of its event if that is new.
            outcome: what YES stands for.
            ends_at: when the outcome is expected to be known.
        """
        series, event = ticker.partition("-")[0], ticker.rpartition("-")[0] or ticker
        self.add_series(series, title=series, category="", frequency="custom")
        self._events.setdefault(
            event,
            {
                "event_ticker": event,
                "series_ticker": series,
                "title": title,
                "category": self._series[series]["category"],
                "mutually_exclusive": True,
            },
        )
        self._markets[ticker] = {
            "ticker": ticker,
            "event_ticker": event,
            "market_type": "binary",
            "status": "active",
            "title": title,
            "yes_sub_title": outcome,
            "no_sub_title": outcome,
            **_times(open_time=open_at, close_time=close_at, expected_expiration_time=ends_at),
        }

    def document(self) -> dict[str, Any]:
        """Return the content of `catalogue.json`."""
        kinds = {"series": self._series, "events": self._events, "markets": self._markets}
        return {
            kind: [{"exchange": Exchange.KALSHI, "row": row} for row in rows.values()]
            for kind, rows in kinds.items()
        }


def _times(**times: datetime | None) -> dict[str, str]:
    return {name: at.isoformat().replace("+00:00", "Z") for name, at in times.items() if at}
