"""The issuer's keys: fetched once, refreshed in time, rotated, and stale while it is down."""

import asyncio
import json
from datetime import timedelta

import jwt
import pytest

from app.core.clock import VirtualClock
from app.core.errors import SourceError, Unauthenticated
from app.services.supabase import SupabaseTokens
from sandbox.issuer import TokenIssuer
from tests.contract.supabase.conftest import MakeTokens
from tests.contract.supabase.forge import NOW_S, RSA_KEY, Forger
from tests.contract.supabase.scripted_issuer import Answer, Gate, ScriptedIssuer, hang, reset, send

DAY_S = 86_400


@pytest.fixture
def token(issuer: ScriptedIssuer) -> str:
    """A token that outlives every test."""
    return issuer.token(expires_in=DAY_S)


@pytest.fixture
async def warm(tokens: SupabaseTokens, issuer: ScriptedIssuer, token: str) -> SupabaseTokens:
    """A verifier that has keys."""
    await tokens.verify(token)
    assert issuer.asked == 1
    return tokens


async def settle(issuer: ScriptedIssuer, asked: int) -> None:
    """Wait until the issuer was asked that often, and its answer was taken."""
    for _ in range(200):
        if issuer.asked >= asked:
            break
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.1)
    assert issuer.asked == asked


async def test_many_first_requests_ask_once(tokens: SupabaseTokens, issuer: ScriptedIssuer) -> None:
    many = [tokens.verify(issuer.token(sub=f"00000000-0000-4000-8000-{n:012}")) for n in range(50)]

    found = await asyncio.gather(*many)

    assert len({one.user_id for one in found}) == 50
    assert issuer.asked == 1


@pytest.mark.parametrize("is_warm", [False, True], ids=["first keys", "a new key"])
async def test_who_gives_up_does_not_spoil_it_for_others(
    make_tokens: MakeTokens, issuer: ScriptedIssuer, token: str, is_warm: bool
) -> None:
    tokens = make_tokens(issuer.url, timeout_s=20)
    if is_warm:
        await tokens.verify(token)
    issuer.published.append(TokenIssuer(2))
    gate = Gate(issuer)
    issuer.instead = gate.answer
    wanted = issuer.token(2)
    first, second = (asyncio.create_task(tokens.verify(wanted)) for _ in range(2))
    await settle(issuer, 1 + is_warm)
    first.cancel()
    await asyncio.wait([first])
    gate.opened.set()

    assert await second
    assert issuer.asked == 1 + is_warm


async def test_keys_are_refreshed_in_the_background(
    warm: SupabaseTokens, issuer: ScriptedIssuer, clock: VirtualClock, token: str
) -> None:
    clock.advance(timedelta(seconds=479))
    await warm.verify(token)
    assert issuer.asked == 1
    gate = Gate(issuer)
    issuer.instead = gate.answer

    clock.advance(timedelta(seconds=61))
    await asyncio.gather(*(warm.verify(token) for _ in range(20)))  # nobody waits

    await settle(issuer, 2)
    gate.opened.set()
    await asyncio.sleep(0.1)
    clock.advance(timedelta(seconds=479))
    await warm.verify(token)
    await settle(issuer, 2)


async def test_old_keys_are_not_believed_when_new_ones_can_be_had(
    warm: SupabaseTokens, issuer: ScriptedIssuer, clock: VirtualClock, token: str
) -> None:
    issuer.published = [TokenIssuer(2)]

    clock.advance(timedelta(seconds=601))

    with pytest.raises(Unauthenticated):
        await warm.verify(token)


async def test_rotation(
    warm: SupabaseTokens, issuer: ScriptedIssuer, clock: VirtualClock, token: str
) -> None:
    issuer.published.append(TokenIssuer(2))
    assert await warm.verify(issuer.token(2))  # at once
    assert await warm.verify(token)
    assert issuer.asked == 2

    issuer.published.pop(0)
    clock.advance(timedelta(seconds=480))
    await warm.verify(issuer.token(2))  # sets off the refresh
    await settle(issuer, 3)

    assert await warm.verify(issuer.token(2))
    clock.advance(timedelta(seconds=10))
    with pytest.raises(Unauthenticated):
        await warm.verify(token)


async def test_a_good_token_is_believed_for_a_minute(
    tokens: SupabaseTokens, issuer: ScriptedIssuer, clock: VirtualClock, token: str
) -> None:
    await tokens.verify(issuer.token(1))
    clock.advance(timedelta(seconds=479))
    await tokens.verify(token)
    issuer.published = [TokenIssuer(2)]
    clock.advance(timedelta(seconds=2))
    await tokens.verify(issuer.token(2))
    assert issuer.asked == 2

    clock.advance(timedelta(seconds=57))
    assert await tokens.verify(token)
    clock.advance(timedelta(seconds=1))
    with pytest.raises(Unauthenticated):
        await tokens.verify(token)


PUBLISHED = json.dumps(TokenIssuer(1).jwks()).encode()
BROKEN = [
    pytest.param(send(503), id="503"),
    pytest.param(send(429), id="429"),
    pytest.param(send(404), id="404"),
    pytest.param(send(204), id="204"),
    pytest.param(send(302, Location="/elsewhere"), id="redirect"),
    pytest.param(send(200, b"<html>maintenance</html>"), id="HTML"),
    pytest.param(send(200, b'{"keys": [{"kty": "EC", "cr'), id="cut off"),
    pytest.param(send(200, b"[]"), id="a list"),
    pytest.param(send(200, b'{"keys": {}}'), id="keys no list"),
    pytest.param(send(200, b'{"keys": []}'), id="no keys"),
    pytest.param(send(200, b'{"keys": [1, null, {"kty": "oct", "k": "c2VjcmV0"}]}'), id="useless"),
    pytest.param(send(200, b"[" * 60_000), id="too deep"),
    pytest.param(send(200, PUBLISHED + b" " * 70_000), id="too large"),
    pytest.param(send(200, b"{", Content_Encoding="gzip"), id="not gzip"),
    pytest.param(hang, id="hang"),
    pytest.param(reset, id="reset"),
]


@pytest.mark.parametrize("instead", BROKEN)
async def test_without_keys_nobody_can_tell(
    tokens: SupabaseTokens,
    issuer: ScriptedIssuer,
    clock: VirtualClock,
    token: str,
    instead: Answer,
) -> None:
    issuer.instead = instead
    with pytest.raises(SourceError):
        await tokens.verify(token)
    with pytest.raises(SourceError):  # not asked again at once
        await tokens.verify(token)
    assert issuer.asked == 1
    assert "/elsewhere" not in issuer.paths

    issuer.instead = None
    clock.advance(timedelta(seconds=2))
    assert await tokens.verify(token)


@pytest.mark.parametrize("instead", BROKEN)
async def test_old_keys_serve_while_the_endpoint_is_down(
    warm: SupabaseTokens, issuer: ScriptedIssuer, clock: VirtualClock, token: str, instead: Answer
) -> None:
    issuer.instead = instead
    for minutes in (10, 20, 29):
        clock.advance(timedelta(minutes=minutes))
        assert await warm.verify(token)
        await asyncio.sleep(0.7 if instead is hang else 0.05)
    assert issuer.asked == 4

    clock.advance(timedelta(minutes=1))
    with pytest.raises(SourceError):
        await warm.verify(token)

    issuer.instead = None
    clock.advance(timedelta(seconds=2))
    assert await warm.verify(token)


async def test_nobody_waits_for_an_endpoint_that_hangs(
    make_tokens: MakeTokens, issuer: ScriptedIssuer, clock: VirtualClock, token: str
) -> None:
    tokens = make_tokens(issuer.url, timeout_s=20)
    await tokens.verify(token)
    issuer.instead = send(503)
    clock.advance(timedelta(minutes=20))
    await tokens.verify(token)
    gate = Gate(issuer)
    issuer.instead = gate.answer

    clock.advance(timedelta(minutes=2))
    async with asyncio.timeout(10):
        await tokens.verify(token)
    await settle(issuer, 3)

    gate.opened.set()
    await asyncio.sleep(0.1)
    assert await tokens.verify(token)
    assert issuer.asked == 3


async def test_a_storm_of_unknown_keys_asks_every_ten_seconds(
    warm: SupabaseTokens, issuer: ScriptedIssuer, clock: VirtualClock, token: str
) -> None:
    for second in range(30):
        storm = [warm.verify(issuer.unknown(100 * second + n)) for n in range(100)]
        refused = await asyncio.gather(*storm, return_exceptions=True)
        assert {type(error) for error in refused} == {Unauthenticated}
        assert await warm.verify(token)
        clock.advance(timedelta(seconds=1))

    assert issuer.asked == 1 + 3


async def test_a_new_key_comes_through_a_storm(
    warm: SupabaseTokens, issuer: ScriptedIssuer, clock: VirtualClock
) -> None:
    with pytest.raises(Unauthenticated):
        await warm.verify(issuer.unknown(1))
    issuer.published.append(TokenIssuer(2))
    with pytest.raises(Unauthenticated):  # the storm has used this window up
        await warm.verify(issuer.token(2))

    clock.advance(timedelta(seconds=10))
    assert await warm.verify(issuer.token(2))


async def test_a_key_that_does_not_exist_is_remembered_for_a_minute(
    warm: SupabaseTokens, issuer: ScriptedIssuer, clock: VirtualClock
) -> None:
    for advance_s, asked in ((0, 2), (15, 2), (44, 2), (1, 3)):
        clock.advance(timedelta(seconds=advance_s))
        with pytest.raises(Unauthenticated):
            await warm.verify(issuer.unknown(1))
        assert issuer.asked == asked


async def test_a_first_token_of_an_unknown_key_asks_once(
    tokens: SupabaseTokens, issuer: ScriptedIssuer
) -> None:
    with pytest.raises(Unauthenticated):
        await tokens.verify(issuer.unknown(1))
    with pytest.raises(Unauthenticated):
        await tokens.verify(issuer.unknown(1))
    assert issuer.asked == 1


async def test_an_unknown_key_while_the_endpoint_is_down_may_be_a_good_one(
    warm: SupabaseTokens, issuer: ScriptedIssuer, clock: VirtualClock, token: str
) -> None:
    issuer.instead = send(500)
    for _ in range(2):
        with pytest.raises(SourceError):
            await warm.verify(issuer.token(2))
    assert await warm.verify(token)
    assert issuer.asked == 2

    issuer.instead = None
    issuer.published.append(TokenIssuer(2))
    clock.advance(timedelta(seconds=10))
    assert await warm.verify(issuer.token(2, at_s=NOW_S))


async def test_an_endpoint_that_is_not_there(
    make_tokens: MakeTokens, issuer: ScriptedIssuer, token: str
) -> None:
    tokens = make_tokens(issuer.url, jwks_url="http://127.0.0.1:1/jwks.json")

    with pytest.raises(SourceError):
        await tokens.verify(token)


async def test_rsa_keys_are_taken_when_allowed(
    make_tokens: MakeTokens, issuer: ScriptedIssuer
) -> None:
    public = jwt.algorithms.RSAAlgorithm.to_jwk(RSA_KEY.public_key(), as_dict=True)
    body = json.dumps({"keys": [{**public, "kid": "r", "alg": "RS256", "use": "sig"}]})
    issuer.instead = send(200, body.encode())
    forger = Forger(TokenIssuer(1), f"{issuer.url}/auth/v1")
    token = forger.sign(forger.claims(), key=RSA_KEY, algorithm="RS256", kid="r")

    assert await make_tokens(issuer.url, jwt_algorithms="ES256,RS256").verify(token)
    with pytest.raises(Unauthenticated):
        await make_tokens(issuer.url, jwt_algorithms="ES256").verify(token)
