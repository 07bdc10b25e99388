"""The checks behind `/health/ready`; the same words as `alpha doctor`."""

from redis.exceptions import RedisError

from app.api.readiness import Readiness
from app.api.schemas.operations import CheckOut, CheckState, HealthOut
from app.api.state import Web
from app.domain.feed_report import report_ticks
from app.domain.freshness import catalogue_feed, ticks_feed
from app.repositories.errors import DATABASE_ERRORS, is_outage
from app.repositories.operations import list_feeds


async def check_health(web: Web) -> HealthOut:
    """Ask everything we stand on; Redis and keys are told, but do not decide."""
    others = [await _check_redis(web), _check_kalshi_key(web), _check_sign_in(web)]
    try:
        found = await web.readiness.check()
        prices = await _check_prices(web) if found.is_current else []
    except DATABASE_ERRORS as error:
        if not is_outage(error):
            raise
        away = CheckOut(name="database", state=CheckState.FAILING, detail=type(error).__name__)
        return HealthOut(ready=False, checks=[away, *others])
    answers = CheckOut(name="database", state=CheckState.ON, detail="answers")
    checks = [answers, _check_schema(found), *_check_catalogues(found), *prices, *others]
    return HealthOut(ready=found.is_ready, checks=checks)


def _check_schema(found: Readiness) -> CheckOut:
    if found.is_current:
        return CheckOut(name="schema", state=CheckState.ON, detail=f"version {found.revision}")
    detail = f"version {found.revision} is old: run alpha migrate"
    return CheckOut(name="schema", state=CheckState.FAILING, detail=detail)


def _check_catalogues(found: Readiness) -> list[CheckOut]:
    return [
        CheckOut(
            name=catalogue_feed(exchange),
            state=CheckState.ON if at else CheckState.FAILING,
            detail=f"last full sync {at:%Y-%m-%dT%H:%M:%SZ}" if at else "no full sync has ended",
        )
        for exchange, at in found.synced_at.items()
    ]


async def _check_prices(web: Web) -> list[CheckOut]:
    feeds = {feed.feed: feed for feed in await list_feeds(web.connections.pool)}
    checks = []
    for name in map(ticks_feed, web.exchanges):
        ticks = feeds.get(name)
        report = report_ticks(ticks, ticks.reason if ticks else None, now=web.clock.now())
        checks.append(CheckOut(name=name, state=CheckState(report.state), detail=report.detail))
    return checks


async def _check_redis(web: Web) -> CheckOut:
    try:
        await web.connections.redis.ping()
    except (RedisError, OSError) as error:
        return CheckOut(name="redis", state=CheckState.FAILING, detail=type(error).__name__)
    return CheckOut(name="redis", state=CheckState.ON, detail="answers")


def _check_kalshi_key(web: Web) -> CheckOut:
    if web.settings.kalshi.has_key:
        return CheckOut(name="kalshi.key", state=CheckState.ON, detail="set")
    detail = "no KALSHI_API_KEY_ID: prices come by polling"
    return CheckOut(name="kalshi.key", state=CheckState.OFF, detail=detail)


def _check_sign_in(web: Web) -> CheckOut:
    if web.tokens is not None:
        return CheckOut(name="sign_in", state=CheckState.ON, detail="an issuer is set")
    detail = "no SUPABASE_JWT_ISSUER: nobody can sign in"
    return CheckOut(name="sign_in", state=CheckState.OFF, detail=detail)
