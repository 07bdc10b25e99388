"""The result as programs read it, and the table as people do."""

import io
import json

from rich.console import Console

from bench.contest import Promise, Remarks, Role
from bench.figures import Outcome, Ratio
from bench.paths.sync_first_load import SYNC_FIRST_LOAD
from bench.report import path_json, print_table, to_json

MACHINE = {"cores": 2}
CONTRACT = {
    "path",
    "ours",
    "peer",
    "limit",
    "unit",
    "ours_over_peer",
    "ours_over_limit",
    "target_over_peer",
    "target_over_limit",
    "verdict",
}


def make_outcome(**fields: object) -> Outcome:
    given = {
        "path": SYNC_FIRST_LOAD,
        "rates": {
            "write_page": 10_123.4,
            "upsert": 500.0,
            "COPY": 20_000.0,
            "executemany": 5_000.0,
        },
        "names": {Role.OURS: "write_page", Role.PEER: "upsert", Role.LIMIT: "COPY"},
        "over_peer": Ratio(19.0, 20.25, 22.0, 20),
        "over_limit": Ratio(0.4, 0.5, 0.6, 0.75),
        "over_others": {"executemany": Ratio(2.0, 2.0, 2.0, None)},
        "rounds": 5,
        "remarks": Remarks({"markets": 100, "wal": 0.123456}, [Promise("wal", 0.123456, 1)]),
        "notes": ["peers on a subset"],
    }
    return Outcome(**{**given, **fields})  # type: ignore[arg-type]


def test_every_key_of_the_contract_is_there_and_json_takes_it_all() -> None:
    found = json.loads(json.dumps(to_json(MACHINE, 5, [make_outcome()], is_quick=True)))
    assert (found["machine"], found["rounds"], found["is_quick"]) == (MACHINE, 5, True)
    (path,) = found["paths"]
    assert set(path) >= CONTRACT
    assert {key: path[key] for key in CONTRACT} == {
        "path": "sync_first_load",
        "ours": 10_120.0,
        "peer": 500.0,
        "limit": 20_000.0,
        "unit": "markets/s",
        "ours_over_peer": 20.25,
        "ours_over_limit": 0.5,
        "target_over_peer": 20,
        "target_over_limit": 0.75,
        "verdict": "missed",
    }


def test_spread_names_promises_and_extra_keys_come_with_it() -> None:
    path = path_json(make_outcome())
    assert path["spread"] == {"ours_over_peer": [19.0, 22.0], "ours_over_limit": [0.4, 0.6]}
    assert path["names"] == {"ours": "write_page", "peer": "upsert", "limit": "COPY"}
    assert path["ours_over_others"] == {"executemany": 2.0}
    assert path["promises"] == [{"name": "wal", "figure": 0.1235, "at_most": 1, "is_kept": True}]
    assert (path["markets"], path["wal"]) == (100, 0.1235)


def test_a_missing_peer_is_null() -> None:
    names = {Role.OURS: "write_page", Role.LIMIT: "COPY"}
    path = path_json(make_outcome(names=names, over_peer=None))
    assert (path["peer"], path["ours_over_peer"]) == (None, None)
    assert path["spread"] == {"ours_over_peer": None, "ours_over_limit": [0.4, 0.6]}


def test_the_table_shows_figures_targets_and_whether_it_was_quick() -> None:
    written = io.StringIO()
    console = Console(file=written, width=150)
    print_table(console, MACHINE, [make_outcome()], is_quick=True)
    text = written.getvalue()
    for words in ("20.2 (19 to 22)", "0.5 (0.4 to 0.6)", "20x, 0.75", "missed", "quick", "kept"):
        assert words in text
