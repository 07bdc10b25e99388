"""How each class of pushes is delivered; what is unknown for good is no longer due."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"

PRIORITIES = {
    0: {
        "deadline_s": 60,
        "per_hour": None,
        "per_day": None,
        "per_market_s": None,
        "quiet": "ignore",
        "apns_priority": 10,
        "interruption": "active",
    },
    1: {
        "deadline_s": 120,
        "per_hour": 6,
        "per_day": None,
        "per_market_s": 600,
        "quiet": "asked",
        "apns_priority": 10,
        "interruption": "time-sensitive",
    },
    2: {
        "deadline_s": 600,
        "per_hour": 3,
        "per_day": 12,
        "per_market_s": None,
        "quiet": "chosen",
        "apns_priority": 10,
        "interruption": "active",
    },
    3: {
        "deadline_s": 7200,
        "per_hour": None,
        "per_day": 1,
        "per_market_s": None,
        "quiet": "hold",
        "apns_priority": 5,
        "interruption": "passive",
    },
}

NOTES = {
    0: "safety: an order filled, failed or unknown, a credential revoked",
    1: "protect: a known cause on a held position",
    2: "notice: a move nobody explains, a followed market",
    3: "digest: what can wait",
}

DELIVERY = {
    "attempts": 6,
    "retry_first_s": 1,
    "retry_most_s": 60,
    "pause_s": 60,
    "unseen_days": 60,
}

RULES = sa.table(
    "rules",
    sa.column("name", sa.Text),
    sa.column("version", sa.Integer),
    sa.column("body", JSONB),
    sa.column("note", sa.Text),
    schema="alpha",
)


def upgrade() -> None:
    op.bulk_insert(
        RULES,
        [
            {"name": f"priority:{number}", "version": 1, "body": body, "note": NOTES[number]}
            for number, body in PRIORITIES.items()
        ]
        + [{"name": "delivery", "version": 1, "body": DELIVERY, "note": "all classes"}],
    )
    _index_deliveries("'pending', 'retry'", "'dead', 'unknown'")


def downgrade() -> None:
    _index_deliveries("'pending', 'retry', 'unknown'", "'dead'")
    op.execute("DELETE FROM alpha.rules WHERE name = 'delivery' OR starts_with(name, 'priority:')")


def _index_deliveries(due: str, dead: str) -> None:
    op.execute("DROP INDEX alpha.deliveries_due_idx")
    op.execute(
        "CREATE INDEX deliveries_due_idx ON alpha.deliveries (priority, due_at, id)"
        f" WHERE state IN ({due})"
    )
    op.execute("DROP INDEX alpha.deliveries_dead_idx")
    op.execute(
        f"CREATE INDEX deliveries_dead_idx ON alpha.deliveries (created_at) WHERE state IN ({dead})"
    )
