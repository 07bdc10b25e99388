"""A person's lists and a market's activity read a page, however much there is beside it."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.database import Conn
from app.models.db import Market, User
from tests.factories import NOW, make_market, make_quote
from tests.integration.api.serving import Client, Save

PEOPLE, ALERTS, MINE = 500, 10_000, 3_000
MOST = 1_000  # rows that a scan may read: as many as anybody can follow
FILL = (
    """
    INSERT INTO alpha.users (id) SELECT md5('u' || n)::uuid FROM generate_series(1, $1::int) n
    """,
    """
    INSERT INTO alpha.episodes
        (id, subject_kind, subject_id, opened_at, last_detection_at, closed_at)
    SELECT md5('p' || n)::uuid, 'event', md5('v' || n)::uuid, $2, $2, $2
    FROM generate_series(1, $1::int) n
    """,
    """
    INSERT INTO alpha.detections (id, dedupe_key, kind, market_id, event_id, episode_id, rule,
        rule_version, policy, started_at, observed_at, decided_at, direction, strength, numbers,
        markets, outcome, alert_id)
    SELECT md5('d' || n)::uuid, 'd' || n, 'line_move',
        CASE WHEN n % 4 = 0 THEN $3 ELSE md5('m' || n)::uuid END, md5('v' || n)::uuid,
        md5('p' || n)::uuid, 'line_move', 1, 'pre_game', $2, $2, $2::timestamptz
            - n * interval '1 second', 1, 2, '{}', '[]', 'alerted', md5('a' || n)::uuid
    FROM generate_series(1, $1::int) n
    """,
    """
    INSERT INTO alpha.alerts (id, dedupe_key, episode_id, event_id, detection_id, root_alert_id,
        reason, tier, kind, strength, started_at, decided_at, expires_at, template, numbers,
        title, body, worded_at, notified_at)
    SELECT md5('a' || n)::uuid, 'a' || n, md5('p' || n)::uuid, md5('v' || n)::uuid,
        md5('d' || n)::uuid, md5('a' || n)::uuid, 'new', 'unexplained', 'line_move', 2, $2,
        $2::timestamptz - n * interval '1 second', $2, 'x', '{}', '', '', $2, $2
    FROM generate_series(1, $1::int) n
    """,
    """
    INSERT INTO alpha.alert_markets
        (alert_id, market_id, is_subject, as_of, is_wide, is_stale)
    SELECT alert_id, market_id, true, $1, false, false FROM alpha.detections
    """,
    """
    INSERT INTO alpha.notifications (id, alert_id, root_alert_id, user_id, episode_id, priority,
        template, numbers, is_holder, collapse_id, created_at, expires_at, opened_at)
    SELECT md5('n' || n)::uuid, md5('a' || n)::uuid, md5('a' || n)::uuid,
        CASE WHEN n <= $3 THEN $4 ELSE md5('u' || 1 + n % $5)::uuid END,
        md5('p' || n)::uuid, 2, 'x', '{}', true, '0', $2::timestamptz - n * interval '1 second',
        $2, CASE WHEN n % 2 = 0 THEN $2::timestamptz END
    FROM generate_series(1, $1::int) n
    """,
    """
    INSERT INTO alpha.follows (id, user_id, kind, target_id, is_push, created_at)
    SELECT md5('f' || n)::uuid, CASE WHEN n <= 1000 THEN $3 ELSE md5('u' || 1 + n % $4)::uuid END,
        'market', md5('m' || n)::uuid, true, $2::timestamptz - n * interval '1 second'
    FROM generate_series(1, $1::int) n
    """,
    """
    INSERT INTO alpha.devices (id, user_id, kind, address, registered_at, last_seen_at,
        disabled_at, disabled_reason)
    SELECT md5('g' || n)::uuid, md5('u' || 1 + n % $3)::uuid, 'fcm_token', 'phone-' || n || ':APA',
        $2, $2, CASE WHEN n % 2 = 0 THEN $2::timestamptz END, CASE WHEN n % 2 = 0 THEN 'gone' END
    FROM generate_series(1, $1::int) n
    """,
    "ANALYZE alpha.users, alpha.episodes, alpha.detections, alpha.alerts, alpha.alert_markets,"
    " alpha.notifications, alpha.follows, alpha.devices",
)


@pytest.fixture
async def market(save: Save, conn: Conn, me: User) -> Market:
    """A market with thousands of alerts, in a database with more of them."""
    market = make_market()
    await save(market, make_quote(market))
    arguments: Sequence[Sequence[Any]] = (
        (PEOPLE,),
        (ALERTS, NOW),
        (ALERTS, NOW, market.id),
        (ALERTS, NOW),
        (NOW,),
        (ALERTS, NOW, MINE, me.id, PEOPLE),
        (ALERTS, NOW, me.id, PEOPLE),
        (ALERTS, NOW, PEOPLE),
        (),
    )
    for text, values in zip(FILL, arguments, strict=True):
        await conn.execute(text, *values)
    return market


class Explainer:
    """Remembers the reads of requests, and tells how PostgreSQL runs them."""

    def __init__(self, conn: Conn) -> None:
        self._conn = conn
        self.ran: list[tuple[str, tuple[Any, ...]]] = []

    def note(self, _c: Any, _cursor: Any, text: str, values: Any, *_: Any) -> None:
        if text.startswith(("SELECT", "WITH", "UPDATE", "DELETE")):
            self.ran.append((text, tuple(values)))

    async def scans(self) -> list[tuple[str, str, int]]:
        """Return every scan of a table: which, how, and how many rows it read."""
        found: list[tuple[str, str, int]] = []
        for text, values in self.ran:
            answer = await self._conn.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}", *values)
            found += _scans(answer[0]["Plan"])
        return found


def _scans(plan: dict[str, Any]) -> Iterator[tuple[str, str, int]]:
    if "Relation Name" in plan:
        read = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        yield plan["Relation Name"], plan["Node Type"], int(read * plan["Actual Loops"])
    for child in plan.get("Plans", []):
        yield from _scans(child)


@pytest.fixture
def explainer(engine: AsyncEngine, conn: Conn) -> Iterator[Explainer]:
    explainer = Explainer(conn)
    event.listen(engine.sync_engine, "before_cursor_execute", explainer.note)
    yield explainer
    event.remove(engine.sync_engine, "before_cursor_execute", explainer.note)


@pytest.mark.parametrize(
    ("path", "pages"),
    [
        pytest.param("/v1/notifications", 3, id="inbox"),
        pytest.param("/v1/notifications?unread=true", 3, id="unread"),
        pytest.param("/v1/users/me/follows", 3, id="follows"),
        pytest.param("/v1/users/me/positions", 1, id="positions"),
        pytest.param("/v1/users/me/devices", 1, id="devices"),
        pytest.param("/v1/markets/{market}/activity", 3, id="activity"),
        pytest.param("/v1/feed", 1, id="feed"),
    ],
)
async def test_a_page_reads_a_page(
    mine: Client, market: Market, explainer: Explainer, path: str, pages: int
) -> None:
    path = path.format(market=market.id)
    more = ""
    for _ in range(pages):
        explainer.ran.clear()
        answer = await mine.get(path + more)
        assert answer.status_code == 200, answer.text
        assert explainer.ran
        too_much = [scan for scan in await explainer.scans() if scan[2] > MOST]
        assert not too_much
        more = f"{'&' if '?' in path else '?'}cursor={answer.json().get('cursor')}"


@pytest.mark.parametrize(
    ("kind", "address"), [("fcm_token", "mine:APA91b-phone"), ("fcm_fid", "an-installation-id")]
)
async def test_registering_a_device_looks_at_few(
    mine: Client, market: Market, explainer: Explainer, kind: str, address: str
) -> None:
    for _ in range(2):
        explainer.ran.clear()
        body = {"kind": kind, "address": address}
        answer = await mine.post("/v1/users/me/devices", json=body)
        assert answer.status_code == 200, answer.text

    assert len(explainer.ran) == 3, "what reaches the same phone, too many, too old"
    assert not [scan for scan in await explainer.scans() if scan[2] > MOST]
