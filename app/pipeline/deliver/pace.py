"""How many deliveries a dispatcher takes and sends at a time, and how long it keeps them."""

from dataclasses import dataclass
from datetime import timedelta

from app.core.config import FirebaseSettings

_BATCH = 200


@dataclass(frozen=True, slots=True)
class Pace:
    """The measures of one dispatcher; times in seconds.

    Attributes:
        in_flight: pushes under way at a time.
        batch: deliveries claimed at a time.
        begin_within_s: a claimed delivery that has not begun by then is given back.
        send_within_s: a push that has not ended by then has an unknown outcome.
        margin_s: how much longer the lease lasts, for the outcome to be recorded.
        flush_every_s: how often outcomes are written, at most.
        look_every_s: how often leases of those who died are looked for.
    """

    in_flight: int = 64
    batch: int = _BATCH
    begin_within_s: float = 2.0
    send_within_s: float = 10.0
    margin_s: float = 1.5
    flush_every_s: float = 0.03
    look_every_s: float = 1.0

    @property
    def lease(self) -> timedelta:
        """How long a claim lasts."""
        return timedelta(seconds=self.begin_within_s + self.send_within_s + self.margin_s)

    @property
    def low_water(self) -> int:
        """With so few waiting the next are claimed, so that senders never run dry."""
        return self.batch // 2


def pace_of(settings: FirebaseSettings) -> Pace:
    """Return the pace that the gateway's settings ask for; a push may need an access token too."""
    return Pace(
        in_flight=settings.fcm_connections,
        batch=min(4 * settings.fcm_connections, _BATCH),
        send_within_s=2 * settings.fcm_timeout_s,
    )
