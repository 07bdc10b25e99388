"""News on demand over the wire: it arrives as trades, and bad requests are refused."""

from typing import Any

import httpx
import pytest

from tests.contract.sandbox.conftest import Talk, Talks


async def lively(talk: Talk) -> dict[str, Any]:
    """Return the row of an open market in the middle of its range that trades often."""
    rows = await talk.walk("/markets", "markets", limit=1000, status="open", mve_filter="exclude")
    quoted = [
        row
        for row in rows
        if "0.00" not in (row["yes_bid_size_fp"], row["yes_ask_size_fp"])
        and 0.2 < float(row["last_price_dollars"]) < 0.8
    ]
    return max(quoted, key=lambda row: float(row["volume_fp"]))


async def shock(talk: Talk, **body: object) -> httpx.Response:
    return await talk.client.post("/_shock", json=body)


@pytest.mark.parametrize("delta", ["0.12", "-0.12"], ids=["up", "down"])
async def test_a_shock_moves_the_price_by_trades(talks: Talks, delta: str) -> None:
    talk = talks(events=20)
    row = await lively(talk)
    path = f"/markets/{row['ticker']}"
    response = await shock(talk, ticker=row["ticker"], delta=delta, seconds=60)
    assert response.status_code == 201
    told = response.json()
    assert (told["ticker"], told["delta"], told["seconds"]) == (row["ticker"], delta, 60)
    assert (await talk.json(path))["market"] == row, "nothing moves by itself"
    await talk.client.put("/_clock", json={"advance_s": 600})
    after = (await talk.json(path))["market"]
    moved = float(after["yes_bid_dollars"]) - float(row["yes_bid_dollars"])
    assert 0.05 < moved * (1 if delta == "0.12" else -1) < 0.2
    trades = (await talk.json("/markets/trades", ticker=row["ticker"], limit=1000))["trades"]
    new = [trade for trade in trades if trade["created_time"] > told["at"][:19]]
    assert sum(float(trade["count_fp"]) for trade in new) == pytest.approx(
        float(after["volume_fp"]) - float(row["volume_fp"])
    )
    assert new
    assert (await talk.client.get("/_shock")).json() == {"shocks": [told]}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({}, 400, id="nothing"),
        pytest.param({"ticker": "X", "delta": "much"}, 400, id="no-number"),
        pytest.param({"ticker": "X", "delta": "NaN"}, 400, id="nan"),
        pytest.param({"ticker": "X", "delta": "0"}, 400, id="no-move"),
        pytest.param({"ticker": "X", "delta": "1.5"}, 400, id="too-far"),
        pytest.param({"ticker": "X", "delta": "0.1", "seconds": -1}, 400, id="backwards"),
        pytest.param({"ticker": "X", "delta": "0.1"}, 404, id="unknown-market"),
    ],
)
async def test_refused(talks: Talks, body: dict[str, object], status: int) -> None:
    talk = talks(events=10)
    response = await shock(talk, **body)
    assert response.status_code == status
    assert response.json()["detail"]
    assert (await talk.client.post("/_shock", content=b"[1]")).status_code == 400


async def test_seeded_prices_cannot_be_shocked(talks: Talks) -> None:
    talk = talks(events=10, prices="seeded")
    row = await lively(talk)
    assert (await shock(talk, ticker=row["ticker"], delta="0.1")).status_code == 409
