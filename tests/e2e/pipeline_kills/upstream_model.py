"""What has to come of detections, in plain Python: alerts, who is told, what it means for them.

Nothing here comes from the pipeline: it is the second opinion.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from uuid import UUID

from tests.e2e.pipeline_kills.crowd import SERIES, Crowd, Person, Position

WORSE = Decimal("1.5")
MARK, BID, ASK = range(3)
Quote = tuple[Decimal | None, Decimal | None, Decimal | None]  # in that order


@dataclass(frozen=True)
class Moved:
    """One market, before and now."""

    before: Quote
    now: Quote


@dataclass(frozen=True)
class Seen:
    """A detection; `episode`: whatever names it."""

    id: UUID
    episode: int
    event: UUID
    kind: str
    strength: Decimal
    markets: Mapping[UUID, Moved]


@dataclass(frozen=True)
class AlertOwed:
    """An alert by the detection that made it; `replaces`, `root` by theirs."""

    reason: str
    kind: str
    strength: Decimal
    replaces: UUID | None
    root: UUID
    markets: Mapping[UUID, Moved]


@dataclass(frozen=True)
class NoteOwed:
    """One person's notification; `pushes`: to how many devices."""

    impact_usd: Decimal | None
    impact_mid_usd: Decimal | None
    reason: str | None
    pushes: int


@dataclass
class Told:
    """What somebody was told in an episode so far."""

    usd: Decimal | None = None
    strengths: dict[str, Decimal] = field(default_factory=dict)


@dataclass
class Episode:
    """What was said so far: the newest alert's detection and markets, and to whom."""

    last: UUID | None = None
    root: UUID | None = None
    strengths: dict[str, Decimal] = field(default_factory=dict)
    markets: dict[UUID, Moved] = field(default_factory=dict)
    told: dict[UUID, Told] = field(default_factory=dict)


@dataclass
class Owed:
    """Everything that is owed: outcomes and alerts by detection, notes also by person."""

    outcomes: dict[UUID, str] = field(default_factory=dict)
    alerts: dict[UUID, AlertOwed] = field(default_factory=dict)
    notes: dict[tuple[UUID, UUID], NoteOwed] = field(default_factory=dict)


def work_out(crowd: Crowd, detections: Iterable[Seen]) -> Owed:
    """Say what is owed for detections, in the order in which they were decided about."""
    owed = Owed()
    episodes: dict[int, Episode] = {}
    for seen in detections:
        episode = episodes.setdefault(seen.episode, Episode())
        if not _is_news(episode, seen):
            owed.outcomes[seen.id] = "joined"
            continue
        owed.outcomes[seen.id] = "alerted"
        owed.alerts[seen.id] = _alert(episode, seen)
        for person in crowd.people:
            note = _note(episode, seen, person)
            if note is not None:
                owed.notes[seen.id, person.id] = note
    return owed


def _is_news(episode: Episode, seen: Seen) -> bool:
    if episode.last is None or not seen.markets.keys() <= episode.markets.keys():
        return True
    said = episode.strengths.get(seen.kind)
    return seen.kind != "volume_spike" if said is None else seen.strength >= WORSE * said


def _alert(episode: Episode, seen: Seen) -> AlertOwed:
    """Say it: prices before are those before the episode, and no market is forgotten."""
    replaces, episode.last = episode.last, seen.id
    episode.root = episode.root or seen.id
    known = episode.markets
    mine = {
        market: replace(moved, before=known[market].before) if market in known else moved
        for market, moved in seen.markets.items()
    }
    episode.markets = known | mine
    said = episode.strengths.get(seen.kind, seen.strength)
    episode.strengths[seen.kind] = max(said, seen.strength)
    reason = "update" if replaces else "new"
    return AlertOwed(reason, seen.kind, seen.strength, replaces, episode.root, episode.markets)


def _note(episode: Episode, seen: Seen, person: Person) -> NoteOwed | None:
    """Say what somebody is told; None when it does not concern them, or is nothing new."""
    covered = episode.markets
    held = [each for each in person.positions if each[0] in covered]
    targets = {*covered, seen.event, SERIES}
    follows = [is_push for target, is_push in person.follows if target in targets]
    if not held and not follows:
        return None
    usd = _impact(held, covered, {"yes": BID, "no": ASK})
    mid = _impact(held, covered, {"yes": MARK, "no": MARK})
    impact = usd if usd is not None else mid
    before = episode.told.get(person.id)
    if before is not None and not _is_worse(before, seen, impact):
        return None
    _remember(episode.told.setdefault(person.id, Told()), seen, impact)
    reason = _why_silent(person, seen, impact, is_holder=bool(held), is_push=any(follows))
    return NoteOwed(usd, mid, reason, 0 if reason else person.devices)


def _impact(
    held: Sequence[Position], covered: Mapping[UUID, Moved], price: Mapping[str, int]
) -> Decimal | None:
    """Add up what positions gained; nothing at all, or one that nobody knows, has no sum."""
    total = Decimal(0)
    for market, side, contracts in held:
        moved = covered[market]
        before, now = moved.before[price[side]], moved.now[price[side]]
        if before is None or now is None:
            return None
        total += contracts * (now - before if side == "yes" else before - now)
    return total if held else None


def _is_worse(told: Told, seen: Seen, impact: Decimal | None) -> bool:
    if impact is not None and told.usd is not None:
        return abs(impact) > told.usd and abs(impact) >= WORSE * told.usd
    strength = told.strengths.get(seen.kind)
    return seen.kind != "volume_spike" if strength is None else seen.strength >= WORSE * strength


def _remember(told: Told, seen: Seen, impact: Decimal | None) -> None:
    if impact is not None:
        told.usd = max(told.usd or Decimal(0), abs(impact))
    told.strengths[seen.kind] = max(told.strengths.get(seen.kind, seen.strength), seen.strength)


def _why_silent(
    person: Person, seen: Seen, impact: Decimal | None, *, is_holder: bool, is_push: bool
) -> str | None:
    wishes = person.preferences
    if not wishes.get("is_push_on", True):
        return "push_off"
    if seen.kind in wishes.get("muted_kinds", ()):
        return "kind_muted"
    if not is_holder and not is_push:
        return "follow_without_push"
    if is_holder and impact is not None and abs(impact) < wishes.get("min_impact_usd", 0):
        return "below_minimum"
    return None if person.devices else "no_device"
