"""Where the issuer publishes its keys: one small GET, no redirects, little patience."""

from collections.abc import Collection

import aiohttp
from yarl import URL

from app.core.config import JwtAlgorithm, SupabaseSettings
from app.core.errors import OperatorError, PayloadInvalid, SourceRefused, SourceUnavailable
from app.services.supabase.errors import SOURCE
from app.services.supabase.key_set import KeySet, parse_key_set

MAX_BODY_BYTES = 64 * 1024
_HEADERS = {"Accept": "application/json", "User-Agent": "alpha-backend"}


class KeyEndpoint:
    """Asks for the key set; each time over a new connection, since that is a few times an hour."""

    def __init__(self, settings: SupabaseSettings) -> None:
        """Prepare to ask.

        Raises:
            OperatorError: the address is not an http(s) one.
        """
        self._url = _read_url(settings.keys_url)
        self._timeout = aiohttp.ClientTimeout(total=settings.timeout_s)
        self._algorithms: Collection[JwtAlgorithm] = settings.jwt_algorithms

    async def fetch(self) -> KeySet:
        """Fetch the keys that are valid now.

        Raises:
            SourceUnavailable: no answer in time, or 5xx.
            SourceRefused: any other answer that is not 200, redirects too.
            PayloadInvalid: too large, no key set, or no key that we can use.
        """
        try:
            async with self._open() as session:
                request = session.get(self._url, allow_redirects=False)
                async with request as response:
                    _require_ok(response.status)
                    body = await _read_body(response)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise SourceUnavailable(SOURCE, f"no keys: {type(error).__name__}") from error
        return parse_key_set(body, self._algorithms)

    def _open(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=_HEADERS,
            middlewares=(_send_once,),
            timeout=self._timeout,
            trust_env=False,
        )


async def _send_once(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep aiohttp from asking again by itself after a lost connection, which doubles storms."""
    try:
        return await send(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise SourceUnavailable(SOURCE, f"no keys: {type(error).__name__}") from error


def _require_ok(status: int) -> None:
    if status >= 500 or status in (408, 429):
        raise SourceUnavailable(SOURCE, f"asking for keys answered {status}", status=status)
    if status != 200:
        raise SourceRefused(SOURCE, f"asking for keys answered {status}", status=status)


async def _read_body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(MAX_BODY_BYTES):
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise PayloadInvalid(SOURCE, f"the key set is larger than {MAX_BODY_BYTES} bytes")
    return bytes(body)


def _read_url(text: str) -> URL:
    try:
        url = URL(text)
    except ValueError:
        url = URL()
    if url.scheme not in {"http", "https"} or not url.host:
        raise OperatorError(
            "SUPABASE_JWKS_URL (or SUPABASE_JWT_ISSUER) must be an http(s) address."
        )
    return url
