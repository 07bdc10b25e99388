"""Health and metrics, for machines that watch us."""

from fastapi import APIRouter, Response

from app.api.answers import to_json
from app.api.deps import WebDep
from app.api.health import check_health
from app.api.schemas.operations import HealthOut, LiveOut
from app.domain.spelling import snake
from app.repositories.errors import DATABASE_ERRORS, is_outage
from app.repositories.operations import FeedView, list_feeds

router = APIRouter(tags=["operations"])
_NO_STORE = {"Cache-Control": "no-store"}


@router.get("/health/live", operation_id="read_liveness", response_model=LiveOut)
async def read_liveness() -> LiveOut:
    """Say that the process answers."""
    return LiveOut(live=True)


@router.get(
    "/health/ready",
    operation_id="read_readiness",
    response_model=HealthOut,
    responses={503: {"model": HealthOut, "description": "Not ready; the checks say why."}},
)
async def read_readiness(web: WebDep) -> Response:
    """Say whether requests can be answered; always in snake_case, as `alpha doctor`."""
    health = await check_health(web)
    return Response(
        to_json(health, snake),
        200 if health.ready else 503,
        _NO_STORE,
        media_type="application/json",
    )


@router.get("/metrics", operation_id="read_metrics", include_in_schema=False)
async def read_metrics(web: WebDep) -> Response:
    """Give the figures of this process to Prometheus."""
    pool, pages = web.connections.pool, web.pages
    text = web.metrics.render(pool, pages, await _feeds(web), now=web.clock.now())
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


async def _feeds(web: WebDep) -> list[FeedView]:
    """Read the feeds; none while the database is away, the other figures matter then most."""
    try:
        return await list_feeds(web.connections.pool)
    except DATABASE_ERRORS as error:
        if not is_outage(error):
            raise
        return []
