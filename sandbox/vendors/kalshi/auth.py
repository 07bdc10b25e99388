"""Verifies the three KALSHI-ACCESS headers."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from collections.abc import Mapping

from sandbox.keys import KeyRing
from sandbox.vendors.kalshi.errors import unauthorized

KEY, TIMESTAMP, SIGNATURE = (
    "kalshi-access-key",
    "kalshi-access-timestamp",
    "kalshi-access-signature",
)
_HEADERS = (KEY, TIMESTAMP, SIGNATURE)


class Verifier:
    """Checks signatures over `<timestamp_ms><METHOD><path>`, path with prefix, without query."""

    def __init__(self, keys: KeyRing, tolerance_s: float) -> None:
        """Accept clocks that differ by at most `tolerance_s`."""
        self._keys, self._tolerance_ms = keys, tolerance_s * 1_000

    def account(
        self,
        headers: Mapping[str, str],
        method: str,
        path: str,
        now_ms: tuple[float, ...],
        *,
        required: bool,
    ) -> str | None:
        """Return the key id of a signed request, None for an unsigned public one.

        Args:
            headers: Lower case names.
            method: Upper case.
            path: Full path from the host root.
            now_ms: Times the server may hold to be now; one of them must fit.
            required: The endpoint is private.

        Raises:
            Refusal: 401; the OpenAPI document's flat shape on private endpoints.
        """
        given = [name for name in _HEADERS if name in headers]
        if not given and not required:
            return None
        if len(given) < len(_HEADERS):
            raise unauthorized("missing authentication headers", flat=required)
        key = self._keys.get(headers[KEY])
        if key is None:
            raise unauthorized("unknown api key", flat=required)
        stamp = headers[TIMESTAMP]
        if not self._is_now(stamp, now_ms):
            raise unauthorized("timestamp out of range", flat=required)
        try:
            signature = b64decode(headers[SIGNATURE], validate=True)
        except (Error, ValueError):
            raise unauthorized("signature is not base64", flat=required) from None
        if not key.verifies(signature, f"{stamp}{method}{path}".encode()):
            raise unauthorized("signature does not match", flat=required)
        return key.api_key_id

    def _is_now(self, stamp: str, now_ms: tuple[float, ...]) -> bool:
        if not stamp.isdecimal():
            return False
        return any(abs(int(stamp) - now) <= self._tolerance_ms for now in now_ms)
