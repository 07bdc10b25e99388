"""A wrong setting is named as it is spelled in the environment, without what it holds."""

import pytest
from pydantic import ValidationError

from app.cli.__main__ import explain
from app.core.config import AppSettings, FirebaseSettings, KalshiSettings


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        pytest.param(AppSettings, "DB_POOL_SIZE", id="without-prefix"),
        pytest.param(KalshiSettings, "KALSHI_ATTEMPTS", id="vendor"),
        pytest.param(FirebaseSettings, "FCM_TIMEOUT_S", id="vendor-of-two-names"),
    ],
)
def test_the_setting_is_named(
    monkeypatch: pytest.MonkeyPatch,
    settings: type[AppSettings | KalshiSettings | FirebaseSettings],
    name: str,
) -> None:
    monkeypatch.setenv(name, "canary")
    with pytest.raises(ValidationError) as raised:
        settings()
    line = explain(raised.value)
    assert line.startswith(f"{name}: ")
    assert "canary" not in line
