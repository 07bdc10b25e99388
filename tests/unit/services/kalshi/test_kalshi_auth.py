"""Signing as Kalshi checks it, and keys that cannot sign."""

import base64
import re
from collections.abc import Callable
from datetime import datetime

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, x25519
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from app.core.errors import OperatorError
from app.services.kalshi.auth import KalshiSigner

KEY_ID = "0b3b2f1c-5f6e-4a57-9d7c-2f9d1d1f4e11"
PATH = "/trade-api/v2/portfolio/balance"
AnyKey = RSAPrivateKey | Ed25519PrivateKey | ec.EllipticCurvePrivateKey | x25519.X25519PrivateKey


def pem_of(key: AnyKey, form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def verify_rsa(key: RSAPrivateKey, signature: str, text: str, *, salt: int) -> None:
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=salt)
    key.public_key().verify(base64.b64decode(signature), text.encode(), pss, hashes.SHA256())


@pytest.mark.parametrize("form", [PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8])
def test_rsa_signature_verifies(rsa_key: RSAPrivateKey, now: datetime, form: PrivateFormat) -> None:
    headers = KalshiSigner(KEY_ID, pem_of(rsa_key, form)).headers("get", PATH, now)
    stamp = headers["KALSHI-ACCESS-TIMESTAMP"]
    assert headers["KALSHI-ACCESS-KEY"] == KEY_ID
    assert stamp == "1786309200000"
    verify_rsa(rsa_key, headers["KALSHI-ACCESS-SIGNATURE"], f"{stamp}GET{PATH}", salt=32)
    with pytest.raises(InvalidSignature):
        verify_rsa(rsa_key, headers["KALSHI-ACCESS-SIGNATURE"], f"{stamp}GET{PATH}", salt=20)


def test_ed25519_signature_verifies(ed25519_key: Ed25519PrivateKey, now: datetime) -> None:
    headers = KalshiSigner(KEY_ID, pem_of(ed25519_key)).headers("GET", PATH, now)
    signature = base64.b64decode(headers["KALSHI-ACCESS-SIGNATURE"])
    text = f"{headers['KALSHI-ACCESS-TIMESTAMP']}GET{PATH}"
    ed25519_key.public_key().verify(signature, text.encode())
    with pytest.raises(InvalidSignature):
        ed25519_key.public_key().verify(signature, (text + "?limit=1").encode())


def test_query_is_not_signed(ed25519_key: Ed25519PrivateKey, now: datetime) -> None:
    signer = KalshiSigner(KEY_ID, pem_of(ed25519_key))
    assert signer.headers("GET", f"{PATH}?subaccount=1", now) == signer.headers("GET", PATH, now)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda pem: pem.replace("\n", "\\n"), id="literal-backslash-n"),
        pytest.param(lambda pem: pem.replace("\n", "\\r\\n"), id="literal-crlf"),
        pytest.param(lambda pem: pem.replace("\n", "\r\n"), id="crlf"),
        pytest.param(lambda pem: f'  "{pem.strip()}"  ', id="quoted"),
        pytest.param(lambda pem: pem.strip(), id="no-final-newline"),
    ],
)
def test_ways_to_paste_a_key(
    rsa_key: RSAPrivateKey, now: datetime, spoil: Callable[[str], str]
) -> None:
    headers = KalshiSigner(KEY_ID, spoil(pem_of(rsa_key))).headers("GET", PATH, now)
    text = f"{headers['KALSHI-ACCESS-TIMESTAMP']}GET{PATH}"
    verify_rsa(rsa_key, headers["KALSHI-ACCESS-SIGNATURE"], text, salt=32)


def bad_keys() -> list[object]:
    rsa = generate_private_key(65537, 2048)
    locked = rsa.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    locked_old = rsa.private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"x")
    )
    public = rsa.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    public_old = rsa.public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1)
    ssh = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()
    )
    whole = pem_of(rsa)
    return [
        pytest.param("", "not PEM", id="empty"),
        pytest.param("hunter2-hunter2-hunter2-hunter2", "not PEM", id="not-pem"),
        pytest.param(whole[: len(whole) // 2], "malformed", id="cut-off"),
        pytest.param(whole.replace("A", "!", 3), "malformed", id="garbled"),
        pytest.param(public.decode(), "public key", id="public"),
        pytest.param(public_old.decode(), "public key", id="public-pkcs1"),
        pytest.param(locked.decode(), "encrypted", id="encrypted"),
        pytest.param(locked_old.decode(), "encrypted", id="encrypted-pkcs1"),
        pytest.param(ssh.decode(), "PKCS", id="openssh"),
        pytest.param(pem_of(generate_private_key(65537, 1024)), "1024 bits", id="too-short"),
        pytest.param(pem_of(ec.generate_private_key(ec.SECP256R1())), "neither", id="ec"),
        pytest.param(pem_of(x25519.X25519PrivateKey.generate()), "neither", id="x25519"),
    ]


@pytest.mark.parametrize(("pem", "reason"), bad_keys())
def test_bad_keys_get_one_line_without_key_material(pem: str, reason: str) -> None:
    with pytest.raises(OperatorError, match=reason) as caught:
        KalshiSigner(KEY_ID, pem)
    text = str(caught.value)
    assert "\n" not in text
    assert "KALSHI_PRIVATE_KEY" in text
    assert not any(line in text for line in re.findall(r"[A-Za-z0-9+/]{16,}", pem))
    assert caught.value.__cause__ is None


def test_missing_key_id(ed25519_key: Ed25519PrivateKey) -> None:
    with pytest.raises(OperatorError, match="KALSHI_API_KEY_ID"):
        KalshiSigner(" ", pem_of(ed25519_key))


def test_repr_hides_the_key(ed25519_key: Ed25519PrivateKey) -> None:
    assert repr(KalshiSigner(KEY_ID, pem_of(ed25519_key))) == "KalshiSigner(...4e11)"
