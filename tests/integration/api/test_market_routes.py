"""Markets: what lists and details show."""

from datetime import timedelta
from decimal import Decimal

import pytest

from app.api.schemas.details import MarketDetail
from app.api.schemas.markets import MarketOut, MarketPage
from app.core.clock import VirtualClock
from app.domain.types import Exchange, MarketStatus
from tests.factories import (
    NOW,
    make_event,
    make_feed_state,
    make_market,
    make_outcomes,
    make_quote,
    make_series,
)
from tests.integration.api.serving import Client, Save

FULL = {
    "last": Decimal("0.480000"),
    "bid": Decimal("0.47"),
    "ask": Decimal("0.495"),
    "bid_size": Decimal("100.5"),
    "ask_size": Decimal(0),
    "previous": Decimal(1),
    "volume": Decimal("12345678.25"),
    "volume_24h": Decimal("1000"),
    "open_interest": Decimal("10.00000001"),
}


async def test_a_list_shows_market_outcomes_quote_and_freshness(client: Client, save: Save) -> None:
    market = make_market(
        ext_id="KXNBA-1",
        title='Über "LeBron"? \\ 50 %',
        close_at=NOW + timedelta(hours=1, microseconds=123_987),
    )
    await save(market, make_quote(market, **FULL))

    answer = await client.get("/v1/markets")

    (row,) = answer.json()["markets"]
    assert row["id"] == str(market.id)
    assert row["title"] == 'Über "LeBron"? \\ 50 %'
    assert row["close_at"] == "2026-11-22T13:00:00.123Z"
    assert [outcome["execution_asset_id"] for outcome in row["outcomes"]] == ["yes", "no"]
    assert row["quote"] == {
        "last": "0.48",
        "last_american": 108,
        "bid": "0.47",
        "bid_american": 113,
        "bid_size": "100.5",
        "ask": "0.495",
        "ask_american": 102,
        "ask_size": "0",
        "previous": "1",
        "volume": "12345678.25",
        "volume_24h": "1000",
        "open_interest": "10.00000001",
    }
    assert (row["as_of"], row["is_stale"]) == ("2026-11-22T12:00:00.000Z", False)
    assert answer.json()["cursor"] is None


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(FULL, id="everything"),
        pytest.param({}, id="a quote without any price"),
        pytest.param({"last": Decimal("0.5"), "bid": Decimal(0), "ask": Decimal(1)}, id="edges"),
        pytest.param({"last": Decimal("0.000001")}, id="smallest price"),
        pytest.param(None, id="no quote"),
    ],
)
async def test_a_row_in_a_list_equals_the_detail(
    client: Client, save: Save, fields: dict[str, Decimal] | None
) -> None:
    market = make_market(
        open_at=NOW, close_at=NOW + timedelta(days=400), result="yes", status=MarketStatus.SETTLED
    )
    market.outcomes[0].is_winner = True
    await save(market)
    if fields is not None:
        await save(make_quote(market, **fields))

    listed = (await client.get("/v1/markets")).json()["markets"][0]
    detail = (await client.get(f"/v1/markets/{market.id}")).json()

    assert listed == {name: detail[name] for name in MarketOut.model_fields}


async def test_the_bytes_of_a_list_are_what_the_schema_says(client: Client, save: Save) -> None:
    quoted, bare = make_market(), make_market(outcomes=[])
    await save(quoted, bare, make_quote(quoted, **FULL))

    body = (await client.get("/v1/markets")).content

    page = MarketPage.model_validate_json(body, strict=False, extra="forbid")
    assert page.model_dump_json().encode() == body


async def test_a_detail_shows_rules_event_series_and_grid(client: Client, save: Save) -> None:
    series = make_series(ext_id="KXNBAGAME", category="Sports", tags=["Basketball"])
    event = make_event(ext_id="KXNBAGAME-26NOV22", series=series, category=None)
    market = make_market(
        event=event,
        rules_primary="If the Celtics win.",
        price_ranges=[{"start": "0.0000", "end": "1.0000", "step": "0.0100"}],
        settlement_value=Decimal("0.5"),
        floor_strike=Decimal("110.50"),
    )
    await save(market)

    answer = await client.get(f"/v1/markets/kalshi:{market.ext_id}")

    detail = answer.json()
    assert MarketDetail.model_validate_json(answer.content, extra="forbid")
    assert detail["event"]["category"] == "Sports", "an event without one has its series'"
    assert detail["series"]["ext_id"] == "KXNBAGAME"
    assert detail["price_ranges"] == [{"start": "0", "end": "1", "step": "0.01"}]
    assert (detail["settlement_value"], detail["floor_strike"]) == ("0.5", "110.5")
    assert "platform_metadata" not in detail


async def test_both_forms_of_an_id_lead_to_the_same_market(client: Client, save: Save) -> None:
    market = make_market(exchange=Exchange.POLYMARKET, ext_id="0xabc")
    await save(market)

    by_id = await client.get(f"/v1/markets/{market.id}")
    by_condition = await client.get("/v1/markets/polymarket:0xabc")

    assert by_id.status_code == 200
    assert by_id.json() == by_condition.json()


async def test_deleted_rows_are_shown_nowhere(client: Client, save: Save) -> None:
    gone = make_market(is_deleted=True)
    event = make_event(is_deleted=True)
    orphan = make_market(event=event, outcomes=make_outcomes("KX-ORPHAN", Exchange.KALSHI)[:1])
    orphan.outcomes[0].is_deleted = True
    await save(gone, orphan, make_quote(gone, volume_24h=Decimal(9)), make_quote(orphan))

    for sort in ("volume", "close", "movement", "newest"):
        listed = (await client.get("/v1/markets", params={"sort": sort})).json()["markets"]
        assert [row["id"] for row in listed] == [str(orphan.id)]
        assert listed[0]["outcomes"] == []
        events = (await client.get("/v1/events", params={"sort": sort})).json()["events"]
        assert str(event.id) not in [row["id"] for row in events]
    assert (await client.get(f"/v1/markets/{gone.id}")).status_code == 404
    assert (await client.get(f"/v1/events/{event.id}")).status_code == 404
    detail = (await client.get(f"/v1/markets/{orphan.id}")).json()
    assert (detail["event"], detail["outcomes"]) == (None, [])


@pytest.mark.parametrize(
    ("quoted", "feed", "state", "as_of", "is_stale"),
    [
        pytest.param(1, 0, "live", 0, False, id="the feed vouches for an old quote"),
        pytest.param(1, 30, "degraded", 1, False, id="a new quote outlives an old feed"),
        pytest.param(30, 30, "degraded", 30, True, id="both old"),
        pytest.param(20, 20, "live", 20, False, id="just young enough"),
        pytest.param(0, 0, "stale", 0, True, id="the feed says stale"),
    ],
)
async def test_freshness(
    client: Client,
    save: Save,
    clock: VirtualClock,
    quoted: int,
    feed: int,
    state: str,
    as_of: int,
    is_stale: bool,
) -> None:
    market = make_market(exchange=Exchange.POLYMARKET)
    await save(
        market,
        make_quote(market, as_of=NOW - timedelta(minutes=quoted)),
        make_feed_state(
            feed="polymarket.catalogue", state=state, as_of=NOW - timedelta(minutes=feed)
        ),
    )

    listed = (await client.get("/v1/markets")).json()["markets"][0]
    detail = (await client.get(f"/v1/markets/{market.id}")).json()

    expected = f"{NOW - timedelta(minutes=as_of):%Y-%m-%dT%H:%M}:00.000Z"
    assert (listed["as_of"], listed["is_stale"]) == (expected, is_stale)
    assert (detail["as_of"], detail["is_stale"]) == (expected, is_stale)


async def test_a_market_nobody_vouches_for_is_stale(client: Client, save: Save) -> None:
    market = make_market(exchange=Exchange.POLYMARKET)
    await save(market)

    listed = (await client.get("/v1/markets")).json()["markets"][0]

    assert (listed["quote"], listed["as_of"], listed["is_stale"]) == (None, None, True)
