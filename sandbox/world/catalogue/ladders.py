"""Markets on a number: brackets and thresholds around an expected value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from sandbox.world.catalogue.builder import MarketSpec
from sandbox.world.model import Result, Strike


@dataclass(frozen=True, slots=True)
class Number:
    """A number that will be known: what people expect, how unsure they are, what it becomes."""

    mean: float
    sd: float
    actual: float
    show: Callable[[float], str]  # the number in words
    subject: str  # "Highest temperature in Miami on Nov 22"

    def above(self, value: float) -> float:
        """Return the probability that the number exceeds a value."""
        return 1.0 - NormalDist(self.mean, self.sd).cdf(value)


def code_of(value: float) -> str:
    """Return a strike as tickers write it: `95249.99`, `0.158`, `48`."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def threshold_markets(number: Number, values: Sequence[float]) -> tuple[MarketSpec, ...]:
    """Return one `above` market per value."""
    return tuple(
        MarketSpec(
            code=f"T{code_of(value)}",
            name=f"{number.show(value)} or above",
            title=f"{number.subject}: {number.show(value)} or above?",
            rules=f"Resolves to Yes if {number.subject} is above {number.show(value)}.",
            strike=Strike("greater", floor=value),
            fair=number.above(value),
            result=Result.of(number.actual > value, number.show(number.actual)),
            driver=number.subject,
            sign=1,
        )
        for value in values
    )


def bracket_markets(
    number: Number, first: float, width: float, count: int
) -> tuple[MarketSpec, ...]:
    """Return `count` brackets from `first` upwards between a lower and an upper tail."""
    last = first + count * width
    specs = [_tail(number, first, below=True)]
    for place in range(count):
        low = first + place * width
        high = low + width
        specs.append(
            MarketSpec(
                code=f"B{code_of((low + high) / 2)}",
                name=f"{number.show(low)} to {number.show(high)}",
                title=f"{number.subject}: {number.show(low)} to {number.show(high)}?",
                rules=f"Resolves to Yes if {number.subject} is at least {number.show(low)} "
                f"and below {number.show(high)}.",
                strike=Strike("between", floor=low, cap=high),
                fair=number.above(low) - number.above(high),
                result=Result.of(low <= number.actual < high, number.show(number.actual)),
            )
        )
    specs.append(_tail(number, last, below=False))
    return tuple(specs)


def _tail(number: Number, value: float, *, below: bool) -> MarketSpec:
    shown = number.show(value)
    word = "or below" if below else "or above"
    won = number.actual < value if below else number.actual >= value
    return MarketSpec(
        code=f"T{code_of(value - 0.01 if below else value)}",
        name=f"{shown} {word}",
        title=f"{number.subject}: {shown} {word}?",
        rules=f"Resolves to Yes if {number.subject} is {shown} {word}.",
        strike=Strike("less", cap=value) if below else Strike("greater_or_equal", floor=value),
        fair=1.0 - number.above(value) if below else number.above(value),
        result=Result.of(won, number.show(number.actual)),
    )
