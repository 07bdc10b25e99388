"""Rules are exactly their rows: complete, checked, and without a value of their own."""

from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any

import pytest

from app.core import config
from app.domain.detectors import parse_rules
from app.domain.detectors import rules as rules_module
from app.domain.market_kinds import PolicyName
from tests.unit.domain.detectors.market_tape import production_rules, rule_rows

Rows = dict[str, tuple[int, dict[str, Any]]]
KINDS = [
    kind
    for kind in vars(rules_module).values()
    if isinstance(kind, type) and kind.__module__ == rules_module.__name__
]


def test_the_migration_s_rows_are_rules() -> None:
    rules = production_rules()
    assert set(rules.baseline.priors) == set(PolicyName)
    assert PolicyName.IN_PLAY not in rules.line_move
    assert PolicyName.CONTINUOUS not in rules.volume_spike
    pre_game = rules.line_move[PolicyName.PRE_GAME]
    assert [window.minutes for window in pre_game.windows] == [5, 15, 60]
    assert (pre_game.max_wait_s, pre_game.instant_strength, pre_game.min_prints) == (120, 2, 2)


def test_the_version_grows_with_any_row() -> None:
    before = production_rules()
    for name in ("baseline", "line_move", "volume_spike"):
        rows = rule_rows()
        rows[name] = (rows[name][0] + 1, rows[name][1])
        assert parse_rules(rows).version == before.version + 1


def test_no_rule_has_a_value_of_its_own() -> None:
    assert KINDS
    for kind in KINDS:
        for field in fields(kind):
            assert field.default is MISSING, f"{kind.__name__}.{field.name}"
            assert field.default_factory is MISSING, f"{kind.__name__}.{field.name}"


def test_no_setting_is_named_like_a_rule() -> None:
    names = {field.name for kind in KINDS for field in fields(kind)} - {"version"}
    groups = [kind for kind in vars(config).values() if hasattr(kind, "model_fields")]
    assert len(groups) > 2
    for group in groups:
        assert names.isdisjoint(group.model_fields), group


def every_number(body: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every number in a body."""
    if isinstance(body, dict | list):
        items = body.items() if isinstance(body, dict) else enumerate(body)
        return [found for key, part in items for found in every_number(part, (*path, key))]
    return [] if body is None else [path]


def holder_of(body: Any, path: tuple[Any, ...]) -> Any:
    for key in path[:-1]:
        body = body[key]
    return body


@pytest.mark.parametrize("name", ["baseline", "line_move", "volume_spike"])
@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda holder, key: holder.pop(key), id="missing"),
        pytest.param(lambda holder, key: holder.update({key: "4"}), id="text"),
        pytest.param(lambda holder, key: holder.update({key: None}), id="null"),
        pytest.param(lambda holder, key: holder.update({key: True}), id="bool"),
        pytest.param(lambda holder, key: holder.update({key: -1}), id="negative"),
        pytest.param(lambda holder, key: holder.update({key: float("nan")}), id="nan"),
        pytest.param(lambda holder, key: holder.update({f"{key}_x": 1}), id="unknown"),
    ],
)
def test_every_number_must_be_there_and_be_one(
    name: str, spoil: Callable[[dict[str, Any], str], object]
) -> None:
    for path in every_number(rule_rows()[name][1]):
        rows = rule_rows()
        spoil(holder_of(rows[name][1], path), path[-1])
        with pytest.raises(ValueError, match=f"^rule {name}: ") as refused:
            parse_rules(rows)
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        pytest.param("line_move", {}, "policies is not an object", id="empty"),
        pytest.param("line_move", {"policies": {"half_time": {}}}, "half_time", id="policy"),
        pytest.param("line_move", {"policies": {"in_play": 3}}, "in_play", id="no-object"),
        pytest.param("volume_spike", {"policies": {}, "x": 1}, "x is unknown", id="unknown"),
        pytest.param("baseline", {"priors": {}}, "no continuous", id="no-priors"),
    ],
)
def test_a_body_that_is_none_is_refused(name: str, body: dict[str, Any], reason: str) -> None:
    rows = rule_rows() | {name: (1, body)}
    with pytest.raises(ValueError, match=f"^rule {name}: .*{reason}"):
        parse_rules(rows)


def test_a_move_rule_needs_a_window_and_shares_are_at_most_one() -> None:
    rows = rule_rows()
    rows["line_move"][1]["policies"]["pre_game"]["windows"] = []
    with pytest.raises(ValueError, match=r"^rule line_move: pre_game: windows"):
        parse_rules(rows)
    rows = rule_rows()
    rows["line_move"][1]["policies"]["pre_game"]["agreement"] = 1.1
    with pytest.raises(ValueError, match=r"^rule line_move: pre_game.agreement is above 1"):
        parse_rules(rows)


def test_a_row_that_is_not_there_is_named_and_others_do_not_matter() -> None:
    rows = rule_rows()
    del rows["volume_spike"]
    with pytest.raises(ValueError, match=r"^rule volume_spike: no such row in alpha\.rules$"):
        parse_rules(rows)
    assert parse_rules(rule_rows() | {"caps": (3, {})}) == production_rules()
