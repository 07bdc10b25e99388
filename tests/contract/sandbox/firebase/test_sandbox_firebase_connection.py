"""Answers that get lost, late, broken or come from somebody else; the log says what was taken."""

import asyncio
import json

import httpx
import pytest

from tests.contract.sandbox.firebase.conftest import Gateway

DROPPED = (httpx.ReadError, httpx.RemoteProtocolError)


async def logged(gateway: Gateway) -> list[tuple[str, str]]:
    return [(row["outcome"], row["answer"]) for row in await gateway.new_rows()]


@pytest.mark.parametrize("by", ["knob", "address"])
@pytest.mark.parametrize(
    ("behaviour", "outcome"), [("reset", "reset"), ("reset_accepted", "accepted")]
)
async def test_a_reset(gateway: Gateway, behaviour: str, outcome: str, by: str) -> None:
    if by == "knob":
        await gateway.fault(**{behaviour: {"count": 1}})
    else:
        await gateway.behave("phone-1", behaviour, count=1)
    with pytest.raises(DROPPED):
        await gateway.push()
    assert (await gateway.push()).status_code == 200
    assert await logged(gateway) == [(outcome, "lost"), ("accepted", "sent")]
    counts = await gateway.counts()
    assert counts["accepted"] == (2 if outcome == "accepted" else 1)
    assert counts["answers"].get("lost", 0) == (1 if outcome == "accepted" else 0)


@pytest.mark.parametrize(
    ("behaviour", "outcome"), [("hang", "hang"), ("hang_accepted", "accepted")]
)
async def test_a_hang_disturbs_nobody_else(gateway: Gateway, behaviour: str, outcome: str) -> None:
    await gateway.behave("phone-1", behaviour)
    with pytest.raises(httpx.ReadTimeout):
        await gateway.post({"message": {"token": "phone-1"}}, timeout_s=0.3)
    hanging = asyncio.create_task(gateway.push())
    await asyncio.sleep(0.1)
    assert (await gateway.push("phone-2")).status_code == 200
    assert not hanging.done()
    hanging.cancel()
    rows = await logged(gateway)
    assert sorted(rows) == sorted([(outcome, "lost"), (outcome, "lost"), ("accepted", "sent")])


async def test_a_hang_of_chosen_length_ends_without_an_answer(gateway: Gateway) -> None:
    await gateway.behave("phone-1", "hang", seconds=0.1)
    with pytest.raises(DROPPED):
        await gateway.push()


async def test_slow(gateway: Gateway) -> None:
    await gateway.fault(slow={"seconds": 0.2})
    response = await gateway.push()
    assert (response.status_code, bool(response.json()["name"])) == (200, True)
    assert response.elapsed.total_seconds() >= 0.2
    assert await logged(gateway) == [("accepted", "sent")]


@pytest.mark.parametrize(
    ("behaviour", "status", "answer"), [("bad_gateway", 502, "sent"), ("html", 200, "broken")]
)
async def test_pages(gateway: Gateway, behaviour: str, status: int, answer: str) -> None:
    await gateway.behave("phone-1", behaviour)
    response = await gateway.push()
    assert response.status_code == status
    assert response.headers["content-type"].startswith("text/html")
    assert response.text.startswith("<!DOCTYPE html>")
    assert await logged(gateway) == [(behaviour, answer)]


async def test_truncated_json_was_taken(gateway: Gateway) -> None:
    await gateway.behave("phone-1", "truncate")
    response = await gateway.push()
    assert response.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        response.json()
    assert await logged(gateway) == [("accepted", "broken")]


async def test_a_closed_truncation_breaks_its_promise(gateway: Gateway) -> None:
    await gateway.behave("phone-1", "truncate", mode="closed")
    with pytest.raises(DROPPED):
        await gateway.push()
    assert await logged(gateway) == [("accepted", "broken")]


async def test_an_answer_without_a_name(gateway: Gateway) -> None:
    await gateway.behave("phone-1", "no_name")
    response = await gateway.push()
    assert (response.status_code, response.json()) == (200, {})
    assert await logged(gateway) == [("accepted", "broken")]


async def test_only_good_requests_are_taken_by_a_lost_answer(gateway: Gateway) -> None:
    await gateway.fault(reset_accepted=True)
    assert (await gateway.push(data={"from": "x"})).status_code == 400
    gateway.token = "wrong"
    assert (await gateway.push()).status_code == 401
    assert (await gateway.counts())["accepted"] == 0
