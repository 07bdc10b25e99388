"""What a run says: a table for people, one JSON object for programs."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from bench.contest import Role
from bench.figures import Outcome, Ratio


def to_json(
    machine: Mapping[str, object], rounds: int, outcomes: Sequence[Outcome], *, is_quick: bool
) -> dict[str, object]:
    """Return the result as JSON types; rates are medians in `unit`."""
    return {
        "machine": dict(machine),
        "rounds": rounds,
        "is_quick": is_quick,
        "paths": [path_json(outcome) for outcome in outcomes],
    }


def path_json(outcome: Outcome) -> dict[str, object]:
    """Return one path's result as JSON types: the ten keys of the contract, and more."""
    path, remarks = outcome.path, outcome.remarks
    return {
        "path": path.name,
        **{role.value: _round(outcome.rate(role)) for role in (Role.OURS, Role.PEER, Role.LIMIT)},
        "unit": path.unit,
        "ours_over_peer": _middle(outcome.over_peer),
        "ours_over_limit": _middle(outcome.over_limit),
        "target_over_peer": path.target_over_peer,
        "target_over_limit": path.target_over_limit,
        "verdict": outcome.verdict,
        "spread": {
            "ours_over_peer": _spread(outcome.over_peer),
            "ours_over_limit": _spread(outcome.over_limit),
        },
        "names": {role.value: name for role, name in outcome.names.items()},
        "ours_over_others": {name: _middle(r) for name, r in outcome.over_others.items()},
        "promises": [
            {"name": p.name, "figure": _round(p.figure), "at_most": p.at_most, "is_kept": p.is_kept}
            for p in remarks.promises
        ],
        "notes": list(outcome.notes),
        **{
            key: _round(found) if isinstance(found, float) else found
            for key, found in remarks.extra.items()
        },
    }


def _round(figure: float | None) -> float | None:
    """Keep four significant digits: the fifth is noise."""
    return None if figure is None else float(f"{figure:.4g}")


def _middle(ratio: Ratio | None) -> float | None:
    return None if ratio is None else _round(ratio.middle)


def _spread(ratio: Ratio | None) -> list[float | None] | None:
    return None if ratio is None else [_round(ratio.low), _round(ratio.high)]


def print_table(
    console: Console,
    machine: Mapping[str, object],
    outcomes: Sequence[Outcome],
    *,
    is_quick: bool,
) -> None:
    """Print the table, then notes and the machine."""
    size = "quick: small sizes, for correctness, not for figures" if is_quick else "full sizes"
    table = Table(
        *("path", "ours", "peer", "limit", "ours/peer", "ours/limit", "target", "verdict"),
        title=f"Medians per second; ratios per round: median (lowest to highest); {size}",
    )
    for outcome in outcomes:
        table.add_row(*_cells(outcome))
    console.print(table)
    for outcome in outcomes:
        for line in _remarks(outcome):
            console.print(f"{outcome.path.name}: {line}", highlight=False)
    console.print(f"machine: {_flat(machine)}", highlight=False)


def _flat(facts: Mapping[str, object]) -> str:
    """Write facts, and facts within facts, on one line."""
    return ", ".join(
        _flat(fact) if isinstance(fact, Mapping) else f"{name} {fact}"
        for name, fact in facts.items()
    )


def _cells(outcome: Outcome) -> list[str]:
    rates = [_rate(outcome.rate(role)) for role in (Role.OURS, Role.PEER, Role.LIMIT)]
    ratios = [_ratio(outcome.over_peer), _ratio(outcome.over_limit)]
    colour = "green" if outcome.verdict == "met" else "red"
    verdict = f"[{colour}]{outcome.verdict}[/{colour}]"
    return [outcome.path.name, *rates, *ratios, _target(outcome), verdict]


def _rate(figure: float | None) -> str:
    return "-" if figure is None else f"{figure:,.0f}"


def _ratio(ratio: Ratio | None) -> str:
    if ratio is None:
        return "-"
    return f"{ratio.middle:.3g} ({ratio.low:.3g} to {ratio.high:.3g})"


def _target(outcome: Outcome) -> str:
    peer, limit = outcome.path.target_over_peer, outcome.path.target_over_limit
    words = [f"{peer:g}x" if peer else "", f"{limit:.2f}" if limit else ""]
    return ", ".join(filter(None, words)) or "-"


def _remarks(outcome: Outcome) -> list[str]:
    others = [f"{_ratio(r)} times {name}" for name, r in outcome.over_others.items()]
    promises = [
        f"{p.name} {p.figure:.3g}, promised at most {p.at_most:g}"
        f" ({'kept' if p.is_kept else 'broken'})"
        for p in outcome.remarks.promises
    ]
    names = ", ".join(f"{role.value} = {name}" for role, name in outcome.names.items())
    return [names, *others, *promises, *outcome.notes]
