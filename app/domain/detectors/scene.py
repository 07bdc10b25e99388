"""What a detector sees when it looks: one market at one moment, and what is usual there."""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from app.domain.detections import Prices
from app.domain.detectors.odds_scale import to_price
from app.domain.detectors.rules import Timing
from app.domain.detectors.window import PriceWindow, Slot
from app.domain.market_kinds import PolicyName
from app.domain.ticks import micros_to_price


class Depth(NamedTuple):
    """Sizes of the best offers, in hundredths of a contract; None = nobody offers."""

    bid_size: int | None
    ask_size: int | None


@dataclass(slots=True)
class Scene:
    """One market at one moment.

    Attributes:
        now_ms: the caller's clock, or the newest frame's time when that is later.
        newest_ms: the exchange's time of the newest frame.
        here: what the market looks like now.
        sigma: standard deviation of one-minute log-odds returns.
        usual_spread: micro-dollars.
        known_minutes: how many minutes the baseline rests on.
        opened_ms, closes_ms, starts_ms: None = unknown.
    """

    policy: PolicyName
    now_ms: int
    newest_ms: int
    window: PriceWindow
    here: Slot
    sigma: float
    usual_spread: int
    known_minutes: int
    opened_ms: int | None
    closes_ms: int | None
    starts_ms: int | None
    depth: Depth | None

    def is_quiet(self, timing: Timing) -> bool:
        """Say whether a detector has to be silent now, whatever it sees."""
        now = self.now_ms
        return (
            self.known_minutes < timing.min_baseline_minutes
            or (
                self.opened_ms is not None
                and now < self.opened_ms + 1000 * timing.quiet_after_open_s
            )
            or (
                self.closes_ms is not None
                and now >= self.closes_ms - 1000 * timing.quiet_before_close_s
            )
            or (
                self.starts_ms is not None
                and self.starts_ms - 1000 * timing.quiet_before_start_s <= now < self.starts_ms
            )
        )


def to_prices(slot: Slot) -> Prices:
    """Return a state's prices in words that leave the detectors."""
    return Prices(
        mark=to_price(slot.mark2),
        bid=micros_to_price(slot.bid),
        ask=micros_to_price(slot.ask),
    )


def to_strength(ratio: float) -> Decimal:
    """Return a multiple of a threshold with three decimals, rounded down, at most 999,999."""
    return Decimal(int(min(ratio, 999_999.0) * 1000)).scaleb(-3)


def decimal_text(number: float, places: int = 4) -> str:
    """Return a statistic as the record keeps it."""
    return f"{number:.{places}f}"
