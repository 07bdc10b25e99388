"""What does not make sense is answered with one sentence and one word, never with an echo."""

from datetime import timedelta
from typing import Any

import pytest

from tests.factories import NOW, make_market
from tests.integration.api.serving import Client, Save

ECHO = "zebra"  # sent somewhere in every bad request that has room for it

BAD: list[Any] = [
    pytest.param("/v1/markets?limit=0", "limit", id="limit 0"),
    pytest.param("/v1/markets?limit=201", "limit", id="limit 201"),
    pytest.param(f"/v1/markets?limit={ECHO}", "limit", id="limit is a word"),
    pytest.param("/v1/markets?limit=1e2", "limit", id="limit with an exponent"),
    pytest.param(f"/v1/markets?sort={ECHO}", "sort", id="unknown sort"),
    pytest.param(f"/v1/markets?status={ECHO}", "status", id="unknown status"),
    pytest.param(f"/v1/markets?exchange={ECHO}", "exchange", id="unknown exchange"),
    pytest.param("/v1/markets?exchange=", "exchange", id="empty exchange"),
    pytest.param(f"/v1/markets?{ECHO}=1", "parameter", id="unknown parameter"),
    pytest.param("/v1/markets?limit=5&limit=6", "parameter", id="a parameter twice"),
    pytest.param("/v1/markets?q=a", "q", id="search too short"),
    pytest.param("/v1/markets?q=%20a%20", "q", id="search too short but for blanks"),
    pytest.param(f"/v1/markets?q={ECHO * 40}", "q", id="search too long"),
    pytest.param("/v1/markets?q=" + "+".join("abcdefghij"), "q", id="search of ten words"),
    pytest.param(f"/v1/markets?q={ECHO}%00", "q", id="NUL in the search"),
    pytest.param(f"/v1/markets?category={ECHO}%00", "category", id="NUL in the category"),
    pytest.param("/v1/markets?category=", "category", id="empty category"),
    pytest.param(f"/v1/markets?category={ECHO * 50}", "category", id="huge category"),
    pytest.param("/v1/markets?closes_after=2026-11-22T12:00:00", "closes_after", id="no zone"),
    pytest.param(f"/v1/markets?closes_after={ECHO}", "closes_after", id="no time"),
    pytest.param("/v1/markets?closes_before=0001-01-01T00:00:00Z", "closes_before", id="year 1"),
    pytest.param(
        "/v1/markets?closes_before=9999-12-31T23:59:59-23:00", "closes_before", id="year 10000"
    ),
    pytest.param("/v1/markets?include_combos=maybe", "include_combos", id="not a yes or no"),
    pytest.param(f"/v1/markets?series={ECHO}", "id", id="series neither form"),
    pytest.param(f"/v1/markets?event={ECHO}:X", "id", id="event of an unknown exchange"),
    pytest.param("/v1/markets?event=kalshi:%00", "event", id="NUL in an event"),
    pytest.param(f"/v1/markets?cursor={ECHO}", "cursor", id="cursor of nobody"),
    pytest.param("/v1/markets?cursor=%C3%A9", "cursor", id="cursor not ascii"),
    pytest.param(f"/v1/markets?cursor={ECHO * 200}", "cursor", id="huge cursor"),
    pytest.param("/v1/markets?" + "&".join(["status=open"] * 60), "parameters", id="60 parameters"),
    pytest.param("/v1/markets?" + "&".join(["status=open"] * 9), "status", id="nine statuses"),
    pytest.param(f"/v1/markets/{ECHO}", "id", id="market neither form"),
    pytest.param("/v1/markets/kalshi:%00", "market", id="NUL in a market"),
    pytest.param(f"/v1/markets/{ECHO}:X", "id", id="market of an unknown exchange"),
    pytest.param(f"/v1/markets/kalshi:{ECHO * 50}", "market", id="huge market"),
    pytest.param(f"/v1/events/{ECHO}", "id", id="event neither form"),
    pytest.param(f"/v1/series/{ECHO}", "id", id="series neither form in the path"),
    pytest.param("/v1/events?event=kalshi:X", "parameter", id="events have no event filter"),
    pytest.param("/v1/series?sort=volume", "parameter", id="series have one order"),
]


@pytest.mark.parametrize(("url", "named"), BAD)
async def test_bad_requests(client: Client, url: str, named: str) -> None:
    answer = await client.get(url)

    problem = answer.json()
    assert answer.status_code == 422
    assert set(problem) == {"detail", "code"}
    assert named in problem["detail"]
    assert ECHO not in answer.text
    assert problem["code"] in {"invalid_request", "invalid_cursor"}


@pytest.mark.parametrize(
    ("method", "url", "status", "code"),
    [
        pytest.param("GET", "/nothing", 404, "not_found", id="no such route"),
        pytest.param("GET", "/v1/markets/", 404, "not_found", id="slash at the end"),
        pytest.param("POST", "/v1/markets", 405, "method_not_allowed", id="wrong method"),
        pytest.param("GET", f"/v1/markets/{'0' * 32}", 404, "not_found", id="no such market"),
        pytest.param("GET", "/v1/markets/kalshi:NO-SUCH", 404, "not_found", id="no such ticker"),
        pytest.param("GET", "/v1/events/kalshi:NO-SUCH", 404, "not_found", id="no such event"),
        pytest.param("GET", "/v1/series/polymarket:NO", 404, "not_found", id="no such series"),
    ],
)
async def test_what_is_not_there(
    client: Client, method: str, url: str, status: int, code: str
) -> None:
    answer = await client.request(method, url)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert isinstance(answer.json()["detail"], str)


async def test_a_cursor_is_good_only_for_the_list_it_came_from(client: Client, save: Save) -> None:
    await save(*(make_market(close_at=NOW + timedelta(hours=n)) for n in range(3)))
    params: dict[str, Any] = {"sort": "close", "limit": 1}
    cursor = (await client.get("/v1/markets", params=params)).json()["cursor"]

    async def status(path: str, **changed: Any) -> int:
        asked = {**params, "cursor": cursor, **changed}
        return (await client.get(path, params=asked)).status_code

    assert await status("/v1/markets") == 200
    assert await status("/v1/markets", limit=2) == 200
    assert await status("/v1/markets", sort="newest") == 422
    assert await status("/v1/markets", status="open") == 422
    assert await status("/v1/events") == 422
    for place in range(0, len(cursor), 7):
        other = "A" if cursor[place] != "A" else "B"
        tampered = cursor[:place] + other + cursor[place + 1 :]
        assert await status("/v1/markets", cursor=tampered) == 422
    assert await status("/v1/markets", cursor=cursor[:-4]) == 422


async def test_an_empty_cursor_is_the_start(client: Client, save: Save) -> None:
    await save(make_market())

    assert len((await client.get("/v1/markets?cursor=")).json()["markets"]) == 1


async def test_a_body_over_64_kb_is_refused(client: Client) -> None:
    answer = await client.post("/v1/markets", content=b"x" * 70_000)

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
