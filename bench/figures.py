"""The arithmetic: ratios inside one round, their median and spread, the verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.contest import Contender, Path, Remarks, Role

GATE = 0.8  # a ratio may fall this far below its target before a gated run fails

Round = Mapping[str, float]  # contender name -> units per second


@dataclass(frozen=True, slots=True)
class Ratio:
    """Ours over another, one figure per round, against a target."""

    low: float
    middle: float
    high: float
    target: float | None

    @property
    def is_met(self) -> bool:
        """Whether the median reaches the target; no target is always met."""
        return self.target is None or self.middle >= self.target

    @property
    def is_gated_out(self) -> bool:
        """Whether the median is more than 20 % below the target."""
        return self.target is not None and self.middle < self.target * GATE


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the rounds of a path showed."""

    path: Path
    rates: Mapping[str, float]  # contender name -> median units per second
    names: Mapping[Role, str]
    over_peer: Ratio | None
    over_limit: Ratio | None
    over_others: Mapping[str, Ratio]
    rounds: int
    remarks: Remarks
    notes: Sequence[str] = ()

    @property
    def ratios(self) -> list[Ratio]:
        """The ratios that may have a target."""
        return [ratio for ratio in (self.over_peer, self.over_limit) if ratio is not None]

    @property
    def verdict(self) -> str:
        """`met` when every target and promise holds, else `missed`."""
        kept = all(promise.is_kept for promise in self.remarks.promises)
        return "met" if kept and all(ratio.is_met for ratio in self.ratios) else "missed"

    @property
    def is_gated_out(self) -> bool:
        """Whether a gated run must fail because of this path."""
        return any(ratio.is_gated_out for ratio in self.ratios)

    def rate(self, role: Role) -> float | None:
        """Return the median rate of the main contender of a role."""
        name = self.names.get(role)
        return None if name is None else self.rates[name]


def compare(ours: str, other: str, rounds: Sequence[Round], target: float | None) -> Ratio:
    """Divide ours by another within each round, so that the machine's mood cancels out."""
    ratios = [figures[ours] / figures[other] for figures in rounds]
    return Ratio(min(ratios), median(ratios), max(ratios), target)


def conclude(
    path: Path,
    contenders: Sequence[Contender],
    rounds: Sequence[Round],
    remarks: Remarks,
    notes: Sequence[str] = (),
) -> Outcome:
    """Draw the conclusions of a path from its rounds."""
    names = {c.role: c.name for c in contenders if not c.is_extra}
    ours = names[Role.OURS]

    def against(role: Role, target: float | None) -> Ratio | None:
        return compare(ours, names[role], rounds, target) if role in names else None

    return Outcome(
        path=path,
        rates={c.name: median(figures[c.name] for figures in rounds) for c in contenders},
        names=names,
        over_peer=against(Role.PEER, path.target_over_peer),
        over_limit=against(Role.LIMIT, path.target_over_limit),
        over_others={c.name: compare(ours, c.name, rounds, None) for c in contenders if c.is_extra},
        rounds=len(rounds),
        remarks=remarks,
        notes=notes,
    )
