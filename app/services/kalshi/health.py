"""What `alpha doctor` asks of Kalshi: does it answer, is our key good, is our clock right."""

from dataclasses import dataclass

from app.core.errors import PayloadInvalid, SourceRefused
from app.models.kalshi import KalshiAccountLimits
from app.services.kalshi.client import Answer, KalshiClient
from app.services.kalshi.errors import SOURCE

MAX_CLOCK_SKEW_S = 5.0  # Kalshi's own tolerance is not documented


@dataclass(frozen=True, slots=True)
class KalshiCheck:
    """What was found.

    Attributes:
        clock_skew_s: our clock minus Kalshi's; None = it sent no time. Exact to about a second.
        is_key_good: None = no key is set, nothing was signed.
        usage_tier: the account's tier in Kalshi's words.
        read_tokens_per_s, read_capacity: its read bucket, to compare with our settings.
        problem: one line for the operator, None when all is well.
    """

    clock_skew_s: float | None
    is_key_good: bool | None = None
    usage_tier: str | None = None
    read_tokens_per_s: int | None = None
    read_capacity: int | None = None
    problem: str | None = None


async def check(client: KalshiClient) -> KalshiCheck:
    """Ask Kalshi once unsigned and, when there is a key, once for what only its owner may see.

    Raises:
        SourceError: no usable answer to the unsigned question.
    """
    status = await client.get("/exchange/status", also=frozenset({500, 503, 504}), signed=False)
    skew = clock_skew_s(status)
    is_skewed = skew is not None and abs(skew) > MAX_CLOCK_SKEW_S
    problem = f"clock is off by {skew:.0f} s: signatures will be refused" if is_skewed else None
    if not client.is_signed:
        return KalshiCheck(skew, problem=problem)
    try:
        limits = _read_limits(await client.get("/account/limits"))
    except SourceRefused as error:
        return KalshiCheck(skew, is_key_good=False, problem=problem or str(error))
    return KalshiCheck(
        skew, True, limits.usage_tier, limits.read.refill_rate, limits.read.bucket_capacity, problem
    )


def clock_skew_s(answer: Answer) -> float | None:
    """Return our clock minus theirs in seconds, taken at the middle of the request.

    Their `Date` has whole seconds, so half a second is added to it.
    """
    if answer.server_at is None:
        return None
    ours = answer.asked_at.timestamp() + answer.took_s / 2
    return ours - (answer.server_at.timestamp() + 0.5)


def _read_limits(answer: Answer) -> KalshiAccountLimits:
    try:
        return KalshiAccountLimits.model_validate(answer.document)
    except ValueError as error:
        raise PayloadInvalid(SOURCE, "GET /account/limits answered no limits") from error
