"""Kalshi over HTTP: reads with budget, signature, time limit, size limit and retries."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import aiohttp
import stamina
from yarl import URL

from app.core.clock import Clock
from app.core.config import KalshiSettings
from app.core.errors import OperatorError, PayloadInvalid, SourceUnavailable
from app.services.kalshi.auth import KalshiSigner
from app.services.kalshi.backoff import RetryPolicy
from app.services.kalshi.budget import ReadBudget
from app.services.kalshi.decoding import NotJson, decode_json
from app.services.kalshi.errors import SOURCE, read_http_date, to_source_error
from app.services.kalshi.normalize import Row

MAX_BODY_BYTES = 64 * 1024 * 1024
_CHUNK_BYTES = 256 * 1024
_CONNECTIONS = 16
_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
    "User-Agent": "alpha-backend",
}

Params = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, decoded.

    Attributes:
        document: the body; numbers are int or Decimal.
        asked_at: our clock just before the request left; what it says is at least that new.
        server_at: the `Date` header, whole seconds.
        took_s: seconds until the body was read.
    """

    status: int
    document: Row
    asked_at: datetime
    server_at: datetime | None
    took_s: float


@dataclass(frozen=True, slots=True)
class HeardAnswer:
    """One answer as it came, of any status, for who records what an exchange says.

    Attributes:
        at: our clock when the body was read.
        headers: of the answer; those of the request, which carry our signature, are not shown.
    """

    at: datetime
    method: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


AnswerListener = Callable[[HeardAnswer], None]


class KalshiClient:
    """One session with Kalshi; connects on first use and belongs to that event loop."""

    def __init__(
        self,
        settings: KalshiSettings,
        clock: Clock,
        *,
        signer: KalshiSigner | None = None,
        retry: RetryPolicy | None = None,
        max_body_bytes: int = MAX_BODY_BYTES,
        on_answer: AnswerListener | None = None,
    ) -> None:
        """Prepare a client; every request is signed when there is a signer.

        Args:
            on_answer: told of every answer whose body was read.

        Raises:
            OperatorError: the base URL is not an http(s) address.
        """
        self._base = _read_base(settings.base_api_url)
        self._clock = clock
        self._signer = signer
        self._retry = retry or RetryPolicy(attempts=settings.attempts)
        self._budget = ReadBudget(settings.read_tokens_per_s, settings.read_share)
        self._timeout = aiohttp.ClientTimeout(
            total=settings.timeout_s, sock_connect=settings.connect_timeout_s
        )
        self._max_body_bytes = max_body_bytes
        self._on_answer = on_answer
        self._session: aiohttp.ClientSession | None = None

    @property
    def is_signed(self) -> bool:
        """Whether requests carry a signature."""
        return self._signer is not None

    async def get(
        self,
        path: str,
        params: Params | None = None,
        *,
        also: frozenset[int] = frozenset(),
        signed: bool = True,
    ) -> Answer:
        """Read one document; repeats what may work later, signing and paying each time.

        Args:
            path: below the base URL, already quoted (`/markets/KXNBA-27-ATL`).
            also: statuses outside 2xx whose body is an answer, when it is a JSON object.
            signed: False leaves the signature out although there is a key.

        Raises:
            SourceUnavailable: no answer in time, 5xx, a body cut off, after all attempts.
            SourceRateLimited: 429 at the last attempt.
            SourceRefused: any other answer that is not 2xx.
            PayloadInvalid: JSON that is not an object, or a body above the size limit.
        """
        attempts = stamina.retry_context(
            on=self._retry.hook(), attempts=self._retry.attempts, timeout=None
        )
        async for attempt in attempts:
            with attempt:
                return await self._ask(path, params or {}, also, signed)
        raise AssertionError("stamina ends by returning or raising")  # pragma: no cover

    async def close(self) -> None:
        """Release connections; a later call opens new ones."""
        session, self._session = self._session, None
        self._budget.forget_loop()
        if session is not None:
            await session.close()

    async def _ask(self, path: str, params: Params, also: frozenset[int], signed: bool) -> Answer:
        """Make one attempt."""
        await self._budget.spend(path)
        url = URL(f"{self._base}{path}", encoded=True)
        asked_at, started = self._clock.now(), self._clock.monotonic()
        signer = self._signer if signed else None
        headers = signer.headers("GET", url.raw_path, asked_at) if signer else {}
        async with _network_errors(path):
            request = self._open_session().get(
                url.update_query(params), headers=headers, allow_redirects=False
            )
            async with request as response:
                body = await self._read_body(response, path)
        if self._on_answer is not None:
            self._on_answer(_heard(response, body, self._clock.now()))
        document = self._read_document(path, response, body, also)
        return Answer(
            status=response.status,
            document=document,
            asked_at=asked_at,
            server_at=read_http_date(response.headers.get("Date")),
            took_s=self._clock.monotonic() - started,
        )

    async def _read_body(self, response: aiohttp.ClientResponse, path: str) -> bytes:
        body = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            body += chunk
            if len(body) > self._max_body_bytes:
                raise PayloadInvalid(
                    SOURCE, f"GET {path} answered more than {self._max_body_bytes} bytes"
                )
        return bytes(body)

    def _read_document(
        self, path: str, response: aiohttp.ClientResponse, body: bytes, also: frozenset[int]
    ) -> Row:
        is_expected = 200 <= response.status < 300
        try:
            document = decode_json(body) if is_expected or response.status in also else None
        except NotJson as error:
            if is_expected:
                raise SourceUnavailable(
                    SOURCE, f"GET {path} answered {response.status} without JSON"
                ) from error
            document = None
        if isinstance(document, dict):
            return document
        if is_expected:
            raise PayloadInvalid(SOURCE, f"GET {path} answered no JSON object")
        raise to_source_error(
            f"GET {path}",
            response.status,
            body,
            retry_after=response.headers.get("Retry-After"),
            now=self._clock.now(),
        )

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=_CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=_HEADERS,
                middlewares=(_send_once,),
                timeout=self._timeout,
                trust_env=False,
            )
        return self._session


def _heard(response: aiohttp.ClientResponse, body: bytes, at: datetime) -> HeardAnswer:
    headers = response.headers
    return HeardAnswer(at, response.method, str(response.url), response.status, headers, body)


async def _send_once(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep aiohttp from sending a GET again by itself when a connection was lost.

    It would do so with the old signature and without budget; only these two errors set it off.
    """
    try:
        return await send(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise SourceUnavailable(
            SOURCE, f"GET {request.url.raw_path}: {type(error).__name__}"
        ) from error


@asynccontextmanager
async def _network_errors(path: str) -> AsyncIterator[None]:
    """Turn what aiohttp raises into ours; only names, as its texts can hold headers."""
    try:
        yield
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise SourceUnavailable(SOURCE, f"GET {path}: {type(error).__name__}") from error


def _read_base(text: str) -> str:
    url = URL(text)
    if url.scheme not in {"http", "https"} or not url.host or url.query or url.fragment:
        raise OperatorError("KALSHI_BASE_API_URL must be an http(s) address without query.")
    return text.rstrip("/")
