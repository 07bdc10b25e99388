"""When the games of the recorded snapshots began; the tickers hold only their days.

From the leagues' schedules of 26 October to 2 November 2025, US Eastern; the recording itself
does not say. A game that is not here has no known start.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_EASTERN = ZoneInfo("America/New_York")

_STARTS: Mapping[str, str] = {
    "KXNFLGAME-25OCT26BUFCAR": "2025-10-26T13:00",
    "KXNFLGAME-25OCT26CLENE": "2025-10-26T13:00",
    "KXNFLGAME-25OCT26NYGPHI": "2025-10-26T13:00",
    "KXNFLGAME-25OCT26SFHOU": "2025-10-26T13:00",
    "KXNFLGAME-25OCT26TENIND": "2025-10-26T16:25",
    "KXNFLGAME-25OCT26GBPIT": "2025-10-26T20:20",
    "KXNFLGAME-25OCT30BALMIA": "2025-10-30T20:15",
    "KXNFLGAME-25NOV02ATLNE": "2025-11-02T13:00",
    "KXNFLGAME-25NOV02MINDET": "2025-11-02T13:00",
    "KXNFLGAME-25NOV02KCBUF": "2025-11-02T16:25",
    "KXNBAGAME-25OCT26CHAWAS": "2025-10-26T18:00",
    "KXNBAGAME-25OCT26NYKMIA": "2025-10-26T19:00",
    "KXNBAGAME-25OCT26TORDAL": "2025-10-26T19:30",
    "KXNBAGAME-25OCT26LALSAC": "2025-10-26T21:00",
    "KXNBAGAME-25OCT27CLEDET": "2025-10-27T19:00",
    "KXNBAGAME-25OCT27ORLPHI": "2025-10-27T19:00",
    "KXNBAGAME-25OCT27BKNHOU": "2025-10-27T20:00",
    "KXNBAGAME-25OCT27MEMGSW": "2025-10-27T22:00",
    "KXNBAGAME-25OCT27PORLAL": "2025-10-27T22:30",
}


def start_of(event_ticker: str) -> datetime | None:
    """Return when a recorded game began; None when nobody said."""
    text = _STARTS.get(event_ticker)
    return datetime.fromisoformat(text).replace(tzinfo=_EASTERN).astimezone(UTC) if text else None
