"""The exception tree, by who can act.

AlphaError
  RequestError          the client of our API can act        4xx {"detail", "code"}
    Unauthenticated       401, sign in or send a fresh token
    Forbidden             403, signed in, but not allowed to
    NotFound              404
    InvalidRequest        422
    TooManyRequests       429
    NotReady              503, try again later
  SourceError           the outside failed us
    SourceUnavailable     retry: timeout, connection, 5xx
    SourceRateLimited     retry after `retry_after_s`
    SourceRefused         do not retry: 4xx, our request or key is wrong
    PayloadInvalid        do not retry: the answer is not what the contract says
  OperatorError         whoever runs Alpha can act: one line that says what to change
  LeaseLost             another process took over; what we were doing is theirs now
"""


class AlphaError(Exception):
    """Base of everything Alpha raises on purpose."""


class RequestError(AlphaError):
    """A client's mistake, or a state the client has to know of.

    Attributes:
        status: HTTP status of the answer.
        code: stable word for programs.
    """

    status = 400
    code = "bad_request"

    def __init__(self, detail: str, *, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if code is not None:
            self.code = code


class Unauthenticated(RequestError):
    """The request names nobody, or its token is not good; never says more than that."""

    status = 401
    code = "unauthenticated"


class Forbidden(RequestError):
    """We know who asks, and they may not do this."""

    status = 403
    code = "forbidden"


class NotFound(RequestError):
    """What was asked for does not exist, or is not the caller's to see."""

    status = 404
    code = "not_found"


class InvalidRequest(RequestError):
    """A parameter does not make sense."""

    status = 422
    code = "invalid_request"


class TooManyRequests(RequestError):
    """The caller is over its limit; `retry_after_s` says how long to wait."""

    status = 429
    code = "too_many_requests"

    def __init__(self, detail: str, *, retry_after_s: int) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class NotReady(RequestError):
    """We cannot answer yet; `retry_after_s` says when to ask again."""

    status = 503
    code = "not_ready"

    def __init__(self, detail: str, *, code: str | None = None, retry_after_s: int = 5) -> None:
        super().__init__(detail, code=code)
        self.retry_after_s = retry_after_s


class SourceError(AlphaError):
    """Something outside failed; `source` names it (`kalshi`)."""

    def __init__(self, source: str, message: str, *, status: int | None = None) -> None:
        super().__init__(f"{source}: {message}")
        self.source = source
        self.status = status


class SourceUnavailable(SourceError):
    """Timeout, broken connection or 5xx: the same read may work later."""


class SourceRateLimited(SourceError):
    """Over the vendor's budget; wait `retry_after_s` when it says so."""

    def __init__(self, source: str, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(source, message, status=429)
        self.retry_after_s = retry_after_s


class SourceRefused(SourceError):
    """A definite no (4xx): repeating it changes nothing."""


class PayloadInvalid(SourceError):
    """The answer breaks the vendor's own contract."""


class OperatorError(AlphaError):
    """A setting or the machine is wrong; the message is one line that says what to change."""


class LeaseLost(AlphaError):
    """Our lease ran out or was taken; stop writing at once."""


def first_of(failed: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the exception that ended a group of tasks; the others followed from it."""
    first = failed.exceptions[0]
    return first_of(first) if isinstance(first, BaseExceptionGroup) else first
