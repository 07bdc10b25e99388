"""The vendors: what is on, what is off for want of a key, and whether keys and clock are right."""

from app.cli.doctor.findings import Finding, State
from app.core.clock import Clock
from app.core.config import FirebaseSettings, KalshiSettings, SupabaseSettings
from app.core.errors import OperatorError, SourceError
from app.domain.push import PushResult
from app.services.firebase import open_firebase
from app.services.kalshi import open_kalshi
from app.services.kalshi.health import check
from app.services.supabase import KeyEndpoint

_PUSH_ADVICE = {
    "ACCESS_REFUSED": "Google refuses the key in FIREBASE_CREDENTIALS_PATH, or our clock is off.",
    "ACCESS_UNAVAILABLE": "the token_uri in FIREBASE_CREDENTIALS_PATH gives no access tokens.",
    "PERMISSION_DENIED": "the account in FIREBASE_CREDENTIALS_PATH may not send pushes.",
}


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


async def examine_sign_in(settings: SupabaseSettings) -> list[Finding]:
    """Ask the issuer of access tokens for its public keys."""
    if not settings.has_issuer:
        return [Finding("sign-in", State.OFF, "no SUPABASE_JWT_ISSUER: nobody can sign in")]
    try:
        keys = await KeyEndpoint(settings).fetch()
    except OperatorError as error:
        return [Finding("sign-in", State.FAILING, str(error))]
    except SourceError as error:
        detail = f"{settings.keys_url} gives no keys ({error}): check SUPABASE_JWKS_URL."
        return [Finding("sign-in", State.FAILING, detail)]
    detail = f"{settings.jwt_issuer}, {len(keys)} public key{'s' * (len(keys) > 1)}"
    return [Finding("sign-in", State.ON, detail)]


async def examine_push(settings: FirebaseSettings, clock: Clock) -> list[Finding]:
    """Ask FCM, without sending anything, whether it would take pushes from us."""
    try:
        sender = open_firebase(settings, clock)
    except OperatorError as error:
        return [Finding("push", State.FAILING, str(error))]
    if sender is None:
        return [Finding("push", State.OFF, "no FIREBASE_CREDENTIALS_PATH: no phone is told")]
    try:
        outcome = await sender.probe()
    finally:
        await sender.close()
    if outcome.result in {PushResult.ACCEPTED, PushResult.DEVICE_GONE}:
        detail = f"{settings.fcm_base_url} takes pushes of project {sender.project_id}"
        return [Finding("push", State.ON, detail)]
    elsewhere = f"{settings.fcm_base_url} takes no pushes ({outcome.error}): check FCM_BASE_URL."
    detail = _PUSH_ADVICE.get(outcome.error or "", elsewhere)
    return [Finding("push", State.FAILING, detail)]
