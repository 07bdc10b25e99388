"""A mean that forgets: exponentially weighted, unbiased from its first number on."""

from decimal import Decimal
from math import isfinite


class Moving:
    """A mean whose past halves in weight every half-life; unbiased from the first one on."""

    __slots__ = ("minutes", "total", "weight")

    def __init__(self, total: float = 0.0, weight: float = 0.0, minutes: int = 0) -> None:
        """Begin with what was counted: the weighted total, all weight, and how many minutes."""
        self.total, self.weight, self.minutes = total, weight, minutes

    def add(self, number: float, kept: float, fresh: float, minutes: int) -> None:
        """Count one more: `kept` of the past stays, `fresh` is the new one's weight.

        Minutes without any news count as zeros: their weight is in `1 - kept`.
        """
        self.total = self.total * kept + number * fresh
        self.weight = self.weight * kept + (1.0 - kept)
        self.minutes += minutes

    @property
    def mean(self) -> float:
        """The weighted mean, 0 of nothing."""
        return self.total / self.weight if self.weight > 0 else 0.0

    def to_state(self) -> list[float]:
        """Return what it counted, as JSON has it."""
        return [self.total, self.weight, self.minutes]

    @classmethod
    def from_state(cls, state: object) -> "Moving":
        """Take up `to_state`.

        Raises:
            ValueError: not what `to_state` returns.
        """
        if not isinstance(state, list) or len(state) != 3:
            raise ValueError("baseline without a moving mean")
        total, weight, minutes = (_real(number) for number in state)
        return cls(total, weight, int(minutes))


def _real(number: object) -> float:
    if isinstance(number, bool) or not isinstance(number, int | float | Decimal):
        raise ValueError("baseline with a number that is none")
    if not isfinite(number) or number < 0:
        raise ValueError("baseline with a number out of range")
    return float(number)
