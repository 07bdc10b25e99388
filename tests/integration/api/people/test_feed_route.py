"""The feed: what moved, why and what you hold, in one call and few statements."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.clock import VirtualClock
from app.domain.types import MarketStatus
from app.models.db import User
from tests.factories import NOW, make_feed_state, make_market, make_quote
from tests.integration.api.people.conftest import Bearer
from tests.integration.api.people.told import save_confirmed, save_move
from tests.integration.api.serving import Client, OneConnection, Save
from tests.people_factories import make_position, make_user

PATH = "/v1/feed"


@contextmanager
def statements(engine: AsyncEngine, one: OneConnection) -> Iterator[list[str]]:
    """Collect what runs through SQLAlchemy and the pool."""
    ran: list[str] = []
    before = len(one.ran)

    def note(_c: Any, _cursor: Any, text: str, *_: Any) -> None:
        if text.startswith("SELECT"):
            ran.append(text)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield ran
    event.remove(engine.sync_engine, "before_cursor_execute", note)
    ran += [text for text, _ in one.ran[before:]]


async def read(client: Client, **headers: str) -> dict[str, Any]:
    answer = await client.get(PATH, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_an_empty_feed(client: Client) -> None:
    assert await read(client) == {"alerts": [], "movers": [], "feeds": [], "positions": None}


async def test_what_moved_why_and_what_i_hold(
    mine: Client, save: Save, me: User, engine: AsyncEngine, one: OneConnection
) -> None:
    move = await save_move(save)
    confirmed, signal = await save_confirmed(save, move, decided_at=NOW - timedelta(seconds=1))
    quote = {"last": Decimal("0.36"), "bid": Decimal("0.35"), "previous": Decimal("0.48")}
    ticks = make_feed_state(feed="kalshi.ticks")
    await save(ticks, make_quote(move.market, **quote), make_position(me, move.market))

    with statements(engine, one) as ran:
        feed = await read(mine)

    (alert,) = feed["alerts"]
    assert (alert["id"], alert["tier"]) == (str(confirmed.id), "confirmed")
    assert [fact["signal_id"] for fact in alert["evidence"]] == [str(signal.id)]
    assert alert["markets"][0]["quoted_bid"] == "0.35"
    assert [market["id"] for market in feed["movers"]] == [str(move.market.id)]
    assert feed["movers"][0]["quote"]["last"] == "0.36"
    assert [position["value_usd"] for position in feed["positions"]] == ["35"]
    assert [known["exchange"] for known in feed["feeds"]] == ["kalshi"]
    assert len(ran) <= 6, ran


async def test_the_newest_of_each_chain_and_nothing_old_or_taken_back(
    client: Client, save: Save
) -> None:
    newer = await save_move(save)
    older = await save_move(save, decided_at=NOW - timedelta(hours=23))
    await save_move(save, decided_at=NOW - timedelta(hours=25))
    await save_move(save, retracted_at=NOW, retracted_reason="wrong")
    await save_move(save, is_shadow=True)

    alerts = (await read(client))["alerts"]

    assert [alert["id"] for alert in alerts] == [str(newer.alert.id), str(older.alert.id)]


async def test_what_has_no_words_yet_is_not_shown_and_hides_nothing(
    client: Client, save: Save
) -> None:
    move = await save_move(save)
    await save_confirmed(save, move, worded_at=None, template=None)
    await save_move(save, worded_at=None, template=None)

    assert [alert["id"] for alert in (await read(client))["alerts"]] == [str(move.alert.id)]


async def test_at_most_twenty_alerts(client: Client, save: Save) -> None:
    for _ in range(22):
        await save_move(save)

    assert len((await read(client))["alerts"]) == 20


async def test_movers_are_open_and_sorted_by_how_far_they_went(client: Client, save: Save) -> None:
    moves = {"A": "0.51", "B": "0.20", "C": "0.90"}
    markets = {name: make_market(ext_id=name) for name in moves}
    closed = make_market(status=MarketStatus.CLOSED)
    quotes = [
        make_quote(markets[name], last=Decimal(last), previous=Decimal("0.5"))
        for name, last in moves.items()
    ]
    far = make_quote(closed, last=Decimal(1), previous=Decimal(0))
    await save(closed, *markets.values(), *quotes, far)

    assert [market["ext_id"] for market in (await read(client))["movers"]] == ["C", "B", "A"]


async def test_who_is_not_signed_in_sees_nobodys_positions(
    client: Client, save: Save, bearer: Bearer, clock: VirtualClock
) -> None:
    one, other = make_user(), make_user()
    market = make_market()
    await save(one, other, market, make_position(one, market))

    seen = [await read(client, **headers) for headers in (bearer(one.id), bearer(other.id), {})]
    repeated = await read(client, **bearer(one.id))

    assert [feed["positions"] and len(feed["positions"]) for feed in seen] == [1, [], None]
    assert repeated["positions"] == seen[0]["positions"]
    assert len({str(feed["alerts"]) for feed in seen}) == 1


async def test_a_bad_token_is_refused_not_overlooked(client: Client) -> None:
    answer = await client.get(PATH, headers={"Authorization": "Bearer nonsense"})

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_what_may_be_kept_on_the_way(mine: Client, bearer: Bearer) -> None:
    own = await mine.get(PATH)
    del mine.headers["Authorization"]
    public = await mine.get(PATH)
    again = await mine.get(PATH, headers={"If-None-Match": public.headers["etag"]})

    assert own.headers["cache-control"] == "no-store"
    assert "etag" not in own.headers
    assert public.headers["cache-control"] == "public, max-age=1"
    assert again.status_code == 304
    assert public.headers["vary"] == again.headers["vary"] == "authorization"


async def test_before_the_first_sync(empty_client: Client) -> None:
    answer = await empty_client.get(PATH)

    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")


@pytest.mark.parametrize("key", ["movers", "alerts", "positions", "feeds"])
async def test_the_document_names_what_is_there(client: Client, key: str) -> None:
    document = (await client.get("/openapi.json")).json()

    assert key in document["components"]["schemas"]["FeedPageOut"]["required"]
