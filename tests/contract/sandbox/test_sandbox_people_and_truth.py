"""`/_people`, `/_shock` and `/_truth` on a real socket, and the flags that make things happen."""

import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.people import CrowdPlan
from sandbox.shocks import Schedule
from tests.contract.sandbox.conftest import Serve, Talk
from tests.sandbox_process import start_sandbox


async def advance(talk: Talk, seconds: float) -> None:
    """Let virtual time pass."""
    response = await talk.client.put("/_clock", json={"advance_s": seconds})
    assert response.status_code == 200


async def people_of(talk: Talk, **params: Any) -> dict[str, Any]:
    response = await talk.client.get("/_people", params=params)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def truth_of(talk: Talk, **params: Any) -> list[dict[str, Any]]:
    response = await talk.client.get("/_truth", params=params)
    assert response.status_code == 200, response.text
    told: list[dict[str, Any]] = response.json()
    return told


def mid(row: dict[str, Any]) -> float:
    return (float(row["yes_bid_dollars"]) + float(row["yes_ask_dollars"])) / 2


async def test_people_as_the_issue_describes_them(serve: Serve) -> None:
    talk = await serve(events=40)
    body = await people_of(talk)
    assert body["after"] == ""
    assert len(body["people"]) == 25
    listed = {
        row["ticker"] for row in await talk.walk("/markets", "markets", limit=1000, status="open")
    }
    for person in body["people"]:
        assert set(person) == {
            "id",
            "name",
            "timezone",
            "devices",
            "positions",
            "follows",
            "preferences",
        }
        for device in person["devices"]:
            assert set(device) == {"kind", "address"}
        for position in person["positions"]:
            assert position["exchange"] == "kalshi"
            assert position["market_ext_id"] in listed
            assert position["side"] in ("yes", "no")
            whole, part = position["contracts"].split(".")
            assert whole.isdecimal()
            assert len(part) == 2
            assert len(position["average_price"]) == len("0.5400")
        for follow in person["follows"]:
            assert set(follow) == {"kind", "exchange", "ext_id", "push"}
    again = await serve(events=40)
    assert await people_of(again) == body


async def test_people_in_pages(serve: Serve) -> None:
    talk = await serve(events=20, crowd=CrowdPlan(60))
    everybody = (await people_of(talk))["people"]
    found: list[Any] = []
    after = ""
    while True:
        page = await people_of(talk, limit=25, after=after)
        found += page["people"]
        after = page["after"]
        if not after:
            break
    assert found == everybody
    assert len(found) == 60
    assert (await people_of(talk, after=found[-1]["id"]))["people"] == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        pytest.param("limit=0", 400, id="nothing"),
        pytest.param("limit=5001", 400, id="too-many"),
        pytest.param("limit=x", 400, id="no-number"),
        pytest.param("after=nobody", 404, id="unknown"),
    ],
)
async def test_refused_pages(serve: Serve, query: str, status: int) -> None:
    talk = await serve(events=10)
    response = await talk.client.get(f"/_people?{query}")
    assert response.status_code == status
    assert response.json()["detail"]


async def test_people_have_no_markets_beside_a_recording(serve: Serve, tmp_path: Path) -> None:
    entry = {"route": "GET /trade-api/v2/series", "file": "rows.json", "wrap": "series"}
    (tmp_path / "rows.json").write_text('[{"ticker": "KXREAL"}]')
    (tmp_path / "manifest.json").write_text(json.dumps([entry]))
    talk = await serve(recordings=tmp_path)
    people = (await people_of(talk))["people"]
    assert len(people) == 25
    assert not any(person["positions"] for person in people)
    assert (await talk.client.post("/_shock", json={"delta": "0.1"})).status_code == 404
    assert await truth_of(talk) == []


async def test_a_shock_without_a_ticker_hits_what_somebody_holds(serve: Serve) -> None:
    talk = await serve(events=40)
    held = {
        position["market_ext_id"]
        for person in (await people_of(talk))["people"]
        for position in person["positions"]
    }
    hit = []
    for _ in range(3):
        response = await talk.client.post(
            "/_shock", json={"kind": "private", "delta": "0.1", "seconds": 15}
        )
        assert response.status_code == 201
        told = response.json()
        assert told["ticker"] in held
        row = (await talk.json(f"/markets/{told['ticker']}"))["market"]
        assert 0.15 <= mid(row) <= 0.85
        hit.append(row["event_ticker"])
    assert len(set(hit)) == 3, "another game each time"


async def test_the_siblings_of_a_game_move_too(serve: Serve) -> None:
    talk = await serve(events=40)
    told = (await talk.client.post("/_shock", json={"delta": "-0.12", "seconds": 15})).json()
    assert told["markets"][0] == told["ticker"]
    assert len(told["markets"]) >= 2
    before = {t: (await talk.json(f"/markets/{t}"))["market"] for t in told["markets"]}
    await advance(talk, 300)
    for ticker in told["markets"]:
        row = (await talk.json(f"/markets/{ticker}"))["market"]
        worth = told["prices"][ticker]
        moved = float(worth["after"]) - float(worth["before"])
        if abs(moved) > 0.02:
            assert (mid(row) - mid(before[ticker])) * moved > 0
            assert float(row["volume_fp"]) > float(before[ticker]["volume_fp"])


@pytest.mark.parametrize("form", ["sweep", "blink"])
async def test_noise_on_demand_is_gone_after_minutes(serve: Serve, form: str) -> None:
    talk = await serve(events=40)
    response = await talk.client.post(
        "/_shock", json={"kind": "noise", "delta": "0.08", "seconds": 10, "form": form}
    )
    assert response.status_code == 201
    told = response.json()
    assert (told["kind"], told["form"], told["delta"]) == ("noise", form, "0.08")
    path = f"/markets/{told['ticker']}"
    [worth] = told["prices"].values()
    assert worth["before"] == worth["after"]
    calm = await serve(events=40)
    before = (await calm.json(path))["market"]
    await advance(talk, 5)
    stirred = (await talk.json(path))["market"]
    assert mid(stirred) - mid(before) >= 0.02
    assert (stirred["volume_fp"] == before["volume_fp"]) == (form == "blink")
    await advance(talk, 300)
    after = (await talk.json(path))["market"]
    assert abs(mid(after) - mid(before)) <= 0.015


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"kind": "public", "delta": "0.1"}, id="public"),
        pytest.param({"kind": "noise", "delta": "0.1", "form": "wave"}, id="form"),
        pytest.param({"kind": "noise", "delta": "0.1", "seconds": 121}, id="long-noise"),
        pytest.param({"kind": "private", "delta": "0.1", "seconds": 3_601}, id="long-news"),
        pytest.param({"kind": "private", "delta": "0.00001"}, id="less-than-a-price-unit"),
        pytest.param({"kind": "private"}, id="no-delta"),
    ],
)
async def test_refused_shocks(serve: Serve, body: dict[str, object]) -> None:
    talk = await serve(events=10)
    response = await talk.client.post("/_shock", json=body)
    assert response.status_code == 400
    assert response.json()["detail"]
    assert (await talk.client.get("/_shock")).json() == {"shocks": []}


async def test_the_truth_over_time(serve: Serve) -> None:
    talk = await serve(events=40, schedule=Schedule(first_s=20))
    start = datetime.fromisoformat((await talk.client.get("/_clock")).json()["now"])
    assert await truth_of(talk, since=start.isoformat()) == []
    earlier = await truth_of(talk)
    assert earlier, "news that the world drew before"
    assert all(one["at"] < start.isoformat() for one in earlier)
    asked = (await talk.client.post("/_shock", json={"kind": "noise", "delta": "0.05"})).json()
    assert [one["id"] for one in await truth_of(talk, since=start.isoformat())] == [asked["id"]]
    await advance(talk, 20)
    later = [one for one in await truth_of(talk, since=start.isoformat()) if one != asked]
    [first] = [one for one in later if one["seconds"] == 15]
    assert datetime.fromisoformat(first["at"]) == start + timedelta(seconds=20)
    assert first["public"] is False
    assert first["cause"] == []
    assert first["trap"] is None
    everything = await truth_of(talk)
    ids = [one["id"] for one in everything]
    assert len(ids) == len(set(ids)) == len(earlier) + 1 + len(later)
    assert await truth_of(talk, after=ids[2]) == everything[3:]
    assert await truth_of(talk, after=ids[-1]) == []
    unescaped = await talk.client.get(f"/_truth?since={start.isoformat()}")
    assert unescaped.json() == await truth_of(talk, since=start.isoformat())
    for query in ("since=yesterday", "after=nothing"):
        assert (await talk.client.get(f"/_truth?{query}")).status_code in (400, 404)


async def test_the_first_shock_is_seen_in_quotes_and_trades(serve: Serve) -> None:
    talk = await serve(events=40, pace=20.0, schedule=Schedule(first_s=20))
    await advance(talk, 20)
    [told] = [one for one in await truth_of(talk) if one["seconds"] == 15]
    held = {
        position["market_ext_id"]
        for person in (await people_of(talk))["people"]
        for position in person["positions"]
    }
    assert told["ticker"] in held
    path = f"/markets/{told['ticker']}"
    before = (await talk.json(path))["market"]
    await advance(talk, 60)
    after = (await talk.json(path))["market"]
    sign = 1 if float(told["delta"]) > 0 else -1
    assert (mid(after) - mid(before)) * sign >= 0.1
    trades = (await talk.json("/markets/trades", ticker=told["ticker"], limit=1000))["trades"]
    new = [trade for trade in trades if trade["created_time"] > told["at"][:19]]
    assert len({trade["created_time"][:19] for trade in new}) >= 6
    assert sum(float(trade["count_fp"]) for trade in new) >= 300
    assert (await talk.client.get("/_shock")).json() == {"shocks": []}, "nobody asked for it"


async def test_seeded_prices_have_people_and_no_shocks(serve: Serve) -> None:
    talk = await serve(events=20, prices="seeded")
    assert any(person["positions"] for person in (await people_of(talk))["people"])
    assert await truth_of(talk) == []


def test_the_flags_of_a_process(tmp_path: Path) -> None:
    sandbox = start_sandbox(
        tmp_path, "--people", "3", "--holders-of", "busiest", "--first-shock", "0.1",
        "--shocks-per-hour", "60", "--noise-per-hour", "60", "--speed", "300",
    )  # fmt: skip
    try:
        people = sandbox.control("/_people")["people"]
        assert len(people) == 3
        shared = {position["market_ext_id"] for position in people[0]["positions"]}
        for person in people[1:]:
            shared &= {position["market_ext_id"] for position in person["positions"]}
        assert len(shared) == 1
        kinds: set[str] = set()
        while not kinds >= {"private", "noise", "first"}:  # the test's own limit ends it
            told = sandbox.control("/_truth")
            kinds = {str(one["kind"]) for one in told if one["seconds"]}
            kinds |= {"first" for one in told if one["seconds"] == 15}
    finally:
        sandbox.process.terminate()
        assert sandbox.process.wait(timeout=20) == 0


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        pytest.param(("--holders-of", "KXNONE"), "KXNONE", id="unknown-market"),
        pytest.param(("--prices", "seeded", "--first-shock", "5"), "--prices book", id="seeded"),
        pytest.param(("--shocks-per-hour", "-1"), "rate", id="negative-rate"),
        pytest.param(("--people", "-1"), "whole number", id="fewer-than-nobody"),
    ],
)
def test_flags_that_cannot_be(flags: tuple[str, ...], said: str) -> None:
    command = [sys.executable, "-m", "sandbox", "--events", "10", *flags]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert said in done.stderr
