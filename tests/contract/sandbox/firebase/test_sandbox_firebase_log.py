"""The log of pushes: what a row says, pages, one address, counts, the clock."""

import asyncio
import time

from tests.contract.sandbox.firebase.conftest import Gateway


async def test_a_row_says_everything(gateway: Gateway) -> None:
    before_us = time.time_ns() // 1_000
    headers = {"apns-collapse-id": "c0ffee", "apns-priority": "10", "apns-expiration": "1795350000"}
    aps = {"category": "MOVE", "thread-id": "game", "interruption-level": "time-sensitive"}
    response = await gateway.push(
        notification={"title": "Up", "body": "Now 54 cents.\nWas 46."},
        data={"link": "alpha://alerts/1", "odd": '"\\ é ☃'},
        apns={"headers": headers, "payload": {"aps": aps}},
    )
    after_us = time.time_ns() // 1_000
    (row,) = await gateway.new_rows()
    assert before_us <= row.pop("received_us") <= after_us
    assert row == {
        "n": gateway.begin + 1,
        "target": "token",
        "address": "phone-1",
        "outcome": "accepted",
        "answer": "sent",
        "name": response.json()["name"],
        "collapse_id": "c0ffee",
        "title": "Up",
        "body": "Now 54 cents.\nWas 46.",
        "data": {"link": "alpha://alerts/1", "odd": '"\\ é ☃'},
        "headers": headers,
        "aps": aps,
    }


async def test_the_alert_in_the_payload_is_what_a_phone_shows(gateway: Gateway) -> None:
    common = {"title": "common", "body": "common"}
    for alert in ({"title": "own"}, "only a body"):
        await gateway.push(notification=common, apns={"payload": {"aps": {"alert": alert}}})
    shown = [(row["title"], row["body"]) for row in await gateway.new_rows()]
    assert shown == [("own", "common"), ("", "only a body")]


async def test_pages_and_one_address(gateway: Gateway) -> None:
    await asyncio.gather(*(gateway.push(f"phone-{number % 3}") for number in range(30)))
    everything = await gateway.new_rows()
    numbers = [row["n"] for row in everything]
    assert numbers == list(range(gateway.begin + 1, gateway.begin + 31))
    assert [row["received_us"] for row in everything] == sorted(
        row["received_us"] for row in everything
    )
    page = await gateway.rows(after=numbers[9], limit=5)
    assert page == everything[10:15]
    own = await gateway.rows(after=gateway.begin, address="phone-1")
    assert own == [row for row in everything if row["address"] == "phone-1"]
    assert len(own) == 10
    assert await gateway.rows(address="phone-") == []


async def test_counts_and_clearing(gateway: Gateway) -> None:
    await gateway.behave("gone", "unregistered")
    for address in ("a", "gone", "b", "gone"):
        await gateway.push(address)
    assert await gateway.counts() == {
        "newest": gateway.begin + 4,
        "total": 4,
        "accepted": 2,
        "answers": {"sent": 2},
        "outcomes": {"accepted": 2, "unregistered": 2},
    }
    cleared = (await gateway.client.delete("/_pushes")).json()
    assert (cleared["total"], cleared["newest"]) == (0, gateway.begin + 4)
    assert await gateway.rows() == []
    await gateway.push()
    assert [row["n"] for row in await gateway.rows()] == [gateway.begin + 5]


async def test_queries_that_make_no_sense(gateway: Gateway) -> None:
    for query in ("after=-1", "limit=0", "limit=10001", "after=x", "limit="):
        assert (await gateway.client.get(f"/_pushes?{query}")).status_code == 400


async def test_the_statistics_count_requests(gateway: Gateway) -> None:
    await gateway.push()
    await gateway.post({})
    stats = gateway.sandbox.control("/_stats")["firebase"]
    assert stats["requests"]["POST /v1/projects/{project}/messages:send"] == 2
    assert stats["statuses"]["400"] == 1
    assert (await gateway.client.get("/_truth/firebase/catalogue")).status_code == 400
