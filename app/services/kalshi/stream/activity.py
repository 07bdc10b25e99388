"""Whether Kalshi must have sent ticks: asked over HTTP when the socket is silent.

Silence alone proves nothing (a quiet night, a trading pause); a trade without a tick does.
"""

import asyncio
import math
from datetime import datetime, timedelta

from app.core.clock import Clock
from app.core.errors import SourceError
from app.services.kalshi.client import KalshiClient
from app.services.kalshi.normalize import is_combo_market, to_exchange_status

_STATUS_BODIES = frozenset({500, 503, 504})
_GRACE = timedelta(seconds=3)  # a tick follows its trade within a second; clocks differ too
_TRADES = "100"
_ANSWER_S = 3.0  # within `StreamLimits.probe_timeout_s`; the client itself is more patient
# Thursdays 03:00 to 05:00 Eastern trading rests and Kalshi may be away: in summer and in
# winter time this is within these hours, UTC.
_PAUSE_WEEKDAY, _PAUSE_FROM, _PAUSE_UNTIL = 3, 7, 10


class KalshiActivity:
    """Answers `ExpectsTicks` from the exchange's status and its public trades."""

    def __init__(self, client: KalshiClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    async def expects_ticks(self, since: datetime) -> bool | None:
        """Say whether something was dealt after `since` that no tick has told of.

        Returns:
            None when Kalshi does not answer, outside the hours in which it may be away.
        """
        try:
            async with asyncio.timeout(_ANSWER_S):
                return await self._is_trading() and await self._was_dealt(since)
        except (SourceError, ValueError, TimeoutError):
            return False if self._may_be_away() else None

    async def _is_trading(self) -> bool:
        answer = await self._client.get("/exchange/status", also=_STATUS_BODIES)
        return to_exchange_status(answer.document).is_trading

    async def _was_dealt(self, since: datetime) -> bool:
        after, before = since + _GRACE, self._clock.now() - _GRACE
        if before <= after:
            return False
        asked = {
            "limit": _TRADES,
            "min_ts": str(math.ceil(after.timestamp())),
            "max_ts": str(math.floor(before.timestamp())),
        }
        rows = (await self._client.get("/markets/trades", asked)).document.get("trades")
        return isinstance(rows, list) and any(
            isinstance(row, dict) and not is_combo_market({"ticker": row.get("ticker")})
            for row in rows
        )

    def _may_be_away(self) -> bool:
        now = self._clock.now()
        return now.weekday() == _PAUSE_WEEKDAY and _PAUSE_FROM <= now.hour < _PAUSE_UNTIL
