"""When the exchange trades, and since when it does not."""

from __future__ import annotations

from datetime import timedelta

from sandbox.faults.knobs import Faults
from sandbox.world.eastern import local_time
from sandbox.world.units import MINUTE, SECOND

_THURSDAY = 3
_PAUSE = (timedelta(hours=3), timedelta(hours=5))


def is_trading(now_us: int) -> bool:
    """Say whether it is opening time: always, except Thursdays from 3 to 5 Eastern."""
    return _pause_began_us(now_us) is None


def _pause_began_us(now_us: int) -> int | None:
    local = local_time(now_us)
    clock = timedelta(hours=local.hour, minutes=local.minute)
    if local.weekday() != _THURSDAY or not _PAUSE[0] <= clock < _PAUSE[1]:
        return None
    minutes = local.hour * 60 + local.minute - 3 * 60
    return now_us - minutes * MINUTE - local.second * SECOND - local.microsecond


class Halt:
    """Knows when trading rests: by the timetable, or because `ws_stall_closed` says so."""

    def __init__(self, faults: Faults) -> None:
        """Look at one vendor's knobs."""
        self.is_overruled = False  # recordings trade at any hour
        self._faults = faults
        self._stalled_us: int | None = None

    def since_us(self, now_us: int) -> int | None:
        """Return since when there is no trading, None while there is."""
        if self._faults.active("ws_stall_closed") is None:
            self._stalled_us = None
            return None if self.is_overruled else _pause_began_us(now_us)
        if self._stalled_us is None:
            self._stalled_us = now_us
        return self._stalled_us
