"""The access token that every push carries: renewed ahead of time, once for everybody."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import structlog
from pydantic import ValidationError
from yarl import URL

from app.core.clock import Clock
from app.models.firebase import GoogleToken
from app.services.firebase.credentials import ServiceAccount
from app.services.firebase.errors import Answer, read_retry_after
from app.services.firebase.transport import NoAnswer, Transport

log = structlog.get_logger()

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept-Encoding": "identity"}
_RENEW_AT = 0.8  # of a token's life
_DONE_AT = 0.95
_LONGEST_WAIT_S = 30.0


class TokenMissing(Exception):
    """There is no token to send with, so nobody can send.

    Attributes:
        word: why, in the manner of FCM's own codes.
        wait_s: when it is worth asking again.
        is_alarming: Google knows us and says no: the key or our clock is wrong.
    """

    def __init__(self, word: str, *, wait_s: float | None = None, is_alarming: bool) -> None:
        super().__init__(word)
        self.word = word
        self.wait_s = wait_s
        self.is_alarming = is_alarming


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AccessToken:
    """A token as the headers of a push; times are of `Clock.monotonic`."""

    headers: Mapping[str, str]
    renew_at: float
    ends_at: float


class AccessTokens:
    """Keeps one token fresh for all pushes of a process."""

    def __init__(self, account: ServiceAccount, transport: Transport, clock: Clock) -> None:
        self._account = account
        self._transport = transport
        self._clock = clock
        self._url = URL(account.token_url)
        self._token: AccessToken | None = None
        self._renewal: asyncio.Task[None] | None = None
        self._missing: TokenMissing | None = None  # why the last renewal failed
        self._not_before = 0.0
        self._failures = 0  # in a row
        self._refusals = 0  # tokens refused since one was taken

    async def get(self) -> AccessToken:
        """Return a token; waits for one only when there is none that is still good.

        Raises:
            TokenMissing: none can be had now.
        """
        token, now = self._token, self._clock.monotonic()
        if token is not None and now < token.renew_at:
            return token
        renewal = self._start_renewal(now)
        if token is not None and now < token.ends_at:
            return token
        if renewal is not None:
            await asyncio.wait({renewal})  # its end is not ours: others wait too
        if self._token is not None and self._clock.monotonic() < self._token.ends_at:
            return self._token
        raise self._why_missing()

    def confirm(self) -> None:
        """Note that FCM took the current token, whatever it thought of the push."""
        self._refusals = 0

    def refuse(self, token: AccessToken) -> TokenMissing | None:
        """Give up a token that FCM refused, and ask for another one.

        Returns:
            None when that may help; else, as FCM refuses one after the other, why nobody can send.
        """
        if token is self._token:
            self._token = None
            self._refusals += 1
            if self._refusals > 1:
                self._give_up_for_now(TokenMissing("UNAUTHENTICATED", is_alarming=True))
            self._start_renewal(self._clock.monotonic())
        return self._why_missing() if self._refusals > 1 else None

    async def close(self) -> None:
        """Stop a renewal that is under way."""
        renewal, self._renewal = self._renewal, None
        if renewal is not None:
            renewal.cancel()
            await asyncio.wait({renewal})

    def _start_renewal(self, now: float) -> asyncio.Task[None] | None:
        """Begin a renewal unless one runs or it is too early for another try."""
        is_running = self._renewal is not None and not self._renewal.done()
        if not is_running and now >= self._not_before:
            self._renewal = asyncio.create_task(self._renew())
        return self._renewal

    async def _renew(self) -> None:
        try:
            self._token, life_s = await self._exchange()
        except TokenMissing as missing:
            self._failures += 1
            self._give_up_for_now(missing)
        else:
            self._failures, self._missing = 0, None
            log.info("firebase_access.renewed", lives_s=life_s)

    def _give_up_for_now(self, missing: TokenMissing) -> None:
        tries = max(self._failures, self._refusals) - 1
        wait_s = min(2.0 ** min(tries, 10), _LONGEST_WAIT_S)
        self._not_before = self._clock.monotonic() + max(wait_s, missing.wait_s or 0.0)
        self._missing = missing
        log.warning("firebase_access.missed", reason=missing.word, alarming=missing.is_alarming)

    def _why_missing(self) -> TokenMissing:
        wait_s = max(self._not_before - self._clock.monotonic(), 0.1)
        if self._missing is None:  # closed while we waited, or a token that ended at once
            return TokenMissing("NO_ACCESS", wait_s=wait_s, is_alarming=False)
        return TokenMissing(
            self._missing.word, wait_s=wait_s, is_alarming=self._missing.is_alarming
        )

    async def _exchange(self) -> tuple[AccessToken, int]:
        """Trade a signed assertion for a token; return it and its life in seconds."""
        assertion = await asyncio.to_thread(self._account.make_assertion, self._clock.now())
        form = urlencode({"grant_type": _GRANT, "assertion": assertion}).encode()
        asked_at = self._clock.monotonic()
        try:
            answer = await self._transport.post(self._url, form, _FORM)
        except NoAnswer as error:
            raise TokenMissing("ACCESS_UNAVAILABLE", is_alarming=False) from error
        said = self._read(answer)
        headers = {
            "Authorization": f"Bearer {said.access_token}",
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            "X-GOOG-API-FORMAT-VERSION": "2",  # errors in full, with FCM's own word
        }
        renew_at = asked_at + said.expires_in * _RENEW_AT
        ends_at = asked_at + said.expires_in * _DONE_AT
        return AccessToken(headers, renew_at, ends_at), said.expires_in

    def _read(self, answer: Answer) -> GoogleToken:
        """Read the token endpoint's answer.

        Raises:
            TokenMissing: it is none; a definite no is alarming.
        """
        if answer.status in {400, 401, 403} and answer.is_json:
            raise TokenMissing("ACCESS_REFUSED", is_alarming=True)
        try:
            if answer.status == 200:
                return GoogleToken.model_validate_json(answer.body or b"")
        except ValidationError:
            pass
        wait_s = read_retry_after(answer.retry_after, now=self._clock.now())
        raise TokenMissing("ACCESS_UNAVAILABLE", wait_s=wait_s, is_alarming=False)
