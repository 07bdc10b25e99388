"""Clock, keys, tokens, budgets and formats."""

from collections.abc import Callable
from pathlib import Path

import jwt
import pytest

from sandbox import clock as clock_module
from sandbox.clock import SandboxClock
from sandbox.issuer import TokenIssuer
from sandbox.keys import KeyRing
from sandbox.stats import TokenMeter
from sandbox.vendors.kalshi.formats import count_text, dollars, time_text
from sandbox.vendors.kalshi.limits import Limiter, TokenBucket, cost_of
from sandbox.world.units import SECOND

Tick = Callable[[float], None]


@pytest.fixture
def tick(monkeypatch: pytest.MonkeyPatch) -> Tick:
    """Let the machine's steady time pass by hand."""
    passed = [100.0]
    monkeypatch.setattr(clock_module, "steady_s", lambda: passed[0])

    def forward(seconds: float) -> None:
        passed[0] += seconds

    return forward


def test_a_clock_runs_at_its_speed(tick: Tick) -> None:
    clock = SandboxClock(1_000 * SECOND, speed=60)
    tick(2)
    assert clock.now_us() == 1_120 * SECOND
    clock.change_speed(0)
    tick(5)
    assert clock.now_us() == 1_120 * SECOND
    clock.advance(30 * SECOND)
    assert clock.now_us() == 1_150 * SECOND


def test_a_plain_clock_is_the_machine_s() -> None:
    assert abs(SandboxClock().now_us() - clock_module.real_us()) < SECOND


def test_keys_are_kept_in_their_folder(tmp_path: Path) -> None:
    ring = KeyRing(7, tmp_path)
    issued = ring.issue("rsa")
    again = KeyRing(7, tmp_path)
    assert [key.api_key_id for key in again.all()] == [key.api_key_id for key in ring.all()]
    found = again.get(issued.api_key_id)
    assert found is not None
    assert found.pem() == issued.pem()
    assert issued.pem().startswith("-----BEGIN RSA PRIVATE KEY-----")
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.glob("*.pem"))


def test_the_seeded_key_survives_without_a_folder() -> None:
    one, two, other = (KeyRing(seed).first("ed25519") for seed in (7, 7, 8))
    assert one is not None
    assert two is not None
    assert other is not None
    assert one.describe() == two.describe() != other.describe()
    assert one.pem().startswith("-----BEGIN PRIVATE KEY-----")


def test_tokens_verify_against_the_published_keys() -> None:
    issuer = TokenIssuer(7)
    wish = {"sub": "u1", "email": "a@example.com", "aal": "aal2", "expires_in": 60}
    answer = issuer.token(wish, "http://x/auth/v1", 1_800_000_000)
    token = str(answer["access_token"])
    keys = TokenIssuer(7).jwks()["keys"]
    assert isinstance(keys, list)
    assert jwt.get_unverified_header(token) == {"alg": "ES256", "typ": "JWT", "kid": keys[0]["kid"]}
    claims = jwt.decode(
        token,
        jwt.PyJWK(keys[0]).key,
        algorithms=["ES256"],
        audience="authenticated",
        issuer="http://x/auth/v1",
        options={"verify_exp": False, "verify_iat": False},
    )
    assert (claims["sub"], claims["email"], claims["aal"]) == ("u1", "a@example.com", "aal2")
    assert (claims["iat"], claims["exp"]) == (1_800_000_000, 1_800_000_060)
    assert claims["role"] == "authenticated"
    assert "d" not in keys[0]


def test_a_bucket_holds_its_capacity_and_refills() -> None:
    bucket = TokenBucket(200, 400)
    assert [bucket.take(10, 1.0) for _ in range(41)] == [True] * 40 + [False]
    assert bucket.take(10, 1.05)
    assert not bucket.take(10, 1.05)
    assert [bucket.take(10, 60.0) for _ in range(41)].count(True) == 40


def test_accounts_have_their_own_budgets_and_the_balance_one_more() -> None:
    limiter = Limiter(10, 10)
    assert limiter.allows("a", "GET /markets", 1.0)
    assert not limiter.allows("a", "GET /markets", 1.0)
    assert limiter.allows("b", "GET /markets", 1.0)
    assert limiter.allows("a", "GET /portfolio/balance", 1.0)
    assert not limiter.allows("a", "GET /portfolio/balance", 1.5)
    assert limiter.allows("a", "GET /portfolio/balance", 2.1)


def test_costs() -> None:
    assert cost_of("GET /markets") == 10
    assert cost_of("GET /portfolio/orders/{order_id}") == 2


def test_the_meter_finds_the_fullest_second() -> None:
    meter = TokenMeter()
    for at_s in (0.0, 0.5, 0.9, 1.4, 3.0):
        meter.add("a", 10, at_s)
    meter.add("b", 10, 0.9)
    assert meter.largest == 30


@pytest.mark.parametrize(
    ("at_us", "text"),
    [
        pytest.param(1_786_000_000_000_000, "2026-08-06T07:06:40Z", id="whole"),
        pytest.param(1_786_000_000_558_680, "2026-08-06T07:06:40.55868Z", id="zeros-dropped"),
        pytest.param(1_786_000_000_000_001, "2026-08-06T07:06:40.000001Z", id="six-digits"),
        pytest.param(1_786_000_000_500_000, "2026-08-06T07:06:40.5Z", id="one-digit"),
    ],
)
def test_times(at_us: int, text: str) -> None:
    assert time_text(at_us) == text


def test_money_and_counts() -> None:
    assert [dollars(price) for price in (0, 10, 4_800, 10_000)] == [
        "0.0000",
        "0.0010",
        "0.4800",
        "1.0000",
    ]
    assert [count_text(count) for count in (0, 5, 200_983)] == ["0.00", "0.05", "2009.83"]
