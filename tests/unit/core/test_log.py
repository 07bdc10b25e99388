"""No secret reaches a log line, whatever field it hides in."""

import pytest
import structlog

from app.core.log import configure_logging, redact

PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEcanary\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        pytest.param(f"key is {PEM}.", "MIIEcanary", id="pem"),
        pytest.param("-----BEGIN PRIVATE KEY-----\nMIIEcanary", "canary", id="cut-pem"),
        pytest.param("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.canary", "canary", id="jwt"),
        pytest.param("postgresql://u:canary@db:5432/x", "canary", id="password-in-url"),
    ],
)
def test_redact(text: str, secret: str) -> None:
    assert secret not in redact(text)


def test_fields_named_like_secrets_are_hidden(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", "json")
    structlog.get_logger().info(
        "canary.checked", private_key="canary1", redis_url="redis://a:canary2@h", note=PEM
    )
    shown = capsys.readouterr().err
    assert "canary.checked" in shown
    assert not any(secret in shown for secret in ("canary1", "canary2", "MIIE"))
    structlog.reset_defaults()
