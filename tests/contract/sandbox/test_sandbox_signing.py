"""Signatures: good ones, and every way to be wrong."""

from collections.abc import Callable

import pytest

from sandbox.keys import ApiKey
from tests.contract.sandbox.conftest import NOON_US, PREFIX, Sign, Talk, signature

LIMITS = "/account/limits"
NOON_MS = NOON_US // 1_000

Change = Callable[[dict[str, str], ApiKey], dict[str, str]]


@pytest.mark.parametrize("key_type", ["rsa", "ed25519"])
async def test_good_signatures_open_private_endpoints(
    talk: Talk, sign: Sign, key_type: str
) -> None:
    key = talk.sandbox.keys.first(key_type)
    assert key is not None
    response = await talk.client.get(PREFIX + LIMITS, headers=sign(key, LIMITS))
    assert response.status_code == 200
    assert response.json()["usage_tier"] == "basic"


async def test_the_query_is_not_signed_and_the_path_is(talk: Talk, sign: Sign) -> None:
    key = talk.sandbox.keys.all()[0]
    headers = sign(key, "/markets")
    assert (await talk.client.get(f"{PREFIX}/markets?limit=1", headers=headers)).status_code == 200
    wrong = await talk.client.get(f"{PREFIX}/events?limit=1", headers=headers)
    assert wrong.status_code == 401


def _replace(name: str, value: str) -> Change:
    return lambda headers, key: {**headers, f"KALSHI-ACCESS-{name}": value}


def _drop(name: str) -> Change:
    return lambda headers, key: {
        header: value for header, value in headers.items() if not header.endswith(name)
    }


def _sign_text(text: str) -> Change:
    return lambda headers, key: {**headers, "KALSHI-ACCESS-SIGNATURE": signature(key, text)}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(_replace("KEY", "nobody"), "unknown api key", id="unknown-key"),
        pytest.param(_replace("TIMESTAMP", "soon"), "timestamp out of range", id="no-number"),
        pytest.param(_replace("SIGNATURE", "%%%"), "signature is not base64", id="no-base64"),
        pytest.param(_replace("SIGNATURE", "AAAA"), "signature does not match", id="random"),
        pytest.param(_drop("SIGNATURE"), "missing authentication headers", id="two-headers"),
        pytest.param(
            _sign_text(f"{NOON_MS}GET{LIMITS}"), "signature does not match", id="without-prefix"
        ),
        pytest.param(
            _sign_text(f"{NOON_MS}POST{PREFIX}{LIMITS}"),
            "signature does not match",
            id="wrong-method",
        ),
    ],
)
@pytest.mark.parametrize("key_type", ["rsa", "ed25519"])
async def test_bad_signatures_are_401(
    talk: Talk, sign: Sign, change: Change, reason: str, key_type: str
) -> None:
    key = talk.sandbox.keys.first(key_type)
    assert key is not None
    headers = change(sign(key, LIMITS), key)
    response = await talk.client.get(PREFIX + LIMITS, headers=headers)
    assert response.status_code == 401
    assert response.json()["details"] == reason
    public = await talk.client.get(PREFIX + "/series", headers=headers)
    assert public.status_code == 401
    assert "code" in public.json()["error"]
    assert (await talk.stats())["unauthorized"] == 2


@pytest.mark.parametrize(
    ("off_ms", "status"),
    [(29_000, 200), (-29_000, 200), (31_000, 401), (-31_000, 401), (3_600_000, 401)],
)
async def test_clocks_may_differ_by_the_tolerance(
    talk: Talk, sign: Sign, off_ms: int, status: int
) -> None:
    headers = sign(talk.sandbox.keys.all()[0], LIMITS, at_ms=NOON_MS + off_ms)
    response = await talk.client.get(PREFIX + LIMITS, headers=headers)
    assert response.status_code == status


async def test_clock_skew_moves_the_server_s_idea_of_now(talk: Talk, sign: Sign) -> None:
    await talk.put_faults(clock_skew={"seconds": 600})
    key = talk.sandbox.keys.all()[0]
    stale = await talk.client.get(PREFIX + LIMITS, headers=sign(key, LIMITS))
    assert stale.status_code == 401
    assert stale.headers["date"] == "Sun, 22 Nov 2026 12:10:00 GMT"
    shifted = sign(key, LIMITS, at_ms=NOON_MS + 600_000)
    good = await talk.client.get(PREFIX + LIMITS, headers=shifted)
    assert good.status_code == 200


async def test_private_endpoints_need_a_signature(talk: Talk) -> None:
    for path in (LIMITS, "/portfolio/balance"):
        response = await talk.get(path)
        assert response.status_code == 401
        assert response.json()["code"] == "unauthorized"
