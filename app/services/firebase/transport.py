"""One pool of connections: POST a body, read a small answer, and know whether it was sent."""

from collections.abc import Mapping

import aiohttp
from yarl import URL

from app.core.config import FirebaseSettings
from app.services.firebase.errors import Answer

_MAX_ANSWER_BYTES = 64 * 1024
_IDLE_S = 60  # shorter than Google's own limit, so that no push meets a connection just closed

# None of these happens after a byte of the request has left.
_BEFORE_SENDING = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientConnectorCertificateError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ServerFingerprintMismatch,
)


class NoAnswer(Exception):
    """Nothing readable came back.

    Attributes:
        word: what happened, without any address.
        was_sent: whether the other side may have read the request.
    """

    def __init__(self, error: BaseException, *, was_sent: bool) -> None:
        super().__init__(type(error).__name__)
        self.word = type(error).__name__
        self.was_sent = was_sent


class Transport:
    """Connections to Google; they open on first use and belong to that event loop."""

    def __init__(self, settings: FirebaseSettings) -> None:
        self._connections = settings.fcm_connections
        self._timeout = aiohttp.ClientTimeout(
            total=settings.fcm_timeout_s, connect=settings.fcm_connect_timeout_s
        )
        self._session: aiohttp.ClientSession | None = None

    async def post(self, url: URL, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send one request, once; a redirect is an answer like any other.

        Raises:
            NoAnswer: refused, reset, timed out, or no HTTP.
        """
        session = self._session or self._open()
        try:
            async with session.post(
                url, data=body, headers=headers, allow_redirects=False
            ) as response:
                return Answer(
                    status=response.status,
                    body=await _read_body(response),
                    retry_after=response.headers.get("Retry-After"),
                    is_json="json" in response.content_type,
                )
        except _BEFORE_SENDING as error:
            raise NoAnswer(error, was_sent=False) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NoAnswer(error, was_sent=True) from None

    async def close(self) -> None:
        """Release connections; a later call opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0, limit_per_host=self._connections, keepalive_timeout=_IDLE_S
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=self._timeout,
            trust_env=False,
        )
        return self._session


async def _read_body(response: aiohttp.ClientResponse) -> bytes | None:
    """Read an answer; None when it is cut off, stalls, or is larger than an answer can be."""
    body = b""
    try:
        while not response.content.at_eof():
            body += await response.content.readany()
            if len(body) > _MAX_ANSWER_BYTES:
                return None
    except (aiohttp.ClientError, TimeoutError, OSError):
        return None
    return body
