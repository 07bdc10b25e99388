"""The seeded catalogue: the same every time, and changed where it says so."""

import pytest

from app.domain.catalogue import CataloguePage
from bench.catalogue import BATCH_MARKETS, make_pages


def only(markets: int, revision: int = 0) -> CataloguePage:
    (page,) = make_pages(markets, revision=revision)
    return page


def test_it_is_the_same_every_time_whatever_its_size() -> None:
    small, large = only(100), only(200)
    assert small == only(100)
    assert small.markets == large.markets[:100]
    assert (len(small.events), len(small.markets), len(small.quotes)) == (10, 100, 100)


def test_keys_are_distinct_and_parents_are_there() -> None:
    page = only(1_000)
    events = {event.ext_id for event in page.events}
    assert len({market.ext_id for market in page.markets}) == 1_000
    assert {market.event_ext_id for market in page.markets} == events
    assert {event.series_ext_id for event in page.events} <= {s.ext_id for s in page.series}


def test_batches_are_as_large_as_a_sync_writes_them() -> None:
    sizes = [len(page.markets) for page in make_pages(BATCH_MARKETS + 500)]
    assert sizes == [BATCH_MARKETS, 500]


@pytest.mark.parametrize(("before", "after"), [(0, 1), (1, 2)])
def test_a_revision_changes_one_market_in_twenty_with_its_quote(before: int, after: int) -> None:
    old, new = only(200, before), only(200, after)
    changed = [a.ext_id for a, b in zip(old.markets, new.markets, strict=True) if a != b]
    requoted = [a.market_ext_id for a, b in zip(old.quotes, new.quotes, strict=True) if a != b]
    assert len(changed) == 10
    assert requoted == changed
