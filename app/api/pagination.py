"""Cursors: opaque, signed, and good only for the list they came from."""

import binascii
import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache

import msgspec

from app.core.errors import InvalidRequest
from app.repositories.pages import Last

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
MAX_CURSOR = 500  # characters
_MAC = 12  # bytes
_SCRYPT = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[str | None, str]).decode


@lru_cache(maxsize=4)
def derive_key(secret: str) -> bytes:
    """Return the signing key of a deployment; slow on purpose, so that no cursor helps to guess."""
    return hashlib.scrypt(secret.encode(), salt=b"alpha.cursor", **_SCRYPT)


class Cursors:
    """Writes and reads cursors; every process of a deployment must have the same key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, last: Last | None, listing: object) -> str | None:
        """Return the cursor behind `last`; None at the end.

        Args:
            listing: the filters and order of the list; its repr is signed too.
        """
        if last is None:
            return None
        payload = _encode((last.rank, last.id))
        return urlsafe_b64encode(self._mac(payload, listing) + payload).rstrip(b"=").decode()

    def read(self, cursor: str | None, listing: object) -> Last | None:
        """Return the row a cursor stands for; None without a cursor.

        Raises:
            InvalidRequest: changed, from elsewhere, or from a list with other filters.
        """
        if not cursor:
            return None
        try:
            signed = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        except (UnicodeEncodeError, binascii.Error) as error:
            raise _refused() from error
        mac, payload = signed[:_MAC], signed[_MAC:]
        if not hmac.compare_digest(mac, self._mac(payload, listing)):
            raise _refused()
        return Last(*_decode(payload))

    def _mac(self, payload: bytes, listing: object) -> bytes:
        message = repr(listing).encode() + b"\0" + payload
        return hashlib.blake2b(message, key=self._key, digest_size=_MAC).digest()


def _refused() -> InvalidRequest:
    return InvalidRequest(
        "The cursor does not belong to this list: start again without it.", code="invalid_cursor"
    )
