"""The sandbox's own routes: truth, clock, keys, tokens."""

import json

import jwt

from sandbox.world.units import HOUR
from tests.contract.sandbox.conftest import PREFIX, Sign, Talk, Talks


async def test_truth_lists_what_single_requests_answer(talk: Talk) -> None:
    seen: list[str] = []
    after = ""
    while True:
        query = {"kind": "markets", "after": after, "limit": "100"}
        body = (await talk.client.get("/_truth/kalshi/catalogue", params=query)).json()
        seen += [row["ticker"] for row in body["rows"]]
        after = body["after"]
        if not after:
            break
    assert seen == sorted(set(seen))
    listed = await talk.walk("/markets", "markets", limit=1000)
    assert set(seen) == {row["ticker"] for row in listed}


async def test_truth_is_not_spoiled_and_not_counted(talk: Talk) -> None:
    await talk.put_faults(poisoned_rows=True, gap=True, error_500=True)
    for kind, key in (("series", "ticker"), ("events", "event_ticker"), ("markets", "ticker")):
        query = {"kind": kind, "limit": "5"}
        response = await talk.client.get("/_truth/kalshi/catalogue", params=query)
        assert [row[key] for row in response.json()["rows"]]
    stats = await talk.stats()
    assert stats["requests_total"] == 0
    assert stats["rows_served"] == stats["poisoned"] == {}


async def test_truth_equals_the_wire_without_faults(talk: Talk) -> None:
    rows = {row["ticker"]: row for row in await talk.walk("/markets", "markets", limit=1000)}
    query = {"kind": "markets", "limit": "5000"}
    truth = (await talk.client.get("/_truth/kalshi/catalogue", params=query)).json()["rows"]
    assert {row["ticker"]: row for row in truth} == rows


async def test_unknown_kinds_vendors_and_limits_are_refused(talk: Talk) -> None:
    base = "/_truth/kalshi/catalogue"
    assert (await talk.client.get(base, params={"kind": "odd"})).status_code == 400
    assert (await talk.client.get(base, params={"limit": "0"})).status_code == 400
    assert (await talk.client.get("/_truth/odd/catalogue")).status_code == 404


async def test_the_clock_moves_the_catalogue(talks: Talks) -> None:
    talk = talks()
    before = (await talk.json("/exchange/status"), await talk.walk("/markets", "markets"))
    answer = await talk.client.put("/_clock", json={"advance_s": 6 * HOUR // 1_000_000})
    assert answer.json() == {"now": "2026-11-22T18:00:00+00:00", "speed": 0.0}
    after = await talk.walk("/markets", "markets")
    assert {row["ticker"] for row in after} != {row["ticker"] for row in before[1]}
    await talk.client.put("/_clock", json={"now": "2026-11-22T12:00:00+00:00"})
    assert await talk.walk("/markets", "markets") == before[1]
    assert (await talk.client.put("/_clock", json={"speed": 2})).json()["speed"] == 2
    assert (await talk.client.put("/_clock", json={"now": "soon"})).status_code == 400


async def test_keys_are_shown_and_issued(talk: Talk, sign: Sign) -> None:
    shown = (await talk.client.get("/_keys")).json()["kalshi"]
    assert {key["key_type"] for key in shown} == {"rsa", "ed25519"}
    one = (await talk.client.get("/_keys/kalshi")).json()
    assert one in shown
    assert one["key_type"] == "ed25519"
    answer = await talk.client.post("/_keys", json={"key_type": "rsa"})
    assert answer.status_code == 201
    issued = talk.sandbox.keys.get(answer.json()["api_key_id"])
    assert issued is not None
    headers = sign(issued, "/account/limits")
    response = await talk.client.get(PREFIX + "/account/limits", headers=headers)
    assert response.status_code == 200
    assert (await talk.client.post("/_keys", json={"key_type": "dsa"})).status_code == 400


async def test_tokens_are_issued_and_their_key_is_published(talk: Talk) -> None:
    wish = {"sub": "11111111-1111-4111-8111-111111111111", "email": "a@example.com"}
    token = (await talk.client.post("/_token", json=wish)).json()["access_token"]
    jwks = (await talk.client.get("/auth/v1/.well-known/jwks.json")).json()
    claims = jwt.decode(
        token,
        jwt.PyJWK(jwks["keys"][0]).key,
        algorithms=["ES256"],
        audience="authenticated",
        issuer="http://sandbox/auth/v1",
        options={"verify_exp": False, "verify_iat": False},
    )
    assert claims["sub"] == wish["sub"]
    assert claims["exp"] - claims["iat"] == 3_600
    assert {"role", "session_id", "aal", "email"} <= set(claims)
    assert (await talk.client.post("/_token", content=b"no json")).status_code == 400
    bad = await talk.client.post("/_token", json={"expires_in": "long"})
    assert bad.status_code == 400


async def test_outside_the_prefix_there_is_nothing(talk: Talk) -> None:
    response = await talk.client.get("/somewhere")
    assert response.status_code == 404
    assert json.loads(response.content)["error"]["code"] == "not_found"
