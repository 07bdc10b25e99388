"""Settings of sign-in: one family of algorithms, and nothing of a test in production."""

import pytest
from pydantic import ValidationError

from app.core.config import JwtAlgorithm, Settings, SupabaseSettings
from app.core.errors import OperatorError

ISSUER = "https://abcdefgh.supabase.co/auth/v1"
SANDBOX = "http://127.0.0.1:8123/auth/v1"


def test_without_an_issuer_sign_in_is_off() -> None:
    assert not SupabaseSettings(jwt_issuer="").has_issuer


def test_keys_are_below_the_issuer_unless_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPABASE_JWT_ISSUER", ISSUER)
    assert SupabaseSettings().keys_url == f"{ISSUER}/.well-known/jwks.json"
    monkeypatch.setenv("SUPABASE_JWKS_URL", "https://keys.example.com/")
    assert SupabaseSettings().keys_url == "https://keys.example.com/"


@pytest.mark.parametrize(
    ("text", "algorithms"),
    [
        ("ES256", (JwtAlgorithm.ES256,)),
        ("RS256", (JwtAlgorithm.RS256,)),
        ("ES256, RS256", (JwtAlgorithm.ES256, JwtAlgorithm.RS256)),
    ],
)
def test_algorithms(
    monkeypatch: pytest.MonkeyPatch, text: str, algorithms: tuple[JwtAlgorithm, ...]
) -> None:
    monkeypatch.setenv("SUPABASE_JWT_ALGORITHMS", text)
    assert SupabaseSettings().jwt_algorithms == algorithms


@pytest.mark.parametrize("text", ["HS256", "ES256,HS256", "none", "", "es256"])
def test_secrets_are_no_algorithm_of_ours(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("SUPABASE_JWT_ALGORITHMS", text)
    with pytest.raises(ValidationError, match="jwt_algorithms"):
        SupabaseSettings()


@pytest.mark.parametrize(
    ("issuer", "keys"),
    [
        pytest.param(SANDBOX, "", id="the sandbox"),
        pytest.param(ISSUER.replace("https", "http"), "", id="no TLS"),
        pytest.param(ISSUER, "http://abcdefgh.supabase.co/keys", id="keys without TLS"),
        pytest.param(ISSUER, "https://127.0.0.1/keys", id="keys of this machine"),
        pytest.param("https://localhost/auth/v1", "", id="localhost"),
        pytest.param("https://LOCALHOST./auth/v1", "", id="localhost in other letters"),
        pytest.param("https://auth.localhost/auth/v1", "", id="below localhost"),
        pytest.param("https://[::1]/auth/v1", "", id="IPv6"),
        pytest.param("https://2130706433/auth/v1", "", id="an address as one number"),
        pytest.param("https://[::1/auth/v1", "", id="no URL"),
        pytest.param("test", "", id="a word"),
    ],
)
def test_production_refuses_test_issuers(
    monkeypatch: pytest.MonkeyPatch, issuer: str, keys: str
) -> None:
    monkeypatch.setenv("SUPABASE_JWT_ISSUER", issuer)
    monkeypatch.setenv("SUPABASE_JWKS_URL", keys)
    assert Settings().supabase.is_for_tests

    monkeypatch.setenv("ENVIRONMENT", "production")
    with pytest.raises(OperatorError, match="SUPABASE_JWT_ISSUER"):
        Settings()


@pytest.mark.parametrize("issuer", [ISSUER, "https://auth.example.com/auth/v1", ""])
def test_production_takes_real_issuers_and_none(
    monkeypatch: pytest.MonkeyPatch, issuer: str
) -> None:
    monkeypatch.setenv("SUPABASE_JWT_ISSUER", issuer)
    monkeypatch.setenv("ENVIRONMENT", "production")
    assert Settings().supabase.has_issuer is bool(issuer)
