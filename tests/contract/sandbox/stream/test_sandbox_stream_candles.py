"""Candles beside a replay, against a fold that shares nothing with the sandbox."""

import gzip
import json
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.contract.sandbox.stream.conftest import Online, tick

TICKERS = "ticker_kxbtc15m_2026-05-11_12.jsonl.gz"


def plain_candles(msgs: Iterable[dict[str, Any]]) -> dict[tuple[str, int], dict[str, Any]]:
    """Fold frames as the definition reads, sharing nothing with the sandbox."""
    bars: dict[tuple[str, int], dict[str, Any]] = {}
    newest: Counter[str] = Counter()
    volumes: dict[str, Decimal] = {}
    for msg in msgs:
        ticker, ts_ms = msg["market_ticker"], msg["ts_ms"]
        bar = bars.setdefault((ticker, ts_ms // 60_000 * 60 + 60), {"volume": Decimal(0)})
        volume, price = Decimal(msg["volume_fp"]), msg["price_dollars"]
        bar["volume"] += max(volume - volumes.get(ticker, volume), Decimal(0))
        is_late = ts_ms < newest[ticker]
        volumes[ticker] = max(volume, volumes.get(ticker, volume)) if is_late else volume
        if price and (Decimal(price) or volume):
            bar.setdefault("prices", []).append((Decimal(price), is_late))
        if not is_late:
            newest[ticker] = ts_ms
            bar |= {"bid": msg["yes_bid_dollars"], "ask": msg["yes_ask_dollars"]}
            bar["open_interest"] = msg["open_interest_fp"]
    return bars


def check(candle: dict[str, Any], bar: dict[str, Any]) -> int:
    prices = [price for price, _ in bar.get("prices", [])]
    closes = [price for price, is_late in bar.get("prices", []) if not is_late] or prices
    wanted = {"open": prices[0], "high": max(prices), "low": min(prices), "close": closes[-1]}
    for name, price in wanted.items():
        assert Decimal(candle["price"][f"{name}_dollars"]) == price
    assert Decimal(candle["volume_fp"]) == bar["volume"]
    assert candle["open_interest_fp"] == bar["open_interest"]
    assert candle["yes_bid"]["close_dollars"] == bar["bid"]
    assert candle["yes_ask"]["close_dollars"] == bar["ask"]
    return 8


async def test_candles_are_those_of_a_plain_fold(
    online: Online, shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = shared_data / "kalshi" / "ws" / TICKERS
    line = await online(
        frames=(path,), frames_by="replay_ms", frames_speed=0.0, frames_copies=2, read_rate=1e9
    )
    await line.subscribe("ticker")
    while not (line.stream.replay and line.stream.replay.is_done):
        await line.raw()
    with gzip.open(path) as rows:
        bars = plain_candles(json.loads(row)["frame"]["msg"] for row in rows)
    tickers = sorted({ticker for ticker, _ in bars})
    compared = 0
    for copy in ("", "X1"):
        answer = await line.talk.json(
            "/markets/candlesticks",
            market_tickers=",".join(ticker + copy for ticker in tickers),
            start_ts=min(end for _, end in bars),
            end_ts=min(end for _, end in bars) + 9_000 * 60,
            period_interval=1,
        )
        found = {
            (row["market_ticker"].removesuffix(copy), candle["end_period_ts"]): candle
            for row in answer["markets"]
            for candle in row["candlesticks"]
        }
        assert found.keys() == bars.keys()
        compared += sum(check(candle, bars[key]) for key, candle in found.items())
    with capsys.disabled():
        print(f"\n  {len(bars)} candles twice, {compared} figures compared", end="")  # noqa: T201


async def test_late_and_untraded_frames_in_candles(online: Online, write: Any) -> None:
    frames = [
        tick("KXA-1-B", 60_000, "0.0000", "0.00"),
        tick("KXA-1-B", 61_000, "0.5000", "10.00"),
        tick("KXA-1-B", 63_000, "0.5500", "20.00", yes_bid_dollars="0.5400"),
        tick("KXA-1-B", 62_000, "0.9000", "15.00", yes_bid_dollars="0.0100"),
        tick("KXA-1-B", 64_000, "", "20.00", open_interest_fp="9.00"),
    ]
    line = await online(frames=(write({"frame": frame} for frame in frames),), frames_speed=0.0)
    await line.subscribe("ticker")
    await line.take(5, "ticker")
    path = "/series/KXA/markets/KXA-1-B/candlesticks"
    body = await line.talk.json(path, start_ts=0, end_ts=600, period_interval=1)
    (candle,) = body["candlesticks"]
    assert candle["price"] == {
        "open_dollars": "0.5000",
        "high_dollars": "0.9000",
        "low_dollars": "0.5000",
        "close_dollars": "0.5500",
    }
    assert (candle["volume_fp"], candle["open_interest_fp"]) == ("20.00", "9.00")
    assert candle["yes_bid"]["close_dollars"] == "0.4000"
    hour = await line.talk.json(path, start_ts=0, end_ts=3_600, period_interval=60)
    assert hour["candlesticks"] == [candle | {"end_period_ts": 3_600}]


async def test_candles_hold_only_what_is_due(online: Online, write: Any) -> None:
    rows = [
        {"recv_ms": 0, "frame": tick("KXA-1-B", 60_000, "0.5000", "1.00")},
        {"recv_ms": 3_600_000, "frame": tick("KXA-1-B", 61_000, "0.9000", "2.00")},
    ]
    line = await online(frames=(write(rows),))
    path = "/markets/candlesticks"
    asked = {"market_tickers": "KXA-1-B", "start_ts": 0, "end_ts": 600, "period_interval": 1}
    assert (await line.talk.json(path, **asked))["markets"][0]["candlesticks"] == []
    await line.subscribe("ticker")
    await line.next("ticker")
    (candle,) = (await line.talk.json(path, **asked))["markets"][0]["candlesticks"]
    assert candle["price"]["high_dollars"] == "0.5000"
