"""Faults of pages and rows as a client sees them."""

import json
from typing import Any

import pytest

from sandbox.faults.rows import POISONS
from tests.contract.sandbox.conftest import Talk, Talks


async def _tickers(talk: Talk, **params: Any) -> list[str]:
    return [row["ticker"] for row in await talk.walk("/markets", "markets", limit=100, **params)]


async def test_gaps_leave_rows_out_of_listings_only(talk: Talk) -> None:
    whole = await _tickers(talk)
    await talk.put_faults(gap=0.1)
    left = await _tickers(talk)
    missing = set(whole) - set(left)
    assert 0.05 < len(missing) / len(whole) < 0.2
    assert await _tickers(talk) == left
    for ticker in sorted(missing)[:5]:
        assert (await talk.json(f"/markets/{ticker}"))["market"]["ticker"] == ticker
    dropped = (await talk.stats())["dropped"]["markets"]
    assert set(dropped) == missing
    nested = await talk.walk("/events", "events", with_nested_markets="true")
    inside = {market["ticker"] for event in nested for market in event["markets"]}
    assert not missing & inside


async def test_vanished_rows_answer_404_until_they_return(talk: Talk) -> None:
    whole = await _tickers(talk)
    await talk.put_faults(vanish={"ids": whole[:3]})
    assert set(whole) - set(await _tickers(talk)) == set(whole[:3])
    assert (await talk.get(f"/markets/{whole[0]}")).status_code == 404
    await talk.client.delete("/_faults")
    assert (await talk.get(f"/markets/{whole[0]}")).status_code == 200


async def test_reorder_keeps_every_row_once(talk: Talk) -> None:
    whole = await _tickers(talk)
    await talk.put_faults(reorder=True)
    shuffled = await _tickers(talk)
    assert shuffled != whole
    assert sorted(shuffled) == sorted(whole)


async def test_a_repeated_page_comes_under_a_new_cursor(talk: Talk) -> None:
    whole = await _tickers(talk)
    await talk.put_faults(repeat_page={"count": 1})
    again = await _tickers(talk)
    assert len(again) == len(whole) + 100
    assert set(again) == set(whole)


async def _last_page(talk: Talk) -> dict[str, Any]:
    body = await talk.json("/markets", limit=1000, mve_filter="exclude")
    while len(body["markets"]) == 1000:
        body = await talk.json("/markets", limit=1000, mve_filter="exclude", cursor=body["cursor"])
    return body


async def test_a_repeated_cursor_repeats_for_ever(talk: Talk) -> None:
    await talk.put_faults(repeat_cursor={"count": 1})
    first = await _last_page(talk)
    cursor = first["cursor"]
    assert cursor
    for _ in range(3):
        body = await talk.json("/markets", limit=1000, mve_filter="exclude", cursor=cursor)
        assert body["cursor"] == cursor
        assert body["markets"] == first["markets"]


async def test_a_cursor_may_be_stuck_in_the_middle(talk: Talk) -> None:
    await talk.put_faults(repeat_cursor={"at": "middle", "count": 1})
    first = await talk.json("/markets", limit=10)
    second = await talk.json("/markets", limit=10, cursor=first["cursor"])
    assert second["cursor"] == first["cursor"]
    assert second["markets"] == first["markets"]


async def test_empty_pages_behind_the_end_go_on_for_ever(talk: Talk) -> None:
    await talk.put_faults(empty_page_with_cursor={"count": 1})
    body = await _last_page(talk)
    seen = set()
    for _ in range(4):
        assert body["cursor"] not in seen
        seen.add(body["cursor"])
        body = await talk.json("/markets", limit=1000, mve_filter="exclude", cursor=body["cursor"])
        assert body["markets"] == []


async def test_an_empty_page_in_the_middle_hides_nothing(talk: Talk) -> None:
    whole = await _tickers(talk)
    await talk.put_faults(empty_page_with_cursor={"at": "middle", "count": 1})
    first = await talk.json("/markets", limit=100)
    assert first["markets"] == []
    assert first["cursor"]
    second = await talk.json("/markets", limit=100, cursor=first["cursor"])
    assert [row["ticker"] for row in second["markets"]] == whole[:100]


@pytest.mark.parametrize(
    ("knob", "expected"),
    [
        pytest.param("null_cursor", {"cursor": None}, id="null"),
        pytest.param("absent_cursor", {}, id="absent"),
    ],
)
async def test_ends_without_an_empty_string(
    talk: Talk, knob: str, expected: dict[str, None]
) -> None:
    await talk.put_faults(**{knob: True})
    body = await _last_page(talk)
    assert {key: value for key, value in body.items() if key != "markets"} == expected


async def test_mild_spoiling_is_named_row_by_row(talk: Talk) -> None:
    await talk.put_faults(unknown_enum=0.2, nulls=0.2, missing_fields=0.2, extra_fields=0.2)
    rows = {row["ticker"]: row for row in (await talk.json("/markets", limit=200))["markets"]}
    altered = (await talk.stats())["altered"]["markets"]
    assert 80 < len(altered) < 180
    for ticker, done in altered.items():
        for what in done:
            name, _, field = what.partition(":")
            if name == "extra_fields":
                assert "brand_new_field" in rows[ticker]
            elif name == "missing_fields":
                assert field not in rows[ticker]
            elif name == "nulls" and f"missing_fields:{field}" not in done:
                assert rows[ticker][field] is None
    untouched = set(rows) - set(altered)
    assert all(None not in rows[ticker].values() for ticker in untouched)


async def test_stale_rows_are_older_versions(talk: Talk) -> None:
    fresh = {row["ticker"]: row for row in await talk.walk("/markets", "markets", limit=1000)}
    await talk.put_faults(stale_rows=0.2)
    stale = {row["ticker"]: row for row in await talk.walk("/markets", "markets", limit=1000)}
    altered = (await talk.stats())["altered"]["markets"]
    assert altered
    for ticker in altered:
        assert stale[ticker]["updated_time"] <= fresh[ticker]["updated_time"]
        assert stale[ticker] != fresh[ticker]
    for ticker in set(fresh) - set(altered):
        assert stale[ticker] == fresh[ticker]


@pytest.mark.parametrize("kind", sorted(POISONS))
async def test_poison_reaches_the_wire_and_the_counters(talk: Talk, kind: str) -> None:
    await talk.put_faults(poisoned_rows={"count": 1, "kinds": [kind], "rows": ["markets"]})
    response = await talk.get("/markets", limit=5)
    stats = await talk.stats()
    assert stats["rows_poisoned"] == {"markets": 1}
    ((ticker, done),) = stats["poisoned"]["markets"].items()
    assert done == [f"poisoned_rows:{kind}"]
    rows = json.loads(response.content)["markets"]
    assert len(rows) == 5
    if kind == "not_an_object":
        assert not isinstance(rows[0], dict)
    else:
        assert rows[0]["ticker"] == ticker
    single = await talk.get(f"/markets/{ticker}")
    assert single.status_code == 200
    assert (await talk.stats())["poisoned"]["markets"] == {ticker: done}


async def test_all_row_faults_together_keep_the_page_splittable(talk: Talk) -> None:
    knobs = dict.fromkeys(
        ("gap", "unknown_enum", "nulls", "missing_fields", "extra_fields", "poisoned_rows"), 0.3
    )
    await talk.put_faults(**knobs, stale_rows=0.3)
    for path in ("/series", "/events?with_nested_markets=true", "/markets?limit=1000"):
        body = json.loads((await talk.get(path)).content)
        assert any(isinstance(value, list) and value for value in body.values())
    stats = await talk.stats()
    assert set(stats["poisoned"]) == {"series", "events", "markets"}
    assert stats["rows_served"]["markets"] > 500


async def test_faults_repeat_with_the_seed(talks: Talks) -> None:
    answers = []
    for _ in range(2):
        talk = talks(events=30)
        await talk.put_faults(poisoned_rows=0.2, nulls=0.2, gap=0.1, error_500=0.3)
        answers.append([(await talk.get("/markets")).content for _ in range(20)])
    assert answers[0] == answers[1]
    assert len(set(answers[0])) == 2
