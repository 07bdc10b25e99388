"""Operations: leases, feed states, lifecycle events, runs, rejects, audit log."""

from alembic import op

revision = "0003"
down_revision = "0002"

UPGRADE = """
CREATE TABLE alpha.leases (
    name TEXT NOT NULL,
    holder TEXT NOT NULL,
    fence BIGINT NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT leases_pkey PRIMARY KEY (name)
);

ALTER TABLE alpha.leases ENABLE ROW LEVEL SECURITY;

CREATE TABLE alpha.feed_states (
    feed TEXT NOT NULL,
    state TEXT NOT NULL,
    since timestamptz NOT NULL,
    as_of timestamptz,
    detail JSONB DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT feed_states_pkey PRIMARY KEY (feed)
);

ALTER TABLE alpha.feed_states ENABLE ROW LEVEL SECURITY;

CREATE TABLE alpha.lifecycle_events (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    exchange alpha.exchange NOT NULL,
    market_ext_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    exchange_ts timestamptz NOT NULL,
    payload JSONB NOT NULL,
    payload_hash BIGINT NOT NULL,
    received_at timestamptz NOT NULL,
    applied_at timestamptz,
    CONSTRAINT lifecycle_events_pkey PRIMARY KEY (id),
    CONSTRAINT lifecycle_events_once_key UNIQUE (exchange, market_ext_id, event_type, exchange_ts, payload_hash)
);

ALTER TABLE alpha.lifecycle_events ENABLE ROW LEVEL SECURITY;

CREATE TABLE alpha.cron_runs (
    name TEXT NOT NULL,
    scheduled_for timestamptz NOT NULL,
    holder TEXT,
    fence BIGINT,
    started_at timestamptz,
    heartbeat_at timestamptz,
    finished_at timestamptz,
    outcome TEXT,
    counts JSONB DEFAULT '{}'::jsonb NOT NULL,
    error TEXT,
    CONSTRAINT cron_runs_pkey PRIMARY KEY (name, scheduled_for)
);

CREATE INDEX cron_runs_finished_idx ON alpha.cron_runs (name, finished_at) WHERE outcome = 'done';

CREATE INDEX cron_runs_latest_idx ON alpha.cron_runs (name, started_at);

ALTER TABLE alpha.cron_runs ENABLE ROW LEVEL SECURITY;

CREATE TABLE alpha.ingest_rejects (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    ext_id TEXT,
    reason TEXT NOT NULL,
    raw TEXT NOT NULL,
    row_hash BIGINT NOT NULL,
    times INTEGER DEFAULT 1 NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    CONSTRAINT ingest_rejects_pkey PRIMARY KEY (id),
    CONSTRAINT ingest_rejects_source_kind_row_hash_key UNIQUE (source, kind, row_hash)
);

CREATE INDEX ingest_rejects_last_seen_at_idx ON alpha.ingest_rejects (last_seen_at);

ALTER TABLE alpha.ingest_rejects ENABLE ROW LEVEL SECURITY;

CREATE TABLE alpha.audit_log (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    at timestamptz DEFAULT now() NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT,
    detail JSONB DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT audit_log_pkey PRIMARY KEY (id)
);

ALTER TABLE alpha.audit_log ENABLE ROW LEVEL SECURITY
"""


def upgrade() -> None:
    for statement in UPGRADE.split(";\n\n"):
        op.execute(statement)


def downgrade() -> None:
    for table in (
        "audit_log",
        "ingest_rejects",
        "cron_runs",
        "lifecycle_events",
        "feed_states",
        "leases",
    ):
        op.execute(f"DROP TABLE alpha.{table}")
