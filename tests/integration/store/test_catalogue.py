"""The catalogue's writer: exact, quiet when nothing changed, and never fooled by old rows."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from app.core.database import Pool
from app.domain.catalogue import CataloguePage, Event, Market, Outcome, Quote
from app.domain.types import Exchange, MarketStatus, Price
from app.store import catalogue
from tests.domain_factories import NOW, make_event, make_market, make_quote, make_series

KALSHI = Exchange.KALSHI


async def write(pool: Pool, page: CataloguePage) -> dict[str, int]:
    async with pool.acquire() as conn:
        return dict(await catalogue.write_page(conn, KALSHI, page, now=NOW))


async def stored(pool: Pool, table: str, ext_id: str) -> dict[str, object]:
    row = await pool.fetchrow(f"SELECT * FROM alpha.{table} WHERE ext_id = $1", ext_id)
    assert row is not None
    return dict(row)


async def test_a_page_is_stored_whole(pool: Pool) -> None:
    market = make_market()
    page = CataloguePage(
        series=[make_series()], events=[make_event()], markets=[market], quotes=[make_quote()]
    )
    counts = await write(pool, page)
    assert {k: v for k, v in counts.items() if v} == {
        "series": 1,
        "events": 1,
        "markets": 1,
        "quotes": 1,
    }
    row = await stored(pool, "markets", market.ext_id)
    assert row["title"] == market.title
    assert row["platform_metadata"] == market.metadata
    assert row["price_ranges"] == [{"start": "0", "end": "1", "step": "0.01"}]
    outcomes = await pool.fetch(
        "SELECT execution_asset_id, name, position FROM alpha.market_outcomes"
        " WHERE market_id = $1 ORDER BY position",
        row["id"],
    )
    assert [tuple(o) for o in outcomes] == [("yes", "Lakers", 0), ("no", "Lakers", 1)]
    quote = await pool.fetchrow("SELECT * FROM alpha.market_quotes WHERE market_id = $1", row["id"])
    assert quote is not None
    assert (quote["bid"], quote["ask"]) == (Decimal("0.44"), Decimal("0.46"))


async def test_writing_twice_writes_nothing(pool: Pool) -> None:
    page = CataloguePage(
        series=[make_series()],
        events=[make_event()],
        markets=[make_market()],
        quotes=[make_quote()],
    )
    await write(pool, page)
    before = await stored(pool, "markets", make_market().ext_id)
    later = replace(make_quote(), as_of=NOW + timedelta(minutes=15))
    assert not any((await write(pool, replace(page, quotes=[later]))).values())
    assert await stored(pool, "markets", make_market().ext_id) == before


async def test_unknown_parents_become_stubs_and_are_filled_later(pool: Pool) -> None:
    market = make_market(series_ext_id="KXNBAGAME")
    await write(pool, CataloguePage(markets=[market]))
    assert (await stored(pool, "events", market.event_ext_id))["is_stub"]
    assert (await stored(pool, "series", "KXNBAGAME"))["is_stub"]
    await write(pool, CataloguePage(events=[make_event()], series=[make_series()]))
    assert not (await stored(pool, "events", market.event_ext_id))["is_stub"]
    assert (await stored(pool, "series", "KXNBAGAME"))["title"] == make_series().title


async def test_an_older_row_is_refused_with_its_outcomes(pool: Pool) -> None:
    newer = make_market(title="new", source_ts=NOW)
    older = make_market(
        title="old",
        source_ts=NOW - timedelta(seconds=1),
        outcomes=(Outcome("yes", "Old"), Outcome("no", "Old")),
    )
    await write(pool, CataloguePage(markets=[newer]))
    counts = await write(pool, CataloguePage(markets=[older]))
    assert (counts["stale"], counts["markets"]) == (1, 0)
    row = await stored(pool, "markets", newer.ext_id)
    assert row["title"] == "new"
    names = await pool.fetch(
        "SELECT DISTINCT name FROM alpha.market_outcomes WHERE market_id = $1", row["id"]
    )
    assert [name["name"] for name in names] == ["Lakers"]


@pytest.mark.parametrize("order", [1, -1], ids=["older-first", "newer-first"])
async def test_of_two_versions_in_one_page_the_newer_wins(pool: Pool, order: int) -> None:
    versions = [
        make_market(title="old", source_ts=NOW - timedelta(minutes=1)),
        make_market(title="new", source_ts=NOW),
    ]
    counts = await write(pool, CataloguePage(markets=versions[::order]))
    assert counts["markets"] == 1
    assert (await stored(pool, "markets", versions[0].ext_id))["title"] == "new"


async def test_a_row_without_a_version_overwrites(pool: Pool) -> None:
    await write(pool, CataloguePage(events=[make_event(source_ts=NOW)]))
    await write(pool, CataloguePage(events=[make_event(title="renamed", source_ts=None)]))
    assert (await stored(pool, "events", make_event().ext_id))["title"] == "renamed"


async def test_status_follows_the_clock_at_writing(pool: Pool) -> None:
    over = make_market(status=MarketStatus.OPEN, close_at=NOW)
    await write(pool, CataloguePage(markets=[over]))
    assert (await stored(pool, "markets", over.ext_id))["status"] == "closed"


async def test_a_deleted_market_is_revived_when_it_returns(pool: Pool) -> None:
    page = CataloguePage(markets=[make_market()])
    await write(pool, page)
    await pool.execute("UPDATE alpha.markets SET is_deleted = true")
    counts = await write(pool, page)
    assert counts["markets"] == 1
    assert not (await stored(pool, "markets", make_market().ext_id))["is_deleted"]


async def test_an_older_quote_never_replaces_a_newer_one(pool: Pool) -> None:
    await write(pool, CataloguePage(markets=[make_market()], quotes=[make_quote()]))
    late = make_quote(last=Price(Decimal("0.9")), as_of=NOW - timedelta(seconds=1))
    await write(pool, CataloguePage(quotes=[late]))
    assert await pool.fetchval("SELECT last FROM alpha.market_quotes") == Decimal("0.45")


async def test_a_quote_of_an_unknown_market_is_left_out(pool: Pool) -> None:
    counts = await write(pool, CataloguePage(quotes=[make_quote(market_ext_id="NOBODY")]))
    assert counts["quotes"] == 0


async def test_hostile_texts_are_stored_as_they_are(pool: Pool) -> None:
    text = "'; DROP TABLE alpha.markets; -- \u202e \U0001f3c0 \\ % _"
    market = make_market(title=text, metadata={"note": text, "deep": [{"n": Decimal("8.50")}]})
    await write(pool, CataloguePage(markets=[market]))
    row = await stored(pool, "markets", market.ext_id)
    assert row["title"] == text
    assert row["platform_metadata"] == {"note": text, "deep": [{"n": Decimal("8.50")}]}


async def test_nothing_of_a_page_is_kept_when_one_statement_fails(pool: Pool) -> None:
    broken = make_quote(last=Price(Decimal("1.5")))  # a normaliser would never let it through
    page = CataloguePage(markets=[make_market()], quotes=[broken])
    with pytest.raises(Exception, match="market_quotes_last_check"):
        await write(pool, page)
    assert await pool.fetchval("SELECT count(*) FROM alpha.markets") == 0


def many(count: int) -> tuple[list[Event], list[Market], list[Quote]]:
    events = [make_event(ext_id=f"E{n // 10}") for n in range(0, count, 10)]
    markets = [make_market(ext_id=f"M{n}", event_ext_id=f"E{n // 10}") for n in range(count)]
    return events, markets, [make_quote(market_ext_id=f"M{n}") for n in range(count)]


async def test_an_unchanged_sync_writes_no_row(pool: Pool) -> None:
    """Every row stays where it is, of the transaction that wrote it; `bench` measures the log."""
    events, markets, quotes = many(5_000)
    page = CataloguePage(events=events, markets=markets, quotes=quotes)
    await write(pool, page)
    before = await versions(pool)
    await write(pool, page)
    assert await versions(pool) == before
    await write(pool, CataloguePage(quotes=[replace(quotes[0], last=Price(Decimal("0.99")))]))
    assert await versions(pool) != before


async def versions(pool: Pool) -> list[str]:
    """Return a digest of each table's row versions."""
    tables = ("series", "events", "markets", "market_outcomes", "market_quotes")
    query = "SELECT md5(string_agg(concat(xmin, ctid), ' ' ORDER BY ctid)) FROM alpha.{}"
    return [await pool.fetchval(query.format(table)) for table in tables]
