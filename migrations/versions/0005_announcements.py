"""Announcements keep what they say in our words, for markets that the catalogue gets later."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("ALTER TABLE alpha.lifecycle_events ADD COLUMN said JSONB DEFAULT '{}' NOT NULL")


def downgrade() -> None:
    op.execute("ALTER TABLE alpha.lifecycle_events DROP COLUMN said")
