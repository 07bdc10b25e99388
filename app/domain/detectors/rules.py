"""Rules as data: every threshold of the detectors, read from rows and from nowhere else.

No field has a default. The rows are in the table `alpha.rules`; a change of behaviour is a
change of a row, and every finding says the version of the row it was made by.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from math import isfinite
from typing import Any, TypeVar

from app.domain.market_kinds import PolicyName

Body = Mapping[str, object]
RuleRows = Mapping[str, tuple[int, Body]]  # name -> version, body
T = TypeVar("T")
_SHARES = frozenset({"agreement", "volume_quantile"})


@dataclass(frozen=True, slots=True)
class MoveWindow:
    """A move over so many minutes counts from so many cents and sigmas of that time on."""

    minutes: int
    min_cents: int
    sigmas: float


@dataclass(frozen=True, slots=True)
class Timing:
    """When a detector is silent, and when it may say the same again.

    Attributes:
        min_baseline_minutes: how many minutes of the market must be known.
        quiet_after_open_s, quiet_before_close_s, quiet_before_start_s: no findings then.
        repeat_after_s: until then the same direction needs `repeat_strength` times as much.
    """

    min_baseline_minutes: int
    quiet_after_open_s: int
    quiet_before_close_s: int
    quiet_before_start_s: int
    repeat_after_s: int
    repeat_strength: float


@dataclass(frozen=True, slots=True)
class LineMoveRule:
    """What a move must be like under one policy.

    Attributes:
        windows: any one of them is enough.
        spreads: how many times the spread (the current or the usual one, the wider) it spans.
        volume_quantile: of the market's own five-minute volumes; the move must carry as much.
        min_contracts: and at least so many.
        min_prints: seconds with trades at the new level.
        agreement: share of the move that trades and mid each must have made, and must keep.
        instant_strength: so many times the threshold needs no wait.
        max_wait_s: how long a move just at the threshold must last.
        min_depth_contracts: a thinner best offer behind the new level loses the shortcut.
    """

    version: int
    windows: tuple[MoveWindow, ...]
    timing: Timing
    spreads: float
    volume_quantile: float
    min_contracts: int
    min_prints: int
    agreement: float
    instant_strength: float
    max_wait_s: int
    min_depth_contracts: int


@dataclass(frozen=True, slots=True)
class VolumeSpikeRule:
    """What unusual trading without a move must be like under one policy.

    Attributes:
        times: multiple of `volume_quantile` of the market's own five-minute volumes.
        min_usd: at least so many dollars changed hands (a contract's two sides stake one).
        max_cents: a price that moved by more is a move, not a spike.
        min_prints: seconds with trades.
    """

    version: int
    timing: Timing
    times: float
    volume_quantile: float
    min_usd: int
    max_cents: int
    min_prints: int


@dataclass(frozen=True, slots=True)
class Prior:
    """What a market is taken for until it is known.

    Attributes:
        sigma: standard deviation of one-minute log-odds returns.
        spread_cents: usual spread.
        contracts: a high five-minute volume.
    """

    sigma: float
    spread_cents: int
    contracts: int


@dataclass(frozen=True, slots=True)
class BaselineRule:
    """How a market's own habits are learnt.

    Attributes:
        half_life_minutes: of the moving variance and the usual spread.
        warm_minutes: until then the prior has its share.
        clip_sigmas: a larger return counts as one of that size.
        sigma_floor: no market is calmer.
        narrow_cents, narrow_times: a spread up to this, or this many times the usual one, has a
            meaningful mid.
        min_volumes: five-minute volumes that make quantiles of a time to start trustworthy.
    """

    version: int
    half_life_minutes: int
    warm_minutes: int
    clip_sigmas: float
    sigma_floor: float
    narrow_cents: int
    narrow_times: float
    min_volumes: int
    priors: Mapping[PolicyName, Prior]


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of the detectors; a policy without a rule is one that is not watched so."""

    baseline: BaselineRule
    line_move: Mapping[PolicyName, LineMoveRule]
    volume_spike: Mapping[PolicyName, VolumeSpikeRule]

    @property
    def version(self) -> int:
        """A number that grows whenever one of the rows gets a new version."""
        spikes = max((rule.version for rule in self.volume_spike.values()), default=0)
        moves = max((rule.version for rule in self.line_move.values()), default=0)
        return self.baseline.version + moves + spikes


def parse_rules(rows: RuleRows) -> Rules:
    """Read the rows `baseline`, `line_move` and `volume_spike`; other rows are other steps'.

    Raises:
        ValueError: one line that names the row: it is missing, or a field is missing, unknown
            or not a number of its kind.
    """
    return Rules(
        baseline=_read(rows, "baseline", _to_baseline),
        line_move=_read(rows, "line_move", _to_line_moves),
        volume_spike=_read(rows, "volume_spike", _to_volume_spikes),
    )


def _read(rows: RuleRows, name: str, reader: Any) -> Any:
    if name not in rows:
        raise ValueError(f"rule {name}: no such row in alpha.rules")
    version, body = rows[name]
    try:
        return reader(version, body)
    except ValueError as error:
        raise ValueError(f"rule {name}: {error}") from error


def _to_baseline(version: int, body: Body) -> BaselineRule:
    priors = _policies(body, "priors")
    missing = sorted(set(PolicyName) - set(priors))
    if missing:
        raise ValueError(f"priors: no {missing[0]}")
    read = {name: _to(Prior, prior, f"priors.{name}") for name, prior in priors.items()}
    return _to(BaselineRule, body, "", version=version, priors=read)


def _to_line_moves(version: int, body: Body) -> dict[PolicyName, LineMoveRule]:
    found = {}
    for name, part in _only_policies(body).items():
        windows = part.get("windows")
        if not isinstance(windows, list) or not windows:
            raise ValueError(f"{name}: windows is not a list with a window")
        found[name] = _to(
            LineMoveRule,
            part,
            f"{name}",
            version=version,
            windows=tuple(_to(MoveWindow, _object(w, name), f"{name}.windows") for w in windows),
            timing=_to_timing(part, name),
        )
    return found


def _to_volume_spikes(version: int, body: Body) -> dict[PolicyName, VolumeSpikeRule]:
    return {
        name: _to(VolumeSpikeRule, part, f"{name}", version=version, timing=_to_timing(part, name))
        for name, part in _only_policies(body).items()
    }


def _to_timing(part: Body, name: str) -> Timing:
    return _to(Timing, _object(part.get("timing"), f"{name}.timing"), f"{name}.timing")


def _only_policies(body: Body) -> dict[PolicyName, Body]:
    unknown = sorted(set(body) - {"policies"})
    if unknown:
        raise ValueError(f"{unknown[0]} is unknown")
    return _policies(body, "policies")


def _policies(body: Body, key: str) -> dict[PolicyName, Body]:
    """Return the parts by policy; a policy set to null is not watched."""
    found = {}
    for name, part in _object(body.get(key), key).items():
        if name not in set(PolicyName):
            raise ValueError(f"{key}: unknown policy {name!r}")
        if part is not None:
            found[PolicyName(name)] = _object(part, name)
    return found


def _object(part: object, where: str) -> Body:
    if not isinstance(part, Mapping):
        raise ValueError(f"{where} is not an object")
    return part


def _to(kind: type[T], body: Body, where: str, **known: object) -> T:
    """Make a dataclass of exactly its fields: `known` ones, and numbers out of the body."""
    at = f"{where}." if where else ""
    names = {field.name: field.type for field in fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(set(body) - set(names))
    if unknown:
        raise ValueError(f"{at}{unknown[0]} is unknown")
    numbers = {
        name: _number(body.get(name), f"{at}{name}", is_whole=type_ is int)
        for name, type_ in names.items()
        if name not in known
    }
    return kind(**known, **numbers)


def _number(value: object, where: str, *, is_whole: bool) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(f"{where} is not a number")
    number = float(value)
    if not isfinite(number) or number < 0 or (is_whole and number != int(number)):
        raise ValueError(f"{where} is not {'a whole number' if is_whole else 'a number'} from 0 on")
    if where.rpartition(".")[2] in _SHARES and number > 1:
        raise ValueError(f"{where} is above 1")
    return int(number) if is_whole else number
