"""What the pipeline did, read from its tables and the gateway's log, held against the model."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.domain.detections import Detection, Prices
from tests.e2e.pipeline_kills.conftest import Arena
from tests.e2e.pipeline_kills.upstream_model import AlertOwed, Moved, NoteOwed, Owed, Seen

UNFINISHED = """
SELECT (SELECT count(*) FROM alpha.detections WHERE outcome IS NULL)
    + (SELECT count(*) FROM alpha.alerts WHERE worded_at IS NULL OR notified_at IS NULL)
"""
OUT_OF_ORDER = """
SELECT count(*) FROM (
    SELECT decided_at < lag(decided_at) OVER (PARTITION BY episode_id ORDER BY attributed_at)
        AS is_late FROM alpha.detections
) each WHERE is_late
"""
OPEN = "state IN ('pending', 'retry', 'sending')"


@dataclass
class Kills:
    """Every kill, and what stood in `sending` at it."""

    count: int = 0
    amid_work: int = 0
    sending: Counter[UUID] = field(default_factory=Counter)

    async def note(self, arena: Arena, killed: int = 1) -> None:
        """Note what the dead left behind; call it soon after their death."""
        self.count += killed
        self.amid_work += killed if await arena.pool.fetchval(UNFINISHED) else 0
        for row in await arena.sql("SELECT id FROM alpha.deliveries WHERE state = 'sending'"):
            self.sending[row["id"]] += killed


def seen(episode: int, detection: Detection) -> Seen:
    """Return a detection as the model takes it."""
    return Seen(
        detection.id,
        episode,
        detection.event_id,
        detection.finding.kind.value,
        detection.finding.strength,
        {one.market_id: Moved(_quote(one.before), _quote(one.now)) for one in detection.markets},
    )


def _quote(prices: Prices) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    return prices.mark, prices.bid, prices.ask


def seen_in_row(episode: int, row: Mapping[str, Any]) -> Seen:
    """Return a stored detection as the model takes it."""
    markets = {
        UUID(one["market_id"]): Moved(_stored(one["before"]), _stored(one["now"]))
        for one in row["markets"]
    }
    return Seen(row["id"], episode, row["event_id"], row["kind"], row["strength"], markets)


def _stored(texts: list[str | None]) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    mark, bid, ask = (None if text is None else Decimal(text) for text in texts)
    return mark, bid, ask


async def in_order_of_decision(
    arena: Arena, detections: Iterable[Seen], kills: Kills
) -> list[Seen]:
    """Return detections in the order in which they were decided about; all were.

    It is that of their making, but for what another took while a dying one held what was before.
    """
    assert await arena.pool.fetchval(OUT_OF_ORDER) <= kills.count
    rows = await arena.sql("SELECT id, episode_id FROM alpha.detections ORDER BY attributed_at")
    known = {one.id: one for one in detections}
    assert {row["id"] for row in rows} == known.keys(), "detections were lost, or came from nowhere"
    pairs = {(row["episode_id"], known[row["id"]].episode) for row in rows}
    assert len(pairs) == len({pair[0] for pair in pairs}) == len({pair[1] for pair in pairs})
    return [known[row["id"]] for row in rows]


async def check_rows(arena: Arena, owed: Owed) -> None:
    """Make sure that the tables hold what is owed, all of it and nothing else."""
    rows = await arena.sql("SELECT id, outcome FROM alpha.detections")
    _same({row["id"]: row["outcome"] for row in rows}, owed.outcomes)
    _same(await _read_alerts(arena), owed.alerts)
    _same(await _read_notes(arena), owed.notes)
    assert await arena.pool.fetchval(UNFINISHED) == 0
    assert await arena.count("state <> 'accepted'") == 0


def _same(found: Mapping[Any, Any], expected: Mapping[Any, Any]) -> None:
    """Compare; show the first differences only."""
    keys = [key for key in found.keys() | expected.keys() if found.get(key) != expected.get(key)]
    differences = [(key, found.get(key), expected.get(key)) for key in keys[:3]]
    assert not keys, f"{len(keys)} of {len(expected)} differ (found, owed): {differences}"


async def _read_alerts(arena: Arena) -> dict[UUID, AlertOwed]:
    """Read alerts by the detection that made them."""
    rows = await arena.sql(
        "SELECT a.detection_id, a.reason::text, a.kind::text, a.strength,"
        " r.detection_id AS replaces, o.detection_id AS root, a.id"
        " FROM alpha.alerts a JOIN alpha.alerts o ON o.id = a.root_alert_id"
        " LEFT JOIN alpha.alerts r ON r.id = a.replaces_id"
    )
    assert len({row["detection_id"] for row in rows}) == len(rows), "two alerts of one detection"
    markets: dict[UUID, dict[UUID, Moved]] = {row["id"]: {} for row in rows}
    for one in await arena.sql("SELECT * FROM alpha.alert_markets"):
        before = (one["price_before"], one["bid_before"], one["ask_before"])
        now = (one["price_now"], one["bid"], one["ask"])
        markets[one["alert_id"]][one["market_id"]] = Moved(before, now)
    return {
        row["detection_id"]: AlertOwed(
            row["reason"], row["kind"], row["strength"], row["replaces"], row["root"],
            markets[row["id"]],
        )
        for row in rows
    }  # fmt: skip


async def _read_notes(arena: Arena) -> dict[tuple[UUID, UUID], NoteOwed]:
    """Read notifications by detection and person."""
    rows = await arena.sql(
        "SELECT a.detection_id, n.*, (SELECT count(*) FROM alpha.deliveries d"
        "  WHERE d.notification_id = n.id AND d.collapse_id = n.collapse_id) AS pushes"
        " FROM alpha.notifications n JOIN alpha.alerts a ON a.id = n.alert_id"
    )
    for row in rows:
        same = hashlib.sha256(f"{row['user_id']}{row['root_alert_id']}".encode()).hexdigest()
        assert row["collapse_id"] == same[:32]
        assert (row["suppressed_reason"] is None) == (row["pushes"] > 0)
    return {
        (row["detection_id"], row["user_id"]): NoteOwed(
            row["impact_usd"], row["impact_mid_usd"], row["suppressed_reason"], row["pushes"]
        )
        for row in rows
    }


async def check_gateway(arena: Arena, pushes: list[dict[str, Any]], kills: Kills) -> int:
    """Hold the gateway's log against the deliveries; return how many it took more than once.

    A repeat says so, has the same collapse id, and follows a kill that found it in `sending`.
    """
    taken: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for push in pushes:
        assert push["outcome"] == "accepted"
        taken.setdefault((push["address"], push["data"]["notification_id"]), []).append(push)
    owed = await arena.sql(
        "SELECT d.id, v.address, d.notification_id::text, d.collapse_id,"
        " (SELECT count(*) FROM alpha.delivery_attempts t"
        "  WHERE t.delivery_id = d.id AND t.outcome = 'lost') AS lost"
        " FROM alpha.deliveries d JOIN alpha.devices v ON v.id = d.device_id"
    )
    assert {(row["address"], row["notification_id"]) for row in owed} == taken.keys()
    for row in owed:
        copies = taken[row["address"], row["notification_id"]]
        assert row["lost"] <= kills.sending[row["id"]], "taken for lost, though nobody died"
        assert len(copies) <= 1 + row["lost"], "sent again, though it was not lost"
        for nth, push in enumerate(copies):
            assert push["collapse_id"] == row["collapse_id"]
            assert nth == 0 or push["data"].get("maybe_duplicate") == "true"
    return sum(len(copies) > 1 for copies in taken.values())
