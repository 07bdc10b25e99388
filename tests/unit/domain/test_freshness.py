"""How old what we show is."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.freshness import (
    SILENT_AFTER,
    Feed,
    Freshness,
    PriceFeeds,
    catalogue_feed,
    freshness,
    full_sync,
    is_stale,
    standing,
    ticks_feed,
)
from app.domain.types import Exchange

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OLD = NOW - timedelta(hours=1)
RECENT = NOW - timedelta(minutes=10)
JUST = NOW - timedelta(seconds=2)
LOST = NOW - SILENT_AFTER - timedelta(microseconds=1)


def said(state: str, as_of: datetime | None, since: datetime = OLD) -> Feed:
    return Feed(state, since, as_of)


@pytest.mark.parametrize(
    ("quoted", "catalogue", "ticks", "as_of", "stale"),
    [
        pytest.param(JUST, said("polling", OLD), None, JUST, False, id="the quote is newer"),
        pytest.param(OLD, said("polling", JUST), None, JUST, False, id="the catalogue is newer"),
        pytest.param(None, said("polling", OLD), None, OLD, True, id="no quote, old catalogue"),
        pytest.param(RECENT, None, None, RECENT, False, id="nobody ever spoke, young"),
        pytest.param(OLD, None, None, OLD, True, id="nobody ever spoke, old"),
        pytest.param(None, None, None, None, True, id="nothing known"),
        pytest.param(JUST, said("stale", JUST), None, JUST, True, id="the catalogue is stale"),
        pytest.param(OLD, None, said("live", JUST), JUST, False, id="live: unchanged is true"),
        pytest.param(None, None, said("live", JUST), JUST, False, id="live: no price is known"),
        pytest.param(OLD, said("stale", OLD), said("live", JUST), JUST, False, id="live is enough"),
        pytest.param(OLD, None, said("live", LOST), LOST, True, id="live, but its writer is gone"),
        pytest.param(
            JUST, said("polling", JUST), said("live", LOST), JUST, True, id="gone for all"
        ),
        pytest.param(OLD, None, said("live", None), OLD, True, id="live, but never true"),
        pytest.param(JUST, said("polling", JUST), said("stale", JUST), JUST, True, id="stale"),
        pytest.param(RECENT, None, said("polling", JUST), RECENT, False, id="polled lately"),
        pytest.param(OLD, None, said("polling", JUST), OLD, True, id="polling does not vouch"),
        pytest.param(
            OLD, said("polling", RECENT), said("degraded", OLD), RECENT, False, id="degr."
        ),
        pytest.param(
            JUST, said("stale", JUST), said("polling", JUST), JUST, True, id="both say so"
        ),
    ],
)
def test_freshness(
    quoted: datetime | None,
    catalogue: Feed | None,
    ticks: Feed | None,
    as_of: datetime | None,
    stale: bool,
) -> None:
    found = freshness(quoted, PriceFeeds(catalogue, ticks), now=NOW)

    assert found == Freshness(as_of, stale)


@pytest.mark.parametrize("state", ["live", "polling", "degraded", "stale"])
def test_only_a_live_feed_must_keep_talking(state: str) -> None:
    in_time = said(state, NOW - SILENT_AFTER)
    late = said(state, LOST)

    assert standing(in_time, now=NOW) is in_time
    assert standing(late, now=NOW) == (said("stale", LOST, LOST) if state == "live" else late)


def test_a_live_feed_that_was_never_true_is_stale_since_it_claimed_to_be_live() -> None:
    assert standing(said("live", None), now=NOW) == said("stale", None)


def test_stale_shows_within_30_s_with_the_seconds_that_answers_are_kept() -> None:
    assert SILENT_AFTER + timedelta(seconds=2) <= timedelta(seconds=30)


@pytest.mark.parametrize(
    ("age", "state", "expected"),
    [
        pytest.param(timedelta(0), "live", False, id="now"),
        pytest.param(timedelta(minutes=20), "live", False, id="20 minutes"),
        pytest.param(timedelta(minutes=20, microseconds=1), "live", True, id="over 20 minutes"),
        pytest.param(timedelta(0), "stale", True, id="the feed says so"),
        pytest.param(timedelta(0), "degraded", False, id="degraded is not stale"),
        pytest.param(timedelta(0), None, False, id="a feed that never spoke"),
        pytest.param(None, "live", True, id="unknown age"),
    ],
)
def test_is_stale(age: timedelta | None, state: str | None, expected: bool) -> None:
    as_of = None if age is None else NOW - age

    assert is_stale(as_of, state, now=NOW) is expected


def test_names_of_feeds_and_runs() -> None:
    assert catalogue_feed(Exchange.KALSHI) == "kalshi.catalogue"
    assert ticks_feed(Exchange.KALSHI) == "kalshi.ticks"
    assert full_sync(Exchange.KALSHI) == "kalshi_full_sync"
