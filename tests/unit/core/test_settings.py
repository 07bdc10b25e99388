"""Settings refuse what production must not have, and every variable is documented."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from app.core import config
from app.core.config import AppSettings, KalshiSettings

ROOT = Path(__file__).resolve().parents[3]


def documented() -> set[str]:
    text = (ROOT / ".env.example").read_text()
    return set(re.findall(r"^#?\s?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE))


def test_every_setting_is_in_env_example() -> None:
    classes = [
        c for c in vars(config).values() if isinstance(c, type) and issubclass(c, BaseSettings)
    ]
    names = {
        f"{c.model_config.get('env_prefix', '')}{field}".upper()
        for c in classes
        for field in c.model_fields
    }
    assert names
    assert names - documented() == set()


def test_production_refuses_a_shifted_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("CLOCK_AT", "2026-08-09T21:00:00Z")
    with pytest.raises(ValidationError, match="CLOCK_AT"):
        AppSettings()


def test_a_clock_without_zone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOCK_AT", "2026-08-09T21:00:00")
    with pytest.raises(ValidationError, match="time zone"):
        AppSettings()


def test_a_key_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KALSHI_API_KEY_ID", "id")
    monkeypatch.setenv("KALSHI_PRIVATE_KEY", "canary")
    settings = KalshiSettings()
    assert settings.has_key
    assert "canary" not in repr(settings)
