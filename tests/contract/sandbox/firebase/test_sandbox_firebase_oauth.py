"""Google's token endpoint: what it grants, what it refuses, and how it fails."""

import time
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from tests.contract.sandbox.conftest import NOON_US, Talks
from tests.contract.sandbox.firebase.conftest import GRANT, Gateway, ask_token, make_assertion

NOW_S = int(time.time())  # when the tests were collected: minutes ago, perhaps


async def test_a_signed_assertion_gets_a_token_that_may_send(gateway: Gateway) -> None:
    response = await ask_token(gateway.client, gateway.key)
    body = response.json()
    assert (response.status_code, body["token_type"]) == (200, "Bearer")
    assert body["expires_in"] == 3_599
    gateway.token = body["access_token"]
    assert (await gateway.push()).status_code == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://oauth2.googleapis.com/token"},
        {"scope": "https://www.googleapis.com/auth/cloud-platform openid"},
        {"header": {}},
        {"iat": NOW_S - 600, "exp": NOW_S + 2_900},
    ],
    ids=["the library's audience", "all of the platform", "no key id", "an old one"],
)
async def test_other_assertions_that_are_right(gateway: Gateway, claims: dict[str, Any]) -> None:
    assert (await ask_token(gateway.client, gateway.key, **claims)).status_code == 200


@pytest.mark.parametrize(
    ("claims", "error", "description"),
    [
        ({"iss": "somebody@example.com"}, "invalid_grant", "account not found"),
        ({"aud": "https://example.com/token"}, "invalid_grant", "audience check"),
        ({"exp": NOW_S - 10, "iat": NOW_S - 100}, "invalid_grant", "short-lived"),
        ({"exp": NOW_S + 7_200}, "invalid_grant", "short-lived"),
        ({"iat": NOW_S + 3_600, "exp": NOW_S + 7_000}, "invalid_grant", "short-lived"),
        ({"iat": None}, "invalid_grant", "short-lived"),
        ({"exp": "soon"}, "invalid_grant", "short-lived"),
        ({"scope": "openid"}, "invalid_scope", "scope"),
        ({"scope": None}, "invalid_scope", "scope"),
        ({"header": {"kid": "another"}}, "invalid_grant", "Signature"),
        ({"signer": generate_private_key(65_537, 2_048)}, "invalid_grant", "Signature"),
    ],
    ids=[
        "somebody else",
        "another audience",
        "expired",
        "too long",
        "not yet",
        "no beginning",
        "a word for an end",
        "another scope",
        "no scope",
        "another key id",
        "another key",
    ],
)
async def test_wrong_assertions(
    gateway: Gateway, claims: dict[str, Any], error: str, description: str
) -> None:
    response = await ask_token(gateway.client, gateway.key, **claims)
    assert response.status_code == 400
    assert response.json()["error"] == error
    assert description in response.json()["error_description"]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "unsupported_grant_type"),
        ({"grant_type": GRANT}, "invalid_request"),
        ({"grant_type": GRANT, "assertion": "a.b.c"}, "invalid_grant"),
        ({"grant_type": GRANT, "assertion": "\x00"}, "invalid_grant"),
    ],
    ids=["nothing", "another grant", "no assertion", "no JWT", "garbage"],
)
async def test_forms_that_are_no_grant(gateway: Gateway, form: dict[str, str], error: str) -> None:
    response = await gateway.client.post("/_google/token", data=form)
    assert (response.status_code, response.json()["error"]) == (400, error)


async def test_an_unsigned_assertion_is_refused(gateway: Gateway) -> None:
    claims = jwt.decode(make_assertion(gateway.key), options={"verify_signature": False})
    for forged in (
        jwt.encode(claims, "", algorithm="none"),
        jwt.encode(claims, "a secret that everybody could know ", algorithm="HS256"),
    ):
        form = {"grant_type": GRANT, "assertion": forged}
        response = await gateway.client.post("/_google/token", data=form)
        assert (response.status_code, response.json()["error"]) == (400, "invalid_grant")


async def test_the_virtual_clock_may_sign_too(talks: Talks) -> None:
    client = talks(events=10).client
    key = (await client.get("/_keys/firebase")).json()
    noon_s = NOON_US // 1_000_000
    virtual = await ask_token(client, key, iat=noon_s, exp=noon_s + 3_600)
    real = await ask_token(client, key)
    neither = await ask_token(client, key, iat=noon_s - 9_000, exp=noon_s - 6_000)
    assert [answer.status_code for answer in (virtual, real, neither)] == [200, 200, 400]


async def test_a_short_life(gateway: Gateway) -> None:
    await gateway.fault(oauth_life={"seconds": 0.2, "count": 1})
    body = (await ask_token(gateway.client, gateway.key)).json()
    assert body["expires_in"] == 0
    gateway.token = body["access_token"]
    assert (await gateway.push()).status_code == 200
    deadline = time.monotonic() + 5
    while (last := await gateway.push()).status_code == 200:
        assert time.monotonic() < deadline, "the token never ends"
    assert last.status_code == 401
    assert last.json()["error"]["status"] == "UNAUTHENTICATED"
    assert (await ask_token(gateway.client, gateway.key)).json()["expires_in"] == 3_599


@pytest.mark.parametrize(
    ("knob", "status", "kind"),
    [
        ("oauth_500", 500, "application/json"),
        ("oauth_unavailable", 503, "application/json"),
        ("oauth_html", 200, "text/html"),
        ("oauth_invalid_grant", 400, "application/json"),
    ],
)
async def test_failures_with_an_answer(gateway: Gateway, knob: str, status: int, kind: str) -> None:
    await gateway.fault(**{knob: {"count": 1}})
    response = await ask_token(gateway.client, gateway.key)
    assert response.status_code == status
    assert response.headers["content-type"].startswith(kind)
    assert (await ask_token(gateway.client, gateway.key)).status_code == 200
    stats = gateway.sandbox.control("/_stats")["firebase"]
    assert stats["faults"] == {knob: 1}


async def test_unavailable_may_say_when_to_come_back(gateway: Gateway) -> None:
    await gateway.fault(oauth_unavailable={"retry_after": 7})
    assert (await ask_token(gateway.client, gateway.key)).headers["retry-after"] == "7"


async def test_a_truncated_token_is_no_json(gateway: Gateway) -> None:
    await gateway.fault(oauth_truncate={"count": 1})
    response = await ask_token(gateway.client, gateway.key)
    assert response.status_code == 200
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        response.json()


async def test_the_endpoint_hangs_or_drops_the_line_while_pushes_go_on(gateway: Gateway) -> None:
    await gateway.fault(oauth_hang={"count": 1}, oauth_reset={"count": 1})
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        await ask_token(gateway.client, gateway.key)
    form = {"grant_type": GRANT, "assertion": make_assertion(gateway.key)}
    with pytest.raises(httpx.ReadTimeout):
        await gateway.client.post("/_google/token", data=form, timeout=0.3)
    assert (await gateway.push()).status_code == 200
    assert (await ask_token(gateway.client, gateway.key)).status_code == 200
