"""Every row of the gateway's error table, by knob and by address."""

from typing import Any

import pytest

from tests.contract.sandbox.firebase.conftest import APNS_TYPE, PUSH_TYPE, Gateway

# behaviour, HTTP status, Google's status, code of the gateway's own detail
TABLE: list[tuple[str, int, str, str | None]] = [
    ("unregistered", 404, "NOT_FOUND", "UNREGISTERED"),
    ("invalid_registration", 400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"),
    ("invalid_argument", 400, "INVALID_ARGUMENT", None),
    ("sender_id_mismatch", 403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"),
    ("third_party_auth_error", 401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"),
    ("apns_auth_error", 401, "UNAUTHENTICATED", "APNS_AUTH_ERROR"),
    ("unauthenticated", 401, "UNAUTHENTICATED", None),
    ("quota_exceeded", 429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"),
    ("internal", 500, "INTERNAL", "INTERNAL"),
    ("unavailable", 503, "UNAVAILABLE", "UNAVAILABLE"),
]
rows = pytest.mark.parametrize(
    ("behaviour", "code", "status", "error_code"), TABLE, ids=[row[0] for row in TABLE]
)


def check_error(response: Any, code: int, status: str, error_code: str | None) -> None:
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["status"]) == (code, code, status)
    assert error["message"]
    kinds = {detail["@type"]: detail for detail in error["details"]}
    assert kinds.get(PUSH_TYPE, {}).get("errorCode") == error_code
    assert "retry-after" not in response.headers


@rows
async def test_by_knob(
    gateway: Gateway, behaviour: str, code: int, status: str, error_code: str | None
) -> None:
    await gateway.fault(**{behaviour: {"count": 1}})
    check_error(await gateway.push(), code, status, error_code)
    assert (await gateway.push()).status_code == 200
    logged = [
        (row["outcome"], row["answer"], bool(row["name"])) for row in await gateway.new_rows()
    ]
    assert logged == [(behaviour, "sent", False), ("accepted", "sent", True)]


@rows
async def test_by_address(
    gateway: Gateway, behaviour: str, code: int, status: str, error_code: str | None
) -> None:
    await gateway.behave("phone:1/x", behaviour)
    check_error(await gateway.push("phone:1/x"), code, status, error_code)
    check_error(await gateway.push("phone:1/x"), code, status, error_code)
    assert (await gateway.push("phone:2/x")).status_code == 200


async def test_the_words_that_tell_a_bad_address_from_a_bad_payload(gateway: Gateway) -> None:
    await gateway.behave("bad", "invalid_registration")
    message = (await gateway.push("bad")).json()["error"]["message"]
    assert message == "The registration token is not a valid FCM registration token"
    await gateway.behave("bad", "invalid_argument")
    assert "registration token" not in (await gateway.push("bad")).json()["error"]["message"]


async def test_apples_own_answer_comes_with_its_key_error(gateway: Gateway) -> None:
    await gateway.behave("phone", "third_party_auth_error")
    found = (await gateway.push("phone")).json()["error"]["details"]
    assert found[1] == {"@type": APNS_TYPE, "statusCode": 403, "reason": "InvalidProviderToken"}


@pytest.mark.parametrize("behaviour", ["quota_exceeded", "unavailable"])
async def test_retry_after(gateway: Gateway, behaviour: str) -> None:
    await gateway.fault(**{behaviour: {"retry_after": 30}})
    assert (await gateway.push()).headers["retry-after"] == "30"


async def test_an_address_misbehaves_for_a_while(gateway: Gateway) -> None:
    await gateway.behave("phone", "unavailable", count=2, retry_after=1)
    answers = [await gateway.push("phone") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert answers[0].headers["retry-after"] == "1"


async def test_many_addresses_at_once(gateway: Gateway) -> None:
    await gateway.behave("old", "internal")
    wishes = {f"phone-{number}": "unregistered" for number in range(100)}
    assert len((await gateway.client.put("/_devices", json=wishes)).json()) == 101
    assert (await gateway.push("phone-99")).status_code == 404
    assert (await gateway.push("old")).status_code == 500
    await gateway.behave("phone-99", "accepted")
    assert (await gateway.push("phone-99")).status_code == 200
    left = await gateway.client.delete("/_devices/phone-98")
    assert len(left.json()) == 99
    assert (await gateway.client.delete("/_devices")).json() == {}
    assert (await gateway.push("phone-1")).status_code == 200


@pytest.mark.parametrize(
    "body",
    [{"behaviour": "odd"}, {}, [], 7, None, {"behaviour": "slow", "odd": 1}, {"behaviour": 1}],
    ids=str,
)
async def test_behaviours_nobody_knows(gateway: Gateway, body: object) -> None:
    response = await gateway.client.put("/_devices/phone", json=body)
    assert response.status_code == 400
    assert response.json()["detail"]
    several = await gateway.client.put("/_devices", json={"good": "slow", "phone": body})
    assert several.status_code == 400
    assert (await gateway.client.get("/_devices")).json() == {}


async def test_a_knob_goes_before_the_address(gateway: Gateway) -> None:
    await gateway.behave("phone", "unregistered")
    await gateway.fault(unavailable={"count": 1})
    assert (await gateway.push("phone")).status_code == 503
    assert (await gateway.push("phone")).status_code == 404


async def test_a_rate_hits_some(gateway: Gateway) -> None:
    await gateway.fault(unavailable=0.3)
    codes = [(await gateway.push()).status_code for _ in range(100)]
    assert 10 < codes.count(503) < 60
    assert codes.count(200) == 100 - codes.count(503)


async def test_knobs_of_the_exchange_are_not_ours(gateway: Gateway) -> None:
    for vendor, knob in (("firebase", "poisoned_rows"), ("kalshi", "unregistered")):
        response = await gateway.client.put("/_faults", json={vendor: {knob: True}})
        assert response.status_code == 400
        assert "unknown fault" in response.json()["detail"]
