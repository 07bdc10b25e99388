"""The sender: one push, one request, one outcome."""

from yarl import URL

from app.core.clock import Clock
from app.core.config import FirebaseSettings
from app.core.errors import OperatorError
from app.domain.push import PushMessage, PushOutcome, PushResult
from app.services.firebase.credentials import ServiceAccount
from app.services.firebase.errors import to_outcome
from app.services.firebase.payload import Unsendable, encode_push
from app.services.firebase.tokens import AccessTokens, TokenMissing
from app.services.firebase.transport import NoAnswer, Transport

# A dry run to an address that cannot exist: only who may send hears that it does not.
_PROBE = b'{"validate_only":true,"message":{"token":"probe"}}'


class FirebaseSender:
    """Sends pushes through FCM's HTTP v1 interface; a `PushSender`."""

    def __init__(self, settings: FirebaseSettings, account: ServiceAccount, clock: Clock) -> None:
        """Prepare a sender; it connects at the first push.

        Raises:
            OperatorError: the base URL is not an http(s) address.
        """
        base = _read_base(settings.fcm_base_url)
        self._url = URL(f"{base}/v1/projects/{account.project_id}/messages:send")
        self._clock = clock
        self._transport = Transport(settings)
        self._tokens = AccessTokens(account, self._transport, clock)
        self.project_id = account.project_id

    async def send(self, message: PushMessage) -> PushOutcome:
        """Send one push; see `PushSender`. At most twice `FCM_TIMEOUT_S` when a token is due."""
        try:
            body = encode_push(message, now=self._clock.now())
        except Unsendable as error:
            return PushOutcome(PushResult.DEAD, error=error.word, is_alarming=error.is_our_fault)
        return await self._post(body)

    async def probe(self) -> PushOutcome:
        """Ask FCM, without sending anything, whether it would take pushes from us."""
        return await self._post(_PROBE)

    async def close(self) -> None:
        """Release connections."""
        await self._tokens.close()
        await self._transport.close()

    async def _post(self, body: bytes) -> PushOutcome:
        try:
            token = await self._tokens.get()
        except TokenMissing as missing:
            return _pause(missing)
        try:
            answer = await self._transport.post(self._url, body, token.headers)
        except NoAnswer as error:
            result = PushResult.UNKNOWN if error.was_sent else PushResult.RETRY
            return PushOutcome(result, error=error.word)
        outcome = to_outcome(answer, now=self._clock.now())
        if answer.status != 401:
            self._tokens.confirm()
        elif outcome.result is PushResult.RETRY:  # our token's fault, not Apple's key's
            hopeless = self._tokens.refuse(token)
            return _pause(hopeless, status=401) if hopeless else outcome
        return outcome


def _pause(missing: TokenMissing, *, status: int | None = None) -> PushOutcome:
    """Say that nobody can send."""
    return PushOutcome(
        PushResult.PAUSED,
        error=missing.word,
        status=status,
        retry_after_s=missing.wait_s,
        is_alarming=missing.is_alarming,
    )


def _read_base(text: str) -> str:
    try:
        url = URL(text)
    except ValueError:
        url = URL()
    if url.scheme not in {"http", "https"} or not url.host or url.query or url.fragment:
        raise OperatorError("FCM_BASE_URL must be an http(s) address without query.")
    return text.rstrip("/")
