"""`volume_spike`: far more trading than usual while the price hardly moves."""

from typing import NamedTuple

from app.domain.detections import DetectionKind, Finding
from app.domain.detectors.odds_scale import CENT2
from app.domain.detectors.rules import VolumeSpikeRule
from app.domain.detectors.scene import Scene, decimal_text, to_prices, to_strength
from app.domain.detectors.window import MINUTE_MS, SECOND_MS, Slot
from app.domain.ticks import centis_to_text

SPAN_MS = 5 * MINUTE_MS  # what the baseline's volumes are counted over, too


class Told(NamedTuple):
    """The last finding."""

    at_ms: int
    strength: float


class VolumeSpike:
    """Watches one market's trading; remembers what was told."""

    __slots__ = ("_told",)

    def __init__(self) -> None:
        """Know of no spike."""
        self._told: Told | None = None

    def look(self, scene: Scene, rule: VolumeSpikeRule, threshold: int) -> Finding | None:
        """Return five minutes of unusual trading around an unmoved price.

        The busiest second does not count: one order is not a crowd.

        Args:
            threshold: hundredths of a contract from which on it is unusual; see `threshold_of`.
        """
        if scene.window.volume < threshold or scene.is_quiet(rule.timing):
            return None
        slots = scene.window.slots
        at = scene.window.position(scene.newest_ms - SPAN_MS)
        recent = slots[at + 1 :]
        volume = sum(slot.volume for slot in recent)
        largest = max((slot.volume for slot in recent), default=0)
        if volume - largest < threshold or sum(slot.prints for slot in recent) < rule.min_prints:
            return None
        marks = [slot.mark2 for slot in slots[at:]]
        if max(marks) - min(marks) > rule.max_cents * CENT2:
            return None
        strength = (volume - largest) / threshold
        if self._is_told(scene.now_ms, rule, strength):
            return None
        self._told = Told(scene.now_ms, strength)
        return _to_finding(scene, rule, slots[at:], threshold, strength)

    def _is_told(self, now_ms: int, rule: VolumeSpikeRule, strength: float) -> bool:
        told, timing = self._told, rule.timing
        if told is None or now_ms - told.at_ms >= SECOND_MS * timing.repeat_after_s:
            return False
        return strength < timing.repeat_strength * told.strength


def threshold_of(rule: VolumeSpikeRule, usual: int) -> int:
    """Return the five-minute volume (hundredths) that is unusual, given a usual high one."""
    return max(int(rule.times * usual), rule.min_usd * 100, 1)


def _to_finding(
    scene: Scene, rule: VolumeSpikeRule, slots: list[Slot], threshold: int, strength: float
) -> Finding:
    volume = sum(slot.volume for slot in slots[1:])
    first = next((slot for slot in slots[1:] if slot.volume), slots[-1])
    return Finding(
        kind=DetectionKind.VOLUME_SPIKE,
        rule="volume_spike",
        rule_version=rule.version,
        policy=scene.policy,
        started_ms=first.ms,
        observed_ms=scene.newest_ms,
        direction=0,
        strength=to_strength(strength),
        before=to_prices(slots[0]),
        before_ms=slots[0].ms,
        now=to_prices(scene.here),
        numbers={
            "volume": centis_to_text(volume),
            "threshold": centis_to_text(threshold),
            "prints": sum(slot.prints for slot in slots[1:]),
            "move_cents": decimal_text((scene.here.mark2 - slots[0].mark2) / CENT2, 2),
            "minutes": SPAN_MS // MINUTE_MS,
            "baseline_minutes": scene.known_minutes,
        },
    )
