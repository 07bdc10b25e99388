"""Floods: rates, rising times, and the truth about what was sent."""

import time

import pytest

from tests.contract.sandbox.stream.conftest import Online


async def test_true_states_with_rising_times(online: Online) -> None:
    line = await online(speed=0.0)
    await line.subscribe("ticker")
    await line.put_flood(tickers_per_second=5_000)
    newest: dict[str, int] = {}
    for message in await line.take(3_000, "ticker"):
        msg = message["msg"]
        assert msg["ts_ms"] > newest.get(msg["market_ticker"], 0)
        newest[msg["market_ticker"]] = msg["ts_ms"]
    ticker = next(iter(newest))
    row = (await line.talk.json(f"/markets/{ticker}"))["market"]
    told = next(m["msg"] for m in line.seen if m.get("msg", {}).get("market_ticker") == ticker)
    assert told["yes_bid_dollars"] == row["yes_bid_dollars"]
    assert told["volume_fp"] == row["volume_fp"]


async def test_announcements_are_all_different(online: Online) -> None:
    line = await online()
    await line.subscribe("market_lifecycle_v2")
    await line.put_flood(lifecycle_per_second=1_000, seconds=0.5)
    found = await line.take(300, "market_lifecycle_v2")
    assert {m["msg"]["event_type"] for m in found} == {"metadata_updated"}
    assert len({str(m["msg"]) for m in found}) == 300


async def test_what_was_sent_is_known(online: Online) -> None:
    line = await online()
    await line.subscribe("ticker")
    await line.put_flood(tickers_per_second=500, seconds=0.5)
    found = await line.take(100, "ticker")
    answer = await line.talk.client.get("/_stream/sent", params={"after": 0, "limit": 100})
    rows = answer.json()["tickers"]
    assert [row[0] for row in rows] == list(range(1, 101))
    for message, (_, at_us, ticker, ts_ms, price, volume, fault) in zip(found, rows, strict=True):
        msg = message["msg"]
        assert (msg["market_ticker"], msg["ts_ms"]) == (ticker, ts_ms)
        assert (msg["price_dollars"], msg["volume_fp"], fault) == (price, volume, "")
        assert abs(at_us / 1_000 - message["sending_ts_ms"]) < 2_000
    await line.take(10, "ticker")
    more = await line.talk.client.get("/_stream/sent", params={"after": 100, "limit": 1})
    assert more.json()["tickers"][0][0] == 101
    stats = (await line.talk.client.get("/_stream/stats")).json()
    assert stats["frames"]["ticker"] >= 100
    assert stats["connections"]["now"][0]["subscriptions"][0]["channel"] == "ticker"
    assert stats["commands"]["WS subscribe"] == 1


@pytest.mark.parametrize("query", ["after=x", "limit=0", "limit=50001"])
async def test_bad_questions(online: Online, query: str) -> None:
    line = await online()
    assert (await line.talk.client.get(f"/_stream/sent?{query}")).status_code == 400


@pytest.mark.parametrize("body", [{"tickers_per_second": -1}, {"seconds": "long"}, [1]])
async def test_bad_floods(online: Online, body: object) -> None:
    line = await online()
    assert (await line.talk.client.put("/_stream/flood", json=body)).status_code == 400


async def test_throughput(online: Online, capsys: pytest.CaptureFixture[str]) -> None:
    line = await online()
    await line.subscribe("ticker")
    await line.put_flood(tickers_per_second=10_000)
    await line.raw()
    began, cpu = time.perf_counter(), time.process_time()
    for _ in range(10_000):
        await line.socket.recv(decode=False)
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    with capsys.disabled():
        note = f"{10_000 / took:,.0f} frames/s, client and server together {cpu / took:.0%} CPU"
        print(f"\n  {note}", end="")  # noqa: T201
    assert took < 20
