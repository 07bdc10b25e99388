"""How people want to be told: defaults, single changes, quiet hours in pairs, strict values."""

from typing import Any

import pytest

from tests.integration.api.serving import Client

PATH = "/v1/users/me/preferences"
DEFAULTS: dict[str, Any] = {
    "is_push_on": True,
    "quiet_from": None,
    "quiet_to": None,
    "is_protect_quiet": False,
    "is_held_when_quiet": True,
    "muted_kinds": [],
    "show_amounts": False,
    "min_impact_usd": "0",
}


async def test_defaults_until_something_is_chosen(mine: Client) -> None:
    assert (await mine.get(PATH)).json() == DEFAULTS
    assert (await mine.patch(PATH, json={})).json() == DEFAULTS


async def test_the_schema_has_the_same_defaults(mine: Client) -> None:
    changed = await mine.patch(PATH, json={"show_amounts": True})

    assert changed.json() == {**DEFAULTS, "show_amounts": True}
    assert (await mine.get(PATH)).json() == {**DEFAULTS, "show_amounts": True}


async def test_single_changes_leave_the_rest(mine: Client) -> None:
    first = {"quiet_from": "22:30", "quiet_to": "07:00", "min_impact_usd": "12.50"}
    second = {"muted_kinds": ["whale", "line_move", "whale"], "is_push_on": False}

    await mine.patch(PATH, json=first)
    changed = (await mine.patch(PATH, json=second)).json()
    moved = (await mine.patch(PATH, json={"quietTo": "08:15"})).json()
    off = (await mine.patch(PATH, json={"quiet_from": None, "quiet_to": None})).json()

    expected = {
        **DEFAULTS,
        **first,
        "min_impact_usd": "12.5",
        "is_push_on": False,
        "muted_kinds": ["line_move", "whale"],
    }
    assert changed == expected
    assert moved == {**expected, "quiet_to": "08:15"}
    assert off == {**expected, "quiet_from": None, "quiet_to": None}
    assert (await mine.get(PATH)).json() == off


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"quiet_from": "22:00"}, id="one end"),
        pytest.param({"quiet_from": "22:00", "quiet_to": None}, id="no end"),
        pytest.param({"quiet_from": "22:00", "quiet_to": "22:00"}, id="no length"),
        pytest.param({"quiet_from": "24:00", "quiet_to": "07:00"}, id="hour 24"),
        pytest.param({"quiet_from": "22:60", "quiet_to": "07:00"}, id="minute 60"),
        pytest.param({"quiet_from": "9:00", "quiet_to": "07:00"}, id="one digit"),
        pytest.param({"quiet_from": "22:00:00", "quiet_to": "07:00"}, id="seconds"),
        pytest.param({"quiet_from": "22:00Z", "quiet_to": "07:00"}, id="a zone"),
        pytest.param({"quiet_from": "２２:00", "quiet_to": "07:00"}, id="full width"),  # noqa: RUF001
        pytest.param({"quiet_from": 1320, "quiet_to": 420}, id="minutes"),
        pytest.param({"is_push_on": None}, id="null"),
        pytest.param({"is_push_on": "yes"}, id="a word for true"),
        pytest.param({"is_push_on": 1}, id="one for true"),
        pytest.param({"muted_kinds": ["rumour"]}, id="unknown kind"),
        pytest.param({"muted_kinds": "whale"}, id="no list"),
        pytest.param({"muted_kinds": ["whale"] * 5}, id="many kinds"),
        pytest.param({"min_impact_usd": 12.5}, id="a float"),
        pytest.param({"min_impact_usd": 12}, id="an integer"),
        pytest.param({"min_impact_usd": "NaN"}, id="NaN"),
        pytest.param({"min_impact_usd": "Infinity"}, id="infinity"),
        pytest.param({"min_impact_usd": "1e400"}, id="an exponent"),
        pytest.param({"min_impact_usd": "１２"}, id="full-width digits"),  # noqa: RUF001
        pytest.param({"min_impact_usd": "1_000"}, id="underscore"),
        pytest.param({"min_impact_usd": " 1"}, id="blank"),
        pytest.param({"min_impact_usd": "-1"}, id="negative"),
        pytest.param({"min_impact_usd": "1000000001"}, id="too much"),
        pytest.param({"min_impact_usd": "0.001"}, id="less than a cent"),
        pytest.param({"volume": 11}, id="unknown field"),
    ],
)
async def test_what_is_refused(mine: Client, body: dict[str, Any]) -> None:
    answer = await mine.patch(PATH, json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert (await mine.get(PATH)).json() == DEFAULTS


@pytest.mark.parametrize("number", [b"1e400", b"NaN", b"Infinity", b"-Infinity"])
async def test_numbers_that_json_cannot_hold(mine: Client, number: bytes) -> None:
    body = b'{"min_impact_usd": ' + number + b"}"

    answer = await mine.patch(PATH, content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 422
    assert (await mine.get(PATH)).json() == DEFAULTS
