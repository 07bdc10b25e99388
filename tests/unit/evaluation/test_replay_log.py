"""Lines of the decision log."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from evaluation.replay.decisions import Decision, Told
from evaluation.replay.log import to_json, to_line

TOLD = tuple(Told(f"person {n}", False, "accepted", "T", "B") for n in range(5))
ALERTED = Decision(
    at=datetime(2026, 5, 11, 5, 2, 3, 450_000, tzinfo=UTC),
    market="KXNBAGAME-1-A",
    kind="line_move",
    policy="pre_game",
    before=Decimal("0.520000"),
    now=Decimal("0.600000"),
    strength=Decimal("2.100"),
    numbers={"contracts": Decimal("1200.50"), "a": 1},
    outcome="alerted",
    reason="new",
    tier="unexplained",
    title="Title",
    body="Body.",
    told=TOLD,
)


def test_an_alert_says_what_was_said_and_to_whom() -> None:
    assert to_line(ALERTED) == (
        "2026-05-11T05:02:03.450Z  KXNBAGAME-1-A  line_move (pre_game)  0.52 -> 0.6  x2.1"
        "  volume 1200.50  alerted: new  unexplained  Title | Body.  to person 0 (accepted),"
        " person 1 (accepted), person 2 (accepted) and 2 more"
    )


def test_silence_says_why() -> None:
    silent = replace(ALERTED, outcome="suppressed", reason="late", tier=None, told=(), before=None)
    assert to_line(silent).endswith("none -> 0.6  x2.1  volume 1200.50  suppressed: late")


def test_json_holds_decimals_as_text_and_everybody() -> None:
    found = to_json(ALERTED)
    assert found["numbers"] == {"a": 1, "contracts": "1200.50"}
    assert found["before"] == "0.520000"
    assert len(found["told"]) == 5
