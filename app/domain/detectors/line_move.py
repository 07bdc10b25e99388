"""`line_move`: a traded move that is large against the market's own habits, and lasts."""

from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

from app.domain.detections import DetectionKind, Finding
from app.domain.detectors.odds_scale import CENT2, log_odds, spread_of
from app.domain.detectors.rules import LineMoveRule, MoveWindow, Timing
from app.domain.detectors.scene import Scene, decimal_text, to_prices, to_strength
from app.domain.detectors.window import MINUTE_MS, SECOND_MS, Slot
from app.domain.ticks import centis_to_text

_LOOK_BACK_MS = 15 * MINUTE_MS  # before a window, for what was typical then
_BEGUN = 0.2  # share of a move below which it had not begun
_AT_HOME = 0.05  # share of a move by which the price may have left where it came from
_PATIENCE = 3  # times the longest wait, then a candidate is given up


@dataclass(slots=True)
class Candidate:
    """A move that is large enough, and waits to be believed.

    Attributes:
        ref: what it is measured from.
        peak2: the furthest mark so far, half micro-dollars.
        needed: the strength it must have when it is told.
    """

    direction: int
    ref: Slot
    window: MoveWindow
    since_ms: int
    peak2: int
    needed: float


class Told(NamedTuple):
    """The last finding."""

    at_ms: int
    direction: int
    strength: float
    ref: Slot
    window: MoveWindow


class Traded(NamedTuple):
    """How trades bear a move out.

    Attributes:
        before: the last state before it began.
        origin: the last state before that which still was where the move came from.
    """

    before: Slot
    origin: Slot
    started_ms: int
    volume: int
    prints: int


class LineMove:
    """Watches one market for moves; remembers what ripens and what was told."""

    __slots__ = ("_told", "candidate")

    def __init__(self) -> None:
        """Know of no move."""
        self.candidate: Candidate | None = None
        self._told: Told | None = None

    def look(self, scene: Scene, rule: LineMoveRule, volume_needed: int) -> Finding | None:
        """Return a move that is large, traded and old enough; remember one that may become so.

        Args:
            volume_needed: hundredths of a contract that must have been traded in it.
        """
        if scene.is_quiet(rule.timing):
            self.candidate = None
            return None
        self._review(scene, rule)
        is_known = self.candidate is not None
        self._search(scene, rule)
        found = self.candidate
        if found is None or (scene.depth is None and not is_known):
            return None  # the caller asks for the depth of what is seen for the first time
        strength = strength_of(scene, rule, found.ref.mark2, found.window)
        waited_ms = scene.now_ms - found.since_ms
        if strength < found.needed or waited_ms < wait_ms(scene, rule, found, strength):
            return None
        traded = traded_in(scene, rule, found)
        if traded is None or traded.volume < max(volume_needed, rule.min_contracts * 100):
            return None
        self._told = Told(scene.now_ms, found.direction, strength, found.ref, found.window)
        self.candidate = None
        return _to_finding(scene, rule, found, traded, strength)

    def explains(self, now_ms: int, timing: Timing) -> bool:
        """Say whether a move ripens, or was told so lately that the trading belongs to it."""
        told = self._told
        is_recent = told is not None and now_ms - told.at_ms < SECOND_MS * timing.repeat_after_s
        return is_recent or self.candidate is not None

    def _review(self, scene: Scene, rule: LineMoveRule) -> None:
        """Give up a candidate that lost too much of its move, or took too long."""
        found = self.candidate
        if found is None:
            return
        gone = (scene.here.mark2 - found.ref.mark2) * found.direction
        peak = (found.peak2 - found.ref.mark2) * found.direction
        if gone > peak:
            found.peak2, peak = scene.here.mark2, gone
        age_ms = scene.now_ms - found.since_ms
        if gone < rule.agreement * peak or age_ms > _PATIENCE * SECOND_MS * rule.max_wait_s:
            self.candidate = None

    def _search(self, scene: Scene, rule: LineMoveRule) -> None:
        """Take the strongest move as the candidate; a move that goes on keeps its age."""
        known = self.candidate
        best = strength_of(scene, rule, known.ref.mark2, known.window) if known else 0.0
        for ref, window, needed in self._starts(scene, rule):
            strength = strength_of(scene, rule, ref.mark2, window)
            if strength < max(needed, best) or strength == best:
                continue
            best, direction = strength, 1 if scene.here.mark2 > ref.mark2 else -1
            goes_on = known is not None and known.direction == direction
            since_ms = known.since_ms if known is not None and goes_on else scene.now_ms
            self.candidate = Candidate(direction, ref, window, since_ms, scene.here.mark2, needed)

    def _starts(self, scene: Scene, rule: LineMoveRule) -> "list[tuple[Slot, MoveWindow, float]]":
        """Return what a move may be measured from, in which window, and how strong it must be."""
        told, found = self._told, []
        repeats = told is not None and (
            scene.now_ms - told.at_ms < SECOND_MS * rule.timing.repeat_after_s
        )
        for window in rule.windows:
            ref = _reference(scene, window, told.at_ms if told else 0)
            if ref is None:
                continue
            is_same = (scene.here.mark2 - ref.mark2) * (told.direction if told else 0) > 0
            if not (repeats and is_same):
                found.append((ref, window, 1.0))
        if told is not None and repeats:
            needed = rule.timing.repeat_strength * told.strength
            if (scene.here.mark2 - told.ref.mark2) * told.direction > 0:
                found.append((told.ref, told.window, needed))
        return found


def _reference(scene: Scene, window: MoveWindow, floor_ms: int) -> Slot | None:
    """Return the state to measure a move over a window from; None when it is too small anyway.

    The less favourable of the state as the window began and what was typical before it: the
    way back from a blink is no move.
    """
    now2, least = scene.here.mark2, window.min_cents * CENT2
    length_ms = window.minutes * MINUTE_MS
    from_ms = max(scene.newest_ms - length_ms, floor_ms)
    ref = scene.window.slots[scene.window.position(from_ms)]
    if abs(now2 - ref.mark2) < least:
        return None
    direction = 1 if now2 > ref.mark2 else -1
    back_ms = max(from_ms - min(length_ms, _LOOK_BACK_MS), floor_ms)
    typical2 = scene.window.typical2(back_ms, from_ms, direction)
    if typical2 is not None and (typical2 - ref.mark2) * direction > 0:
        ref = ref._replace(mark2=typical2)
    return ref if (now2 - ref.mark2) * direction >= least else None


def strength_of(scene: Scene, rule: LineMoveRule, ref2: int, window: MoveWindow) -> float:
    """Return the size of the move from a mark to now, as a multiple of what counts as large."""
    now2 = scene.here.mark2
    size2 = abs(now2 - ref2)
    spread = max(spread_of(scene.here.bid, scene.here.ask), scene.usual_spread)
    sigmas = window.sigmas * scene.sigma * sqrt(window.minutes)
    return min(
        size2 / (window.min_cents * CENT2),
        size2 / max(2 * rule.spreads * spread, 1.0),
        abs(log_odds(now2) - log_odds(ref2)) / sigmas,
    )


def wait_ms(scene: Scene, rule: LineMoveRule, found: Candidate, strength: float) -> int:
    """Return how long a move must have lasted: the longest at the threshold, less above it."""
    longest = SECOND_MS * rule.max_wait_s
    if _is_thin(scene, rule, found.direction):
        return longest
    span = max(rule.instant_strength - 1.0, 1e-9)
    missing = min(max(rule.instant_strength - strength, 0.0) / span, 1.0)
    return int(missing * longest)


def _is_thin(scene: Scene, rule: LineMoveRule, direction: int) -> bool:
    """Say whether little stands behind the new level; unknown depth is not held against it."""
    if scene.depth is None:
        return False
    behind = scene.depth.bid_size if direction > 0 else scene.depth.ask_size
    return (behind or 0) < 100 * rule.min_depth_contracts


def traded_in(scene: Scene, rule: LineMoveRule, found: Candidate) -> Traded | None:
    """Return how trades bear a move out; None when last trades or the mid tell otherwise."""
    slots, here, direction = scene.window.slots, scene.here, found.direction
    begun2 = _BEGUN * (here.mark2 - found.ref.mark2) * direction
    start = len(slots) - 1
    while start > 0 and (slots[start - 1].mark2 - found.ref.mark2) * direction > begun2:
        start -= 1
    before = slots[max(start - 1, 0)]
    level2 = rule.agreement * (here.mark2 - before.mark2) * direction
    base2 = _last_before2(before)
    if here.last is None or (2 * here.last - base2) * direction < level2:
        return None
    if _mid_gone(before, here, direction) < level2:
        return None
    volume = prints = 0
    for slot in slots[start:]:
        volume += slot.volume
        if slot.last is not None and (2 * slot.last - base2) * direction >= level2:
            prints += slot.prints
    if prints < rule.min_prints:
        return None
    return Traded(
        before, _origin(slots, start, found.ref, direction), slots[start].ms, volume, prints
    )


def _origin(slots: "list[Slot]", start: int, ref: Slot, direction: int) -> Slot:
    """Return the last state before a move began that was still where it came from."""
    near2 = _AT_HOME * abs(slots[-1].mark2 - ref.mark2)
    at = max(start - 1, 0)
    while at > 0 and (slots[at].mark2 - ref.mark2) * direction > near2:
        at -= 1
    return slots[at]


def _last_before2(before: Slot) -> int:
    """Return where trades were before a move: the last one, no further than the quotes were."""
    if before.last is None:
        return before.mark2
    last = before.last
    if before.bid is not None and before.ask is not None and before.bid < before.ask:
        last = min(max(last, before.bid), before.ask)
    return 2 * last


def _mid_gone(before: Slot, here: Slot, direction: int) -> float:
    """Return how far the mid went with a move; as far as one likes when it is not to be had."""
    if before.bid is None or before.ask is None or here.bid is None or here.ask is None:
        return float("inf")
    return (here.bid + here.ask - before.bid - before.ask) * direction


def _to_finding(
    scene: Scene, rule: LineMoveRule, found: Candidate, traded: Traded, strength: float
) -> Finding:
    here, ref = scene.here, found.ref
    odds = log_odds(here.mark2) - log_odds(ref.mark2)
    return Finding(
        kind=DetectionKind.LINE_MOVE,
        rule="line_move",
        rule_version=rule.version,
        policy=scene.policy,
        started_ms=traded.started_ms,
        observed_ms=scene.newest_ms,
        direction=found.direction,
        strength=to_strength(strength),
        before=to_prices(traded.origin),
        before_ms=traded.origin.ms,
        now=to_prices(here),
        numbers={
            "reference": str(to_prices(ref).mark),
            "window_minutes": found.window.minutes,
            "move_cents": decimal_text((here.mark2 - ref.mark2) / CENT2, 2),
            "log_odds": decimal_text(odds),
            "sigma": decimal_text(scene.sigma, 6),
            "sigmas": decimal_text(abs(odds) / (scene.sigma * sqrt(found.window.minutes)), 2),
            "volume": centis_to_text(traded.volume),
            "prints": traded.prints,
            "spread_cents": decimal_text(spread_of(here.bid, here.ask) / (CENT2 / 2), 2),
            "usual_spread_cents": decimal_text(scene.usual_spread / (CENT2 / 2), 2),
            "baseline_minutes": scene.known_minutes,
            "waited_ms": scene.now_ms - found.since_ms,
            "is_repeat": found.needed > 1.0,
        },
    )
