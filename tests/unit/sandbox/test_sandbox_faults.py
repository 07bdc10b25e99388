"""Fault knobs: parsing, rates, counts, and the same choice for the same seed."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.faults.knobs import ALL_FAULTS, FaultError, Faults
from sandbox.faults.rows import POISONS, Row, Spoiler
from sandbox.stats import Stats
from sandbox.vendors.kalshi.shapes import SHAPES


def make_faults(seed: int = 7, **knobs: object) -> Faults:
    faults = Faults(seed)
    faults.replace(knobs)
    return faults


def make_row(ext_id: str = "KX-1") -> Row:
    fields: dict[str, object] = {
        "ticker": ext_id,
        "status": "active",
        "title": "Title",
        "yes_bid_dollars": "0.5000",
        "floor_strike": 1.5,
    }
    return Row("markets", ext_id, fields)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        pytest.param("no_such", True, "unknown fault 'no_such'", id="unknown"),
        pytest.param("reset", 1.5, "rate must be a number from 0 to 1", id="rate-too-high"),
        pytest.param("reset", "often", "rate must be a number", id="rate-is-text"),
        pytest.param("reset", {"rate": -1}, "rate must be", id="negative-rate"),
        pytest.param("reset", {"seconds": 1}, "unknown option 'seconds'", id="wrong-option"),
        pytest.param("reset", {"count": "two"}, "count must be", id="count-is-text"),
        pytest.param("truncate", {"mode": "odd"}, "mode must be one of", id="mode"),
        pytest.param("hang", {"seconds": -1}, "seconds must be", id="negative-seconds"),
        pytest.param("gap", {"ids": "KX"}, "ids must be a list", id="ids-is-text"),
    ],
)
def test_bad_knobs_are_refused_with_a_reason(name: str, value: object, reason: str) -> None:
    faults = make_faults(error_500=True)
    with pytest.raises(FaultError, match=reason):
        faults.replace({name: value})
    assert faults.describe() == {"error_500": {"rate": 1.0}}


@pytest.mark.parametrize("name", sorted(ALL_FAULTS))
def test_every_knob_can_be_switched_on_and_off(name: str) -> None:
    faults = make_faults(**{name: True})
    assert faults.active(name) is not None
    faults.clear()
    assert faults.active(name) is None
    assert make_faults(**{name: False}).active(name) is None


def test_count_limits_and_route_selects() -> None:
    faults = make_faults(error_500={"count": 2, "route": "/markets"})
    assert faults.fires("error_500", "GET /events") is None
    fired = [faults.fires("error_500", "GET /markets") is not None for _ in range(4)]
    assert fired == [True, True, False, False]
    assert faults.describe() == {"error_500": {"rate": 1.0, "count": 0, "route": "/markets"}}


def test_rate_is_kept_and_repeats_with_the_seed() -> None:
    runs = [
        [make.fires("reset") is not None for _ in range(2_000)]
        for make in (make_faults(reset=0.1), make_faults(reset=0.1), make_faults(8, reset=0.1))
    ]
    assert runs[0] == runs[1] != runs[2]
    assert 140 < sum(runs[0]) < 260


@given(st.lists(st.text(min_size=1, max_size=8), unique=True, max_size=40))
def test_rows_get_the_same_answer_in_any_order(ids: list[str]) -> None:
    faults = make_faults(gap=0.3)
    first = {ext_id: faults.hits("gap", "markets", ext_id) is not None for ext_id in ids}
    for ext_id in reversed(ids):
        assert (faults.hits("gap", "markets", ext_id) is not None) == first[ext_id]


def test_counted_rows_stay_chosen_after_the_count_is_used_up() -> None:
    faults = make_faults(gap={"count": 2})
    hit = [n for n in range(5) if faults.hits("gap", "markets", str(n))]
    assert hit == [0, 1]
    assert [n for n in range(5) if faults.hits("gap", "markets", str(n))] == [0, 1]


def test_named_rows_and_kinds() -> None:
    faults = make_faults(gap={"ids": ["A"]}, nulls={"rows": ["events"]})
    assert faults.hits("gap", "markets", "A")
    assert not faults.hits("gap", "markets", "B")
    assert faults.hits("nulls", "events", "A")
    assert not faults.hits("nulls", "markets", "A")


@pytest.mark.parametrize("kind", sorted(POISONS))
def test_each_poison_spoils_the_row_and_is_noted(kind: str) -> None:
    stats = Stats()
    faults = make_faults(poisoned_rows={"kinds": [kind]})
    encoded = Spoiler(7, faults, stats, SHAPES).encode(make_row())
    assert encoded != make_row().encode()
    assert stats.describe()["poisoned"] == {"markets": {"KX-1": [f"poisoned_rows:{kind}"]}}
    assert stats.describe()["rows_poisoned"] == {"markets": 1}
    marks = {"nan": b"NaN", "infinity": b"-Infinity", "huge_exponent": b"1e400"}
    if kind in marks:
        assert marks[kind] in encoded
    if kind == "not_an_object":
        assert not isinstance(json.loads(encoded), dict)
    if kind in ("nul_text", "lone_surrogate"):
        assert b"\\u0000" in encoded or b"\\ud800" in encoded


def test_mild_faults_change_one_field_and_say_which() -> None:
    stats = Stats()
    faults = make_faults(unknown_enum=True, extra_fields=True)
    row = json.loads(Spoiler(7, faults, stats, SHAPES).encode(make_row()))
    assert row["brand_new_field"] == {"nested": [1, "two", None]}
    noted = stats.describe()["altered"]
    assert isinstance(noted, dict)
    assert noted["markets"]["KX-1"][1] == "extra_fields"
    name = noted["markets"]["KX-1"][0].split(":")[1]
    assert row[name] == SHAPES["markets"].enums[name]


def test_an_event_keeps_its_markets_whatever_the_poison() -> None:
    faults = make_faults(poisoned_rows=True)
    spoiler = Spoiler(7, faults, Stats(), SHAPES)
    for number in range(60):
        raw = b'{"event_ticker":"E%d","title":"T","markets":[{"ticker":"M"}]}' % number
        encoded = spoiler.encode(Row("events", f"E{number}", raw=raw))
        assert b'"markets":[{"ticker":"M"}]' in encoded


def test_recorded_rows_keep_their_numbers_when_opened() -> None:
    row = Row("markets", "A", raw=b'{"ticker":"A","floor_strike":180.50,"big":1e2}')
    row.open()["title"] = "T"
    assert row.encode() == b'{"ticker":"A","floor_strike":180.50,"big":1e2,"title":"T"}'


def test_without_row_faults_rows_go_out_untouched() -> None:
    faults = make_faults(reset=True)
    row = make_row()
    encoded = Spoiler(7, faults, Stats(), SHAPES).encode(row)
    assert msgspec.json.decode(encoded) == row.fields
