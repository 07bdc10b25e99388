"""Silence or a quiet night: what the exchange's own answers say."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from app.core.clock import VirtualClock
from app.core.errors import SourceUnavailable
from app.services.kalshi.client import Answer, KalshiClient
from app.services.kalshi.stream import KalshiActivity

SUNDAY = datetime(2026, 11, 22, 4, tzinfo=UTC)
THURSDAY = datetime(2026, 11, 19, 8, 30, tzinfo=UTC)  # in the weekly pause


@dataclass
class Answers:
    """A client that gives prepared answers and remembers the questions."""

    trading: bool = True
    trades: object = field(default_factory=list)
    is_away: bool = False
    hangs: bool = False
    asked: list[dict[str, str]] = field(default_factory=list)

    async def get(self, path: str, params: dict[str, str] | None = None, **_: Any) -> Answer:
        if self.is_away:
            raise SourceUnavailable("kalshi", "away")
        if self.hangs:
            await asyncio.Event().wait()
        self.asked.append(params or {})
        document: dict[str, object] = {"trades": self.trades}
        if path == "/exchange/status":
            document = {"exchange_active": True, "trading_active": self.trading}
        return Answer(200, document, SUNDAY, None, 0.1)


Ask = Callable[..., Any]


async def ask(answers: Answers, *, now: datetime = SUNDAY, ago_s: float = 30) -> bool | None:
    activity = KalshiActivity(cast(KalshiClient, answers), VirtualClock(now))
    return await activity.expects_ticks(now - timedelta(seconds=ago_s))


TRADE = {"ticker": "KXNBAGAME-1"}
COMBO = {"ticker": "KXMVESPORTS-1"}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        pytest.param(Answers(trades=[TRADE]), True, id="dealt"),
        pytest.param(Answers(trades=[]), False, id="quiet"),
        pytest.param(Answers(trades=None), False, id="no-list"),
        pytest.param(Answers(trades=[COMBO]), False, id="combos-only"),
        pytest.param(Answers(trades=[COMBO, TRADE]), True, id="combos-and-more"),
        pytest.param(Answers(trading=False, trades=[TRADE]), False, id="not-trading"),
        pytest.param(Answers(is_away=True), None, id="no-answer"),
    ],
)
async def test_expects_ticks(answers: Answers, expected: bool | None) -> None:
    assert await ask(answers) is expected


async def test_no_answer_in_the_weekly_pause_is_no_alarm() -> None:
    assert await ask(Answers(is_away=True), now=THURSDAY) is False
    assert await ask(Answers(is_away=True), now=THURSDAY + timedelta(hours=2)) is None


async def test_only_trades_a_tick_must_have_followed() -> None:
    answers = Answers(trades=[TRADE])
    assert await ask(answers, ago_s=30.4) is True
    window = answers.asked[-1]
    assert int(window["min_ts"]) == SUNDAY.timestamp() - 27
    assert int(window["max_ts"]) == SUNDAY.timestamp() - 3
    assert await ask(answers, ago_s=5) is False


async def test_an_answer_that_does_not_come_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.services.kalshi.stream.activity._ANSWER_S", 0.01)
    assert await ask(Answers(hangs=True)) is None
    assert await ask(Answers(hangs=True), now=THURSDAY) is False
