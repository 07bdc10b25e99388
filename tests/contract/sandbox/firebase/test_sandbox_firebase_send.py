"""What `messages:send` takes and refuses, by the body and by who sends it."""

from typing import Any

import httpx
import pytest

from tests.contract.sandbox.firebase.conftest import APNS_TYPE, PUSH_TYPE, Gateway


def details(response: httpx.Response, kind: str) -> dict[str, Any] | None:
    """Return the detail of a type."""
    found = response.json()["error"].get("details", [])
    return next((detail for detail in found if detail["@type"] == kind), None)


async def test_a_push_gets_a_name(gateway: Gateway) -> None:
    first, second = await gateway.push(), await gateway.push()
    assert first.status_code == 200
    assert first.headers["content-type"] == "application/json; charset=UTF-8"
    assert first.json()["name"].startswith("projects/alpha-sandbox/messages/")
    assert first.json()["name"] != second.json()["name"]


FULL: dict[str, Any] = {
    "notification": {"title": "Up 8 cents", "body": "Now 54 cents."},
    "data": {"link": "alpha://alerts/1", "v": "1"},
    "android": {
        "ttl": "3600s",
        "priority": "high",
        "collapse_key": "k",
        "notification": {"sticky": 1},
    },
    "webpush": {"headers": {"TTL": "60"}},
    "fcm_options": {"analytics_label": "moves"},
    "apns": {
        "headers": {
            "apns-priority": "5",
            "apns-expiration": "0",
            "apns-collapse-id": "x" * 64,
            "apns-push-type": "alert",
        },
        "payload": {"aps": {"interruption-level": "passive", "relevance-score": 0.5}},
        "fcm_options": {"image": "https://example.com/a.png"},
    },
}


async def test_every_field_at_once(gateway: Gateway) -> None:
    assert (await gateway.push(**FULL)).status_code == 200


@pytest.mark.parametrize("target", ["token", "topic", "condition", "fid"])
async def test_each_target(gateway: Gateway, target: str) -> None:
    assert (await gateway.post({"message": {target: "somebody"}})).status_code == 200
    assert (await gateway.new_rows())[0]["target"] == target


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"token": ""},
        {"token": "a", "topic": "b"},
        {"token": "a", "fid": "b"},
        {"token": None},
        {"token": 7},
        {"token": "a", "unknown": 1},
        {"token": "a", "data": {"n": 1}},
        {"token": "a", "data": {"n": None}},
        {"token": "a", "data": {"from": "x"}},
        {"token": "a", "data": {"message_type": "x"}},
        {"token": "a", "data": {"gcm.id": "x"}},
        {"token": "a", "data": {"google_x": "x"}},
        {"token": "a", "notification": {"subtitle": "x"}},
        {"token": "a", "android": {"ttl": "3600"}},
        {"token": "a", "android": {"ttl": 3600}},
        {"token": "a", "android": {"ttl": "-1s"}},
        {"token": "a", "android": {"ttl": "2419201s"}},
        {"token": "a", "android": {"ttl": "2419200.5s"}},
        {"token": "a", "apns": {"headers": {"apns-priority": 10}}},
        {"token": "a", "apns": {"payload": {"aps": "x"}}},
    ],
    ids=str,
)
async def test_messages_that_are_refused(gateway: Gateway, message: dict[str, Any]) -> None:
    response = await gateway.post({"message": message})
    assert response.status_code == 400
    assert response.json()["error"]["code"] == 400
    assert response.json()["error"]["status"] == "INVALID_ARGUMENT"
    assert "registration token" not in response.json()["error"]["message"]
    assert [row["outcome"] for row in await gateway.new_rows()] == ["invalid_argument"]


@pytest.mark.parametrize("ttl", ["0s", "3600s", "1.5s", "2419200s"])
async def test_times_to_live(gateway: Gateway, ttl: str) -> None:
    assert (await gateway.push(android={"ttl": ttl})).status_code == 200


@pytest.mark.parametrize(
    ("header", "value", "reason"),
    [
        ("apns-priority", "7", "BadPriority"),
        ("apns-expiration", "tomorrow", "BadExpirationDate"),
        ("apns-expiration", "-1", "BadExpirationDate"),
        ("apns-collapse-id", "x" * 65, "BadCollapseId"),
        ("apns-collapse-id", "ä" * 33, "BadCollapseId"),
        ("apns-push-type", "shout", "InvalidPushType"),
    ],
    ids=lambda value: str(value)[:20],
)
async def test_apples_refusals(gateway: Gateway, header: str, value: str, reason: str) -> None:
    response = await gateway.push(apns={"headers": {header: value}})
    assert response.status_code == 400
    assert details(response, APNS_TYPE) == {
        "@type": APNS_TYPE,
        "statusCode": 400,
        "reason": reason,
    }
    fcm = details(response, PUSH_TYPE)
    assert fcm is not None
    assert fcm["errorCode"] == "INVALID_ARGUMENT"


NO_MESSAGES = [b"", b"{", b"[]", b"null", b"\xff\xfe", b"x" * 300_000, b'{"message": 1}']
NO_MESSAGES += [b'{"message": {"token": "\\ud800"}}', b'{"message": {"token": "a"}} {}']
NO_MESSAGES += [b'{"message": {"token": "a", "webpush": {"x": ' + b"[" * 90_000]


@pytest.mark.parametrize("body", NO_MESSAGES, ids=lambda body: repr(body[:30]))
async def test_bodies_that_are_no_message(gateway: Gateway, body: bytes) -> None:
    response = await gateway.post(body)
    assert response.status_code == 400
    assert response.json()["error"]["status"] == "INVALID_ARGUMENT"
    assert (await gateway.push()).status_code == 200


async def test_the_payload_ends_at_4096_bytes(gateway: Gateway) -> None:
    room = 4_096 - len(b'{"k":""}')
    assert (await gateway.push(data={"k": "x" * room})).status_code == 200
    large = await gateway.push(data={"k": "x" * (room + 1)})
    assert large.status_code == 400
    assert "too big" in large.json()["error"]["message"]
    apple = await gateway.push(data={"k": "x" * room}, apns={"payload": {"aps": {"badge": 1}}})
    detail = details(apple, APNS_TYPE)
    assert detail is not None
    assert (detail["statusCode"], detail["reason"]) == (413, "PayloadTooLarge")


async def test_a_large_body_may_hold_a_small_payload(gateway: Gateway) -> None:
    spaced = b'{"message":' + b" " * 10_000 + b'{"token":"a","data":{"k":"v"}}}'
    assert (await gateway.post(spaced)).status_code == 200


async def test_a_dry_run_delivers_nothing(gateway: Gateway) -> None:
    response = await gateway.post({"message": {"token": "a"}, "validate_only": True})
    assert response.status_code == 200
    assert response.json()["name"]
    counts = await gateway.counts()
    assert (counts["accepted"], counts["outcomes"]) == (0, {"validated": 1})


async def test_another_project_is_forbidden(gateway: Gateway) -> None:
    response = await gateway.post({"message": {"token": "a"}}, project="another")
    assert response.status_code == 403
    assert response.json()["error"]["status"] == "PERMISSION_DENIED"
    assert details(response, PUSH_TYPE) is None
    assert (await gateway.counts())["outcomes"] == {"permission_denied": 1}


@pytest.mark.parametrize("token", ["x", "ya29.c.", "garbage", "ya29.c.%%%", "ya29.c.ä", "{}AAAA"])
async def test_a_wrong_token_is_refused(gateway: Gateway, token: str) -> None:
    gateway.token = token.format(gateway.token)
    response = await gateway.push()
    assert response.status_code == 401
    assert response.json()["error"]["status"] == "UNAUTHENTICATED"
    assert details(response, PUSH_TYPE) is None
    assert [row["address"] for row in await gateway.new_rows()] == ["phone-1"]


async def test_no_token_at_all(gateway: Gateway) -> None:
    url = "/v1/projects/alpha-sandbox/messages:send"
    assert (await gateway.client.post(url, json={"message": {"token": "a"}})).status_code == 401
    assert (await gateway.client.get(url)).status_code == 404
