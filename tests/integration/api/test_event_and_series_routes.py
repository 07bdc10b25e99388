"""Events and series: lists and details."""

from datetime import timedelta
from decimal import Decimal

from app.api.schemas.details import EventDetail
from app.api.schemas.events import EventOut, EventPage
from app.api.schemas.series import SeriesOut, SeriesPage
from app.domain.types import Exchange
from tests.factories import NOW, make_event, make_market, make_quote, make_series
from tests.integration.api.serving import Client, Save, walk


async def test_an_event_in_a_list_equals_its_detail(client: Client, save: Save) -> None:
    event = make_event(
        subtitle="Game 3",
        category=None,
        is_mutually_exclusive=True,
        strike_at=NOW + timedelta(days=1),
    )
    await save(make_market(event=event))

    listed = await client.get("/v1/events")
    detail = (await client.get(f"/v1/events/{event.id}")).json()

    page = EventPage.model_validate_json(listed.content, extra="forbid")
    assert page.model_dump_json().encode() == listed.content
    assert listed.json()["events"] == [{name: detail[name] for name in EventOut.model_fields}]
    assert detail["category"] == "Sports"


async def test_an_event_shows_its_series_and_its_markets_soonest_first(
    client: Client, save: Save
) -> None:
    event = make_event(ext_id="KXNBAGAME-26NOV22")
    late = make_market(event=event, close_at=NOW + timedelta(hours=2))
    never = make_market(event=event)
    soon = make_market(event=event, close_at=NOW + timedelta(hours=1))
    combo = make_market(event=event, is_combo=True)
    gone = make_market(event=event, is_deleted=True)
    await save(late, never, soon, combo, gone, make_quote(soon, last=Decimal("0.4")))

    answer = await client.get("/v1/events/kalshi:KXNBAGAME-26NOV22")

    detail = answer.json()
    assert EventDetail.model_validate_json(answer.content, extra="forbid")
    assert [row["id"] for row in detail["markets"]] == [str(m.id) for m in (soon, late, never)]
    assert detail["markets"][0]["quote"]["last_american"] == 150
    assert detail["series"]["id"] == str(event.series.id)
    assert detail["cursor"] is None


async def test_the_cursor_of_an_event_goes_on_in_the_list_of_markets(
    client: Client, save: Save
) -> None:
    event = make_event()
    rows = [make_market(event=event, close_at=NOW + timedelta(minutes=n)) for n in range(203)]
    await save(*rows)

    detail = (await client.get(f"/v1/events/{event.id}")).json()
    params = {"event": str(event.id), "sort": "close", "limit": 200, "cursor": detail["cursor"]}
    rest = (await client.get("/v1/markets", params=params)).json()

    shown = [row["id"] for row in detail["markets"] + rest["markets"]]
    assert shown == [str(row.id) for row in rows]


async def test_an_event_without_markets_has_a_detail_but_no_place_in_lists(
    client: Client, save: Save
) -> None:
    event = make_event()
    await save(event)

    assert (await client.get(f"/v1/events/{event.id}")).json()["markets"] == []
    assert (await client.get("/v1/events")).json() == {"events": [], "cursor": None}


async def test_series_in_a_list_equal_their_details(client: Client, save: Save) -> None:
    rows = [
        make_series(ext_id="KXB", tags=["Hockey", "Pro"], fee_multiplier=Decimal("0.500000")),
        make_series(ext_id="KXA", category=None, frequency="daily", fee_type="quadratic"),
        make_series(ext_id="KXA", exchange=Exchange.POLYMARKET),
    ]
    await save(*rows)

    listed = await client.get("/v1/series")

    page = SeriesPage.model_validate_json(listed.content, extra="forbid")
    assert page.model_dump_json().encode() == listed.content
    assert [row.ext_id for row in page.series] == ["KXA", "KXA", "KXB"]
    for row in listed.json()["series"]:
        assert (await client.get(f"/v1/series/{row['id']}")).json() == row
    assert set(listed.json()["series"][0]) == set(SeriesOut.model_fields)


async def test_filters_and_pages_of_series(client: Client, save: Save) -> None:
    rows = [
        make_series(
            ext_id=f"KX{n:02}",
            title="Basketball" if n % 2 else "Hockey",
            category="Sports" if n % 3 else None,
            is_deleted=n == 5,
        )
        for n in range(12)
    ]
    await save(*rows)
    live = [row for row in rows if not row.is_deleted]

    async def ids(**params: str) -> list[str]:
        return await walk(client, "/v1/series", 2, **params)

    assert await ids() == [str(row.id) for row in live]
    assert await ids(q="hock kx0") == [
        str(row.id) for n, row in enumerate(rows) if n % 2 == 0 and n < 10
    ]
    assert await ids(category="Sports") == [str(r.id) for r in live if r.category]
    assert await ids(exchange="polymarket") == []
