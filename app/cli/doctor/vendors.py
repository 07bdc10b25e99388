"""The vendors: what is on, what is off for want of a key, and whether keys and clock are right."""

from app.cli.doctor.findings import Finding, State
from app.core.clock import Clock
from app.core.config import KalshiSettings
from app.core.errors import OperatorError, SourceError
from app.services.kalshi import open_kalshi
from app.services.kalshi.health import check


async def examine_kalshi(settings: KalshiSettings, clock: Clock) -> list[Finding]:
    """Ask Kalshi whether it answers, whether our key is good, and compare clocks."""
    quick = settings.model_copy(update={"attempts": 2})
    try:
        client = open_kalshi(quick, clock)
    except OperatorError as error:
        return [Finding("kalshi key", State.FAILING, str(error))]
    try:
        found = await check(client)
    except SourceError as error:
        detail = f"{settings.base_api_url} does not answer ({error}): check KALSHI_BASE_API_URL."
        return [Finding("kalshi", State.FAILING, detail)]
    finally:
        await client.close()
    if found.problem:
        return [Finding("kalshi", State.FAILING, found.problem)]
    skew = "unknown" if found.clock_skew_s is None else f"{abs(found.clock_skew_s):.1f} s"
    answers = Finding("kalshi", State.ON, f"{settings.base_api_url} answers, clock off by {skew}")
    if found.is_key_good is None:
        off = "no KALSHI_API_KEY_ID and KALSHI_PRIVATE_KEY: reads only, no live socket"
        return [answers, Finding("kalshi key", State.OFF, off)]
    return [answers, Finding("kalshi key", State.ON, f"accepted, tier {found.usage_tier}")]
