"""Each fault as a client sees it, and what the counters say about it."""

import asyncio
import json
import time

import httpx
import pytest

from tests.contract.sandbox.conftest import Serve, Talk, Talks


async def test_html_500(talk: Talk) -> None:
    await talk.put_faults(error_500={"count": 1})
    response = await talk.get("/markets")
    assert response.status_code == 500
    assert response.headers["content-type"].startswith("text/html")
    assert response.text.startswith("<html>")
    assert (await talk.get("/markets")).status_code == 200


async def test_503_in_the_flat_shape(talk: Talk) -> None:
    await talk.put_faults(error_503={"count": 1, "route": "GET /events"})
    assert (await talk.get("/markets")).status_code == 200
    response = await talk.get("/events")
    assert response.status_code == 503
    assert response.json()["code"] == "service_unavailable"


async def test_maintenance_closes_everything_and_says_so(talk: Talk) -> None:
    await talk.put_faults(maintenance=True)
    status = await talk.get("/exchange/status")
    assert status.status_code == 503
    assert status.json()["exchange_active"] is False
    assert status.json()["trading_active"] is False
    assert status.json()["exchange_estimated_resume_time"] == "2026-11-22T12:10:00Z"
    assert (await talk.get("/markets")).status_code == 503
    await talk.client.delete("/_faults")
    assert (await talk.json("/exchange/status"))["exchange_active"] is True


async def test_thursday_pause(talk: Talk, talks: Talks) -> None:
    thursday = 1_795_682_400_000_000  # 2026-11-26 04:00 Eastern
    paused = await talks(events=10, now_us=thursday).json("/exchange/status")
    assert (paused["exchange_active"], paused["trading_active"]) == (True, False)
    assert (await talk.json("/exchange/status"))["trading_active"] is True


async def test_truncated_json_is_valid_http(talk: Talk) -> None:
    await talk.put_faults(truncate={"count": 1})
    response = await talk.get("/markets")
    assert response.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        response.json()


async def test_a_reset_drops_the_connection(serve: Serve) -> None:
    talk = await serve(events=10)
    await talk.put_faults(reset={"count": 1})
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        await talk.get("/markets")
    assert (await talk.get("/markets")).status_code == 200
    assert (await talk.stats())["faults"] == {"reset": 1}


async def test_a_closed_truncation_breaks_its_promise(serve: Serve) -> None:
    talk = await serve(events=10)
    await talk.put_faults(truncate={"count": 1, "mode": "closed"})
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await talk.get("/markets")
    assert (await talk.get("/markets")).status_code == 200


async def test_a_hang_outlasts_the_client_and_ends_with_it(serve: Serve) -> None:
    talk = await serve(events=10)
    await talk.put_faults(hang={"count": 1, "seconds": 60})
    with pytest.raises(httpx.ReadTimeout):
        await talk.client.get("/trade-api/v2/series", timeout=0.3)
    assert (await talk.get("/series")).status_code == 200


async def test_a_short_hang_answers_late(serve: Serve) -> None:
    talk = await serve(events=10)
    await talk.put_faults(hang={"count": 1, "seconds": 0.3})
    begin = time.perf_counter()
    assert (await talk.get("/series")).status_code == 200
    assert time.perf_counter() - begin >= 0.3


async def test_slow_trickles_the_whole_body(serve: Serve) -> None:
    talk = await serve(events=10)
    await talk.put_faults(slow={"count": 1, "seconds": 0.4})
    pieces = 0
    begin = time.perf_counter()
    async with talk.client.stream("GET", "/trade-api/v2/markets") as response:
        body = b""
        async for piece in response.aiter_raw():
            pieces += 1
            body += piece
    assert time.perf_counter() - begin >= 0.4
    assert pieces > 5
    assert json.loads(body)["markets"]


async def test_other_requests_go_on_during_a_hang(serve: Serve) -> None:
    talk = await serve(events=10)
    await talk.put_faults(hang={"count": 1, "seconds": 2, "route": "GET /markets"})
    slow = asyncio.create_task(talk.get("/markets"))
    await asyncio.sleep(0.05)
    begin = time.perf_counter()
    assert (await talk.get("/series")).status_code == 200
    assert time.perf_counter() - begin < 1
    slow.cancel()


async def test_knobs_are_read_replaced_and_refused(talk: Talk) -> None:
    await talk.put_faults(hang={"rate": 0.5, "seconds": 3}, gap=0.1)
    shown = (await talk.client.get("/_faults")).json()
    assert shown["kalshi"] == {"hang": {"rate": 0.5, "seconds": 3}, "gap": {"rate": 0.1}}
    refused: list[object] = [{"kalshi": {"odd": 1}}, {"odd": {}}, {"kalshi": 1}, [1]]
    for body in refused:
        response = await talk.client.put("/_faults", json=body)
        assert response.status_code == 400
        assert response.json()["detail"]
    assert (await talk.client.get("/_faults")).json() == shown
    assert (await talk.client.delete("/_faults")).json()["kalshi"] == {}
