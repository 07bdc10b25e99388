"""Every filter of the listings, and the combinations that are refused."""

from datetime import datetime
from typing import Any

import pytest

from tests.contract.sandbox.conftest import NOON_US, Talk

NOON_S = NOON_US // 1_000_000
DAY_S = 86_400


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    ("word", "statuses"),
    [
        pytest.param("open", {"active"}, id="open"),
        pytest.param("settled", {"finalized"}, id="settled"),
        pytest.param("paused", {"inactive"}, id="paused"),
        pytest.param("unopened", {"initialized"}, id="unopened"),
        pytest.param(
            "closed", {"closed", "determined", "disputed", "amended"}, id="closed-is-not-settled"
        ),
    ],
)
async def test_status_words_match_their_statuses(talk: Talk, word: str, statuses: set[str]) -> None:
    every = await talk.walk("/markets", "markets", limit=1000)
    expected = {row["ticker"] for row in every if row["status"] in statuses}
    found = await talk.walk("/markets", "markets", limit=1000, status=word)
    assert {row["ticker"] for row in found} == expected


@pytest.mark.parametrize("word", ["finalized", "active", "nonsense"])
async def test_response_words_are_refused_as_filters(talk: Talk, word: str) -> None:
    for path in ("/markets", "/events"):
        response = await talk.get(path, status=word)
        assert response.status_code == 400
        assert response.json() == {
            "error": {
                "code": "bad_request",
                "message": "bad request",
                "details": "invalid status filter",
            }
        }


async def test_paused_is_no_word_for_events(talk: Talk) -> None:
    assert (await talk.get("/events", status="paused")).status_code == 400


@pytest.mark.parametrize(
    ("low", "high", "field", "more"),
    [
        pytest.param("min_close_ts", "max_close_ts", "close_time", {}, id="close"),
        pytest.param("min_created_ts", "max_created_ts", "created_time", {}, id="created"),
        pytest.param("min_settled_ts", "max_settled_ts", "settlement_ts", {}, id="settled"),
        pytest.param(
            "min_updated_ts",
            "max_updated_ts",
            "updated_time",
            {"mve_filter": "exclude"},
            id="updated",
        ),
    ],
)
async def test_time_windows(
    talk: Talk, low: str, high: str, field: str, more: dict[str, str]
) -> None:
    begin, end = NOON_S - DAY_S, NOON_S + DAY_S
    every = await talk.walk("/markets", "markets", limit=1000, **more)
    expected = {r["ticker"] for r in every if field in r and begin < seconds(r[field]) < end}
    assert 0 < len(expected) < len(every)
    window = {low: begin, high: end, **more}
    found = await talk.walk("/markets", "markets", limit=1000, **window)
    assert {row["ticker"] for row in found} == expected


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({"min_close_ts": 1, "min_settled_ts": 1}, id="two-families"),
        pytest.param({"min_close_ts": 1, "status": "open"}, id="close-with-open"),
        pytest.param({"min_settled_ts": 1, "status": "closed"}, id="settled-with-closed"),
        pytest.param({"min_created_ts": 1, "status": "settled"}, id="created-with-settled"),
        pytest.param({"min_updated_ts": 1, "status": "open"}, id="updated-with-status"),
        pytest.param({"min_updated_ts": 1, "tickers": "A"}, id="updated-with-tickers"),
        pytest.param({"min_updated_ts": 1, "event_ticker": "A"}, id="updated-with-event"),
        pytest.param({"min_updated_ts": 1, "mve_filter": "only"}, id="updated-with-only"),
        pytest.param({"min_updated_ts": 1, "series_ticker": "A"}, id="updated-series-alone"),
        pytest.param({"mve_filter": "none"}, id="mve-word"),
        pytest.param({"limit": 1001}, id="limit-too-high"),
        pytest.param({"limit": -1}, id="limit-negative"),
        pytest.param({"limit": "ten"}, id="limit-text"),
        pytest.param({"min_close_ts": "soon"}, id="time-text"),
        pytest.param({"cursor": "not-ours"}, id="cursor"),
    ],
)
async def test_refused_combinations(talk: Talk, params: dict[str, Any]) -> None:
    response = await talk.get("/markets", **params)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "bad_request"


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({"min_close_ts": 1, "status": "closed"}, id="close-with-closed"),
        pytest.param({"min_created_ts": 1, "status": "unopened"}, id="created-with-unopened"),
        pytest.param({"min_updated_ts": 1, "max_updated_ts": 9}, id="updated-pair"),
        pytest.param(
            {"min_updated_ts": 1, "mve_filter": "exclude", "series_ticker": "KXNBA"},
            id="updated-series-exclude",
        ),
        pytest.param({"limit": 0}, id="limit-zero-is-default"),
    ],
)
async def test_allowed_combinations(talk: Talk, params: dict[str, Any]) -> None:
    assert (await talk.get("/markets", **params)).status_code == 200


async def test_parents_and_lists_of_tickers(talk: Talk) -> None:
    rows = await talk.walk("/markets", "markets", limit=1000, series_ticker="KXNBAGAME")
    assert rows
    assert all(row["ticker"].startswith("KXNBAGAME-") for row in rows)
    event = rows[0]["event_ticker"]
    siblings = await talk.walk("/markets", "markets", event_ticker=event)
    assert {row["ticker"] for row in siblings} == {
        row["ticker"] for row in rows if row["event_ticker"] == event
    }
    wanted = [rows[0]["ticker"], rows[-1]["ticker"]]
    named = await talk.walk("/markets", "markets", tickers=",".join([*wanted, "NONE"]))
    assert {row["ticker"] for row in named} == set(wanted)
    assert await talk.walk("/markets", "markets", event_ticker="NONE") == []


async def test_event_filters(talk: Talk) -> None:
    every = await talk.walk("/events", "events", with_nested_markets="true")
    nba = await talk.walk("/events", "events", series_ticker="KXNBAGAME")
    assert nba
    assert {row["series_ticker"] for row in nba} == {"KXNBAGAME"}
    two = [every[0]["event_ticker"], every[3]["event_ticker"]]
    named = await talk.walk("/events", "events", tickers=",".join(two))
    assert {row["event_ticker"] for row in named} == set(two)
    opened = await talk.walk("/events", "events", status="open")
    expected = {
        row["event_ticker"] for row in every if any(m["status"] == "active" for m in row["markets"])
    }
    assert {row["event_ticker"] for row in opened} == expected
    later = await talk.walk("/events", "events", min_close_ts=NOON_S + 30 * DAY_S)
    assert {row["event_ticker"] for row in later} == {
        row["event_ticker"]
        for row in every
        if any(seconds(m["close_time"]) > NOON_S + 30 * DAY_S for m in row["markets"])
    }
    fresh = await talk.walk("/events", "events", min_updated_ts=NOON_S - DAY_S)
    assert {row["event_ticker"] for row in fresh} == {
        row["event_ticker"] for row in every if seconds(row["last_updated_ts"]) > NOON_S - DAY_S
    }


async def test_an_open_event_may_hold_settled_markets_and_omits_historical_ones(
    talk: Talk,
) -> None:
    old = await talk.walk("/historical/markets", "markets", limit=1000)
    assert old
    event = old[0]["event_ticker"]
    assert (await talk.json(f"/events/{event}", with_nested_markets="true"))["event"][
        "markets"
    ] == []
    ticker = old[0]["ticker"]
    assert (await talk.get(f"/markets/{ticker}")).status_code == 404
    assert (await talk.json(f"/historical/markets/{ticker}"))["market"]["ticker"] == ticker
    cutoff = (await talk.json("/historical/cutoff"))["market_settled_ts"]
    assert all(row["settlement_ts"] < cutoff for row in old)
    live = await talk.walk("/markets", "markets", limit=1000, status="settled")
    assert all(row["settlement_ts"] >= cutoff for row in live)


async def test_historical_filters_exclude_each_other(talk: Talk) -> None:
    response = await talk.get("/historical/markets", tickers="A", event_ticker="B")
    assert response.status_code == 400
    assert response.json()["code"] == "bad_request"


async def test_single_event_with_and_without_markets(talk: Talk) -> None:
    ticker = (await talk.json("/events", status="open"))["events"][0]["event_ticker"]
    beside = await talk.json(f"/events/{ticker}")
    nested = await talk.json(f"/events/{ticker}", with_nested_markets="true")
    bare = await talk.json(f"/events/{ticker}", exclude_markets="true")
    assert beside["markets"] == nested["event"]["markets"]
    assert beside["markets"]
    assert nested["markets"] == bare["markets"] == []
    assert "markets" not in beside["event"]
    both = {"exclude_markets": "true", "with_nested_markets": "true"}
    assert (await talk.get(f"/events/{ticker}", **both)).status_code == 400


async def test_series_filters(talk: Talk) -> None:
    every = (await talk.json("/series"))["series"]
    sports = (await talk.json("/series", category="Sports"))["series"]
    assert {row["category"] for row in sports} == {"Sports"}
    assert (await talk.json("/series", category="sports"))["series"] == []
    hockey = (await talk.json("/series", tags="Hockey"))["series"]
    assert hockey
    assert all("Hockey" in row["tags"] for row in hockey)
    fresh = (await talk.json("/series", min_updated_ts=NOON_S - 7 * DAY_S))["series"]
    assert 0 < len(fresh) < len(every)
    assert not any("product_metadata" in row or "volume_fp" in row for row in every)
    full = await talk.json("/series", include_product_metadata="true", include_volume="true")
    assert all("volume_fp" in row for row in full["series"])
    assert any("product_metadata" in row for row in full["series"])


async def test_unknown_things_are_404_in_the_two_shapes(talk: Talk) -> None:
    for path in ("/markets/NONE", "/events/NONE", "/nowhere"):
        response = await talk.get(path)
        assert response.status_code == 404
        assert response.json()["error"]["code"] == "not_found"
    for path in ("/series/NONE", "/markets/NONE/orderbook"):
        response = await talk.get(path)
        assert response.status_code == 404
        assert response.json()["code"] == "not_found"


async def test_milestones_come_with_games_when_asked_for(talk: Talk) -> None:
    body = await talk.json("/events", with_milestones="true", series_ticker="KXNBAGAME")
    games = body["milestones"]
    assert {ticker for game in games for ticker in game["related_event_tickers"]} == {
        event["event_ticker"] for event in body["events"]
    }
    assert "milestones" not in await talk.json("/events")
