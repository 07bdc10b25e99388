"""What an app needs to know before it asks for anything."""

from datetime import datetime

from fastapi import APIRouter, Response

from app.api.answers import AnswerResponse, to_json
from app.api.catalogue_route import CachedRoute
from app.api.deps import ClockDep, SettingsDep, WebDep
from app.api.errors import RESPONSES
from app.api.pagination import DEFAULT_LIMIT, MAX_LIMIT
from app.api.params import MIN_SEARCH
from app.api.schemas.operations import ConfigOut, ExchangeOut, FeaturesOut, FeedOut, LimitsOut
from app.domain.freshness import (
    STALE_AFTER,
    Feed,
    FeedWord,
    catalogue_feed,
    is_stale,
    standing,
    ticks_feed,
)
from app.repositories.operations import list_feeds

API_VERSION = "v1"
FEATURES = FeaturesOut(
    catalogue=True,
    sports=False,
    traders=False,
    users=True,
    orders=False,
    groups=False,
    notifications=True,
    stream=True,
)

router = APIRouter(tags=["operations"], route_class=CachedRoute, responses=RESPONSES)


@router.get("/v1/config", operation_id="read_config", response_model=ConfigOut)
async def read_config(web: WebDep, clock: ClockDep, settings: SettingsDep) -> Response:
    """Read what this server has and how true it is right now."""
    feeds = {feed.feed: feed for feed in await list_feeds(web.connections.pool)}
    now = clock.now()
    exchanges = [
        ExchangeOut(
            exchange=exchange,
            feed=_to_feed(feeds.get(catalogue_feed(exchange)), now),
            prices=_to_prices(feeds.get(ticks_feed(exchange)), now),
        )
        for exchange in web.exchanges
    ]
    config = ConfigOut(
        api_version=API_VERSION,
        exchanges=exchanges,
        features=FEATURES,
        limits=LimitsOut(
            page_default=DEFAULT_LIMIT,
            page_max=MAX_LIMIT,
            search_min_characters=MIN_SEARCH,
            requests_per_minute=settings.app.public_requests_per_minute,
        ),
        stale_after_s=int(STALE_AFTER.total_seconds()),
    )
    return AnswerResponse(web.pages.new(to_json(config, web.spelling)))


def _to_feed(feed: Feed | None, now: datetime) -> FeedOut | None:
    if feed is None:
        return None
    stale = is_stale(feed.as_of, feed.state, now=now)
    return FeedOut(state=feed.state, since=feed.since, as_of=feed.as_of, is_stale=stale)


def _to_prices(ticks: Feed | None, now: datetime) -> FeedOut | None:
    if ticks is None:
        return None
    known = standing(ticks, now=now)
    stale = known.state == FeedWord.STALE
    return FeedOut(state=known.state, since=known.since, as_of=known.as_of, is_stale=stale)
