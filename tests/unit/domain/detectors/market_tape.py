"""One market played piece by piece into a `MarketWatch`, as the market monitor does it."""

import importlib.util
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from app.domain.detections import Finding
from app.domain.detectors import Baseline, Depth, MarketWatch, Minute, Rules, parse_rules
from app.domain.fold import MicroCandle
from app.domain.market_kinds import PolicyName

ROOT = Path(__file__).resolve().parents[4]
T0_MS = 1_786_312_800_000  # a full minute in August 2026
MINUTE = T0_MS // 60_000
CENT = 10_000  # micro-dollars


@cache
def _migration() -> Any:
    path = ROOT / "migrations" / "versions" / "0008_rules.py"
    spec = importlib.util.spec_from_file_location("rules_migration", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rule_rows() -> dict[str, tuple[int, dict[str, Any]]]:
    """Return the rows of the migration: what production reads."""
    migration = _migration()
    return {name: (migration.VERSION, deepcopy(body)) for name, (body, _) in migration.ROWS.items()}


def production_rules() -> Rules:
    """Return the rules as the migration leaves them."""
    return parse_rules(rule_rows())


def moves_only() -> Rules:
    """Return the same rules without those about volume."""
    return replace(production_rules(), volume_spike={})


def calm_baseline(rules: Rules, *, minutes: int = 1500, contracts: int = 20) -> Baseline:
    """Return the habits of a market around 50 cents: a spread of 2 c, sigma about 0.01."""
    baseline = Baseline(rules.baseline)
    for number in range(minutes):
        off = 5_000 if number % 10 == 0 else 0
        quotes = (490_000 + off, 510_000 + off)
        done = Minute(MINUTE - minutes + number, 500_000, *quotes, contracts * 100)
        baseline.fold_minute(done, starts_ms=None)
    return baseline


class Tape:
    """Plays a market: `say` is one frame, `wait` lets time pass; looks as often as it is due."""

    def __init__(
        self,
        *,
        policy: PolicyName = PolicyName.PRE_GAME,
        rules: Rules | None = None,
        baseline: Baseline | None = None,
        depth: Depth | None = None,
        opened_ms: int | None = None,
    ) -> None:
        rules = rules or moves_only()
        self.policy, self.depth = policy, depth
        self.starts_ms: int | None = None
        self.watch = MarketWatch(rules, baseline or calm_baseline(rules), opened_ms=opened_ms)
        self.now_ms = T0_MS
        self.found: list[Finding] = []
        self.found_at_s: list[float] = []

    @property
    def now_s(self) -> float:
        """Seconds since the tape began."""
        return (self.now_ms - T0_MS) / 1000

    def say(
        self,
        last: float | None,
        bid: float | None = None,
        ask: float | None = None,
        contracts: float = 0,
    ) -> "Tape":
        """Send a frame; prices in cents, new contracts since the one before."""
        prices = [None if price is None else round(price * CENT) for price in (last, bid, ask)]
        self.send(make_piece(self.now_ms, *prices, volume=round(contracts * 100)))
        return self

    def send(self, piece: MicroCandle) -> None:
        """Give a piece to the watch and look if it asks for it."""
        self.watch.add(piece)
        if self.watch.needs_look:
            self.look()

    def look(self) -> None:
        """Look, whether it is asked for or not."""
        found = self.watch.look(
            self.policy, now_ms=self.now_ms, starts_ms=self.starts_ms, depth=self.depth
        )
        self.found += found
        self.found_at_s += [self.now_s] * len(found)

    def wait(self, seconds: float) -> "Tape":
        """Let time pass; what ripens is looked at once a second."""
        until_ms = self.now_ms + round(seconds * 1000)
        while self.now_ms + 1000 <= until_ms:
            self.now_ms += 1000
            if self.watch.has_candidate:
                self.look()
        self.now_ms = until_ms
        return self

    def rest(self, minutes: int, at: float = 50, *, contracts: float = 20) -> "Tape":
        """Let the market be calm: a trade at the price and a spread of 2 c, every minute."""
        for _ in range(minutes):
            self.say(at, at - 1, at + 1, contracts).wait(60)
        return self

    def trade(self, times: int, at: float, *, contracts: float = 400, every_s: float = 1) -> "Tape":
        """Trade at a price, quoted 1 c around it."""
        for _ in range(times):
            self.say(at, at - 1, at + 1, contracts).wait(every_s)
        return self


def make_piece(
    ms: int, last: int | None, bid: int | None, ask: int | None, *, volume: int = 0
) -> MicroCandle:
    """Return the piece one frame makes; prices in micro-dollars, volume in hundredths."""
    return MicroCandle("M", ms // 60_000, last, last, last, last, bid, ask, volume, None, 1, ms)


def mirrored(piece: MicroCandle) -> MicroCandle:
    """Return the piece of the other outcome's prices."""

    def other(price: int | None) -> int | None:
        return None if price is None else 1_000_000 - price

    return piece._replace(
        open=other(piece.open),
        high=other(piece.low),
        low=other(piece.high),
        close=other(piece.close),
        bid=other(piece.ask),
        ask=other(piece.bid),
    )


def number(finding: Finding, name: str) -> float:
    """Return one of a finding's numbers."""
    numbers: Mapping[str, Any] = finding.numbers
    return float(numbers[name])


def make_late(minute: int, *, price: int, volume: int) -> MicroCandle:
    """Return the piece of frames that are all older than one seen before."""
    return MicroCandle("M", minute, price, price, price, None, None, None, volume, None, 1, 0)
