"""The service account: a JSON file of Firebase's console, and the assertions it signs."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from google.auth import crypt, jwt
from yarl import URL

from app.core.errors import OperatorError

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
_SETTING = "FIREBASE_CREDENTIALS_PATH"
_LIFE_S = 3600  # of an assertion; Google takes no more
_MAX_FILE_BYTES = 64 * 1024


class ServiceAccount:
    """Who we are for Google; neither `repr` nor errors ever show the private key."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        """Take the fields of the JSON file.

        Raises:
            OperatorError: this is no service account, or its key is malformed.
        """
        if fields.get("type") != "service_account":
            raise OperatorError(f"{_SETTING} names a file that is no service account's.")
        self.project_id = _read_text(fields, "project_id")
        self.email = _read_text(fields, "client_email")
        self.token_url = _read_url(fields)
        self._signer = _read_signer(fields)

    def __repr__(self) -> str:
        return f"ServiceAccount({self.project_id})"

    def make_assertion(self, now: datetime) -> str:
        """Sign a claim to be who we are, good for an hour; takes about a millisecond."""
        issued_s = int(now.timestamp())
        claims = {
            "iss": self.email,
            "scope": SCOPE,
            "aud": self.token_url,
            "iat": issued_s,
            "exp": issued_s + _LIFE_S,
        }
        signed: bytes = jwt.encode(self._signer, claims)
        return signed.decode()


def read_service_account(path: str) -> ServiceAccount:
    """Read the file that the setting names.

    Raises:
        OperatorError: it cannot be read, or is not what Firebase's console gives; one line.
    """
    try:
        with Path(path).expanduser().open("rb") as file:
            text = file.read(_MAX_FILE_BYTES)
    except (OSError, ValueError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no such path"
        raise OperatorError(f"{_SETTING} cannot be read: {reason}.") from None
    try:
        fields = orjson.loads(text)
    except ValueError:
        raise OperatorError(f"{_SETTING} holds no JSON.") from None
    if not isinstance(fields, dict):
        raise OperatorError(f"{_SETTING} holds no JSON object.")
    return ServiceAccount(fields)


def _read_text(fields: Mapping[str, Any], name: str) -> str:
    text = fields.get(name)
    if not isinstance(text, str) or not text.strip():
        raise OperatorError(f"{_SETTING} has no {name}: download the file again.")
    return text.strip()


def _read_url(fields: Mapping[str, Any]) -> str:
    text = _read_text(fields, "token_uri")
    try:
        url = URL(text)
    except ValueError:
        url = URL()
    if url.scheme not in {"http", "https"} or not url.host:
        raise OperatorError(f"{_SETTING} has a token_uri that is no http(s) address.")
    return text


def _read_signer(fields: Mapping[str, Any]) -> crypt.RSASigner:
    pem = _read_text(fields, "private_key")
    key_id = _read_text(fields, "private_key_id")
    try:
        signer: crypt.RSASigner = crypt.RSASigner.from_string(pem, key_id)
        signer.sign(b"")  # a key that is not RSA is noticed only here
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise OperatorError(f"{_SETTING} has a malformed private_key.") from None
    return signer
