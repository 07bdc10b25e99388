"""The pipeline: signals, episodes, detections, alerts, notifications, deliveries, rules, switches."""

from alembic import op

revision = "0007"
down_revision = "0006"

TABLES = (
    "signals",
    "market_baselines",
    "episodes",
    "detections",
    "alerts",
    "alert_evidence",
    "alert_markets",
    "notifications",
    "deliveries",
    "delivery_attempts",
    "rules",
    "switches",
)

UPGRADE = """
CREATE TYPE alpha.detection_kind AS ENUM ('line_move', 'volume_spike', 'whale', 'signal');

CREATE TYPE alpha.tier AS ENUM ('confirmed', 'unexplained');

CREATE TYPE alpha.alert_reason AS ENUM ('new', 'update', 'follow_up', 'correction');

CREATE TYPE alpha.delivery_state AS ENUM ('pending', 'sending', 'accepted', 'retry', 'dead', 'expired', 'suppressed', 'unknown');

CREATE TABLE alpha.signals (
    id UUID NOT NULL,
    source TEXT NOT NULL,
    source_event_id TEXT NOT NULL,
    source_url TEXT,
    kind TEXT NOT NULL,
    explains BOOLEAN NOT NULL,
    source_at timestamptz NOT NULL,
    observed_at timestamptz NOT NULL,
    subjects JSONB DEFAULT '[]'::jsonb NOT NULL,
    fact JSONB DEFAULT '{}'::jsonb NOT NULL,
    fact_version TEXT NOT NULL,
    CONSTRAINT signals_pkey PRIMARY KEY (id),
    CONSTRAINT signals_once_key UNIQUE (source, source_event_id),
    CONSTRAINT signals_explaining_key UNIQUE (id, explains)
);

CREATE INDEX signals_observed_at_idx ON alpha.signals (observed_at);

CREATE TABLE alpha.market_baselines (
    market_id UUID NOT NULL,
    state JSONB NOT NULL,
    through_at timestamptz NOT NULL,
    saved_at timestamptz NOT NULL,
    CONSTRAINT market_baselines_pkey PRIMARY KEY (market_id)
);

CREATE TABLE alpha.episodes (
    id UUID NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id UUID NOT NULL,
    opened_at timestamptz NOT NULL,
    last_detection_at timestamptz NOT NULL,
    closed_at timestamptz,
    CONSTRAINT episodes_pkey PRIMARY KEY (id),
    CONSTRAINT episodes_subject_kind_check CHECK (subject_kind IN ('event', 'game'))
);

CREATE UNIQUE INDEX episodes_open_idx ON alpha.episodes (subject_kind, subject_id) WHERE closed_at IS NULL;

CREATE INDEX episodes_quiet_idx ON alpha.episodes (last_detection_at) WHERE closed_at IS NULL;

CREATE TABLE alpha.detections (
    id UUID NOT NULL,
    dedupe_key TEXT NOT NULL,
    kind alpha.detection_kind NOT NULL,
    market_id UUID NOT NULL,
    event_id UUID NOT NULL,
    episode_id UUID NOT NULL,
    rule TEXT NOT NULL,
    rule_version INTEGER NOT NULL,
    policy TEXT NOT NULL,
    started_at timestamptz NOT NULL,
    observed_at timestamptz NOT NULL,
    decided_at timestamptz NOT NULL,
    direction SMALLINT NOT NULL,
    strength NUMERIC(12, 3) NOT NULL,
    price_before NUMERIC(10, 6),
    price_now NUMERIC(10, 6),
    numbers JSONB NOT NULL,
    markets JSONB NOT NULL,
    outcome TEXT,
    outcome_reason TEXT,
    alert_id UUID,
    attributed_at timestamptz,
    CONSTRAINT detections_pkey PRIMARY KEY (id),
    CONSTRAINT detections_dedupe_key_key UNIQUE (dedupe_key),
    CONSTRAINT detections_episode_id_fkey FOREIGN KEY (episode_id) REFERENCES alpha.episodes (id),
    CONSTRAINT detections_outcome_check CHECK (outcome IN ('alerted', 'joined', 'suppressed')),
    CONSTRAINT detections_direction_check CHECK (direction IN (-1, 0, 1)),
    CONSTRAINT detections_price_before_check CHECK (price_before >= 0 AND price_before <= 1),
    CONSTRAINT detections_price_now_check CHECK (price_now >= 0 AND price_now <= 1)
);

CREATE INDEX detections_waiting_idx ON alpha.detections (decided_at, id) WHERE outcome IS NULL;

CREATE INDEX detections_market_id_idx ON alpha.detections (market_id, decided_at DESC, id DESC);

CREATE INDEX detections_episode_id_idx ON alpha.detections (episode_id, decided_at);

CREATE TABLE alpha.alerts (
    id UUID NOT NULL,
    dedupe_key TEXT NOT NULL,
    episode_id UUID NOT NULL,
    event_id UUID NOT NULL,
    detection_id UUID NOT NULL,
    root_alert_id UUID NOT NULL,
    replaces_id UUID,
    reason alpha.alert_reason NOT NULL,
    tier alpha.tier NOT NULL,
    evidence_id UUID,
    kind alpha.detection_kind NOT NULL,
    strength NUMERIC(12, 3) NOT NULL,
    started_at timestamptz NOT NULL,
    decided_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    is_shadow BOOLEAN DEFAULT false NOT NULL,
    template TEXT,
    numbers JSONB,
    title TEXT,
    body TEXT,
    worded_at timestamptz,
    notified_at timestamptz,
    retracted_at timestamptz,
    retracted_reason TEXT,
    CONSTRAINT alerts_pkey PRIMARY KEY (id),
    CONSTRAINT alerts_dedupe_key_key UNIQUE (dedupe_key),
    CONSTRAINT alerts_tier_key UNIQUE (id, tier),
    CONSTRAINT alerts_episode_id_fkey FOREIGN KEY (episode_id) REFERENCES alpha.episodes (id),
    CONSTRAINT alerts_detection_id_fkey FOREIGN KEY (detection_id) REFERENCES alpha.detections (id),
    CONSTRAINT alerts_root_alert_id_fkey FOREIGN KEY (root_alert_id) REFERENCES alpha.alerts (id),
    CONSTRAINT alerts_replaces_id_fkey FOREIGN KEY (replaces_id) REFERENCES alpha.alerts (id),
    CONSTRAINT alerts_evidence_check CHECK ((tier = 'confirmed') = (evidence_id IS NOT NULL)),
    CONSTRAINT alerts_chain_check CHECK ((reason = 'new') = (replaces_id IS NULL)),
    CONSTRAINT alerts_worded_check CHECK (worded_at IS NULL OR (template IS NOT NULL AND numbers IS NOT NULL AND title IS NOT NULL AND body IS NOT NULL))
);

CREATE INDEX alerts_to_word_idx ON alpha.alerts (decided_at, id) WHERE worded_at IS NULL;

CREATE INDEX alerts_to_notify_idx ON alpha.alerts (decided_at, id) WHERE worded_at IS NOT NULL AND notified_at IS NULL;

CREATE INDEX alerts_episode_id_idx ON alpha.alerts (episode_id, decided_at);

CREATE INDEX alerts_decided_at_idx ON alpha.alerts (decided_at DESC, id DESC);

CREATE TABLE alpha.alert_evidence (
    alert_id UUID NOT NULL,
    signal_id UUID NOT NULL,
    tier alpha.tier DEFAULT 'confirmed' NOT NULL,
    explains BOOLEAN DEFAULT true NOT NULL,
    CONSTRAINT alert_evidence_pkey PRIMARY KEY (alert_id, signal_id),
    CONSTRAINT alert_evidence_alert_id_fkey FOREIGN KEY (alert_id, tier) REFERENCES alpha.alerts (id, tier),
    CONSTRAINT alert_evidence_signal_id_fkey FOREIGN KEY (signal_id, explains) REFERENCES alpha.signals (id, explains),
    CONSTRAINT alert_evidence_tier_check CHECK (tier = 'confirmed'),
    CONSTRAINT alert_evidence_explains_check CHECK (explains)
);

ALTER TABLE alpha.alerts ADD CONSTRAINT alerts_evidence_id_fkey FOREIGN KEY (id, evidence_id) REFERENCES alpha.alert_evidence (alert_id, signal_id) DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE alpha.alert_markets (
    alert_id UUID NOT NULL,
    market_id UUID NOT NULL,
    is_subject BOOLEAN NOT NULL,
    price_before NUMERIC(10, 6),
    bid_before NUMERIC(10, 6),
    ask_before NUMERIC(10, 6),
    price_now NUMERIC(10, 6),
    bid NUMERIC(10, 6),
    ask NUMERIC(10, 6),
    as_of timestamptz NOT NULL,
    is_wide BOOLEAN NOT NULL,
    is_stale BOOLEAN NOT NULL,
    CONSTRAINT alert_markets_pkey PRIMARY KEY (alert_id, market_id),
    CONSTRAINT alert_markets_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES alpha.alerts (id),
    CONSTRAINT alert_markets_price_before_check CHECK (price_before >= 0 AND price_before <= 1),
    CONSTRAINT alert_markets_bid_before_check CHECK (bid_before >= 0 AND bid_before <= 1),
    CONSTRAINT alert_markets_ask_before_check CHECK (ask_before >= 0 AND ask_before <= 1),
    CONSTRAINT alert_markets_price_now_check CHECK (price_now >= 0 AND price_now <= 1),
    CONSTRAINT alert_markets_bid_check CHECK (bid >= 0 AND bid <= 1),
    CONSTRAINT alert_markets_ask_check CHECK (ask >= 0 AND ask <= 1)
);

CREATE INDEX alert_markets_market_id_idx ON alpha.alert_markets (market_id, alert_id);

CREATE TABLE alpha.notifications (
    id UUID NOT NULL,
    alert_id UUID NOT NULL,
    root_alert_id UUID NOT NULL,
    user_id UUID NOT NULL,
    episode_id UUID NOT NULL,
    priority SMALLINT NOT NULL,
    template TEXT NOT NULL,
    numbers JSONB NOT NULL,
    impact_usd NUMERIC(24, 8),
    impact_mid_usd NUMERIC(24, 8),
    value_before_usd NUMERIC(24, 8),
    is_holder BOOLEAN NOT NULL,
    collapse_id TEXT NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    suppressed_reason TEXT,
    received_at timestamptz,
    opened_at timestamptz,
    muted_at timestamptz,
    CONSTRAINT notifications_pkey PRIMARY KEY (id),
    CONSTRAINT notifications_once_key UNIQUE (alert_id, user_id),
    CONSTRAINT notifications_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES alpha.alerts (id),
    CONSTRAINT notifications_user_id_fkey FOREIGN KEY (user_id) REFERENCES alpha.users (id) ON DELETE CASCADE,
    CONSTRAINT notifications_priority_check CHECK (priority >= 0 AND priority <= 3),
    CONSTRAINT notifications_impact_usd_check CHECK (abs(impact_usd) < 1e16),
    CONSTRAINT notifications_impact_mid_usd_check CHECK (abs(impact_mid_usd) < 1e16),
    CONSTRAINT notifications_value_before_usd_check CHECK (value_before_usd >= 0 AND value_before_usd < 1e16)
);

CREATE INDEX notifications_inbox_idx ON alpha.notifications (user_id, created_at DESC, id DESC);

CREATE INDEX notifications_episode_idx ON alpha.notifications (episode_id, user_id);

CREATE TABLE alpha.deliveries (
    id UUID NOT NULL,
    notification_id UUID NOT NULL,
    device_id UUID NOT NULL,
    user_id UUID NOT NULL,
    alert_id UUID NOT NULL,
    priority SMALLINT NOT NULL,
    state alpha.delivery_state NOT NULL,
    reason TEXT,
    attempts SMALLINT DEFAULT 0 NOT NULL,
    is_maybe_duplicate BOOLEAN DEFAULT false NOT NULL,
    collapse_id TEXT NOT NULL,
    created_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    lease_until timestamptz,
    lease_token UUID,
    title TEXT,
    body TEXT,
    address TEXT,
    sent_at timestamptz,
    accepted_at timestamptz,
    gateway_message_id TEXT,
    CONSTRAINT deliveries_pkey PRIMARY KEY (id),
    CONSTRAINT deliveries_once_key UNIQUE (notification_id, device_id),
    CONSTRAINT deliveries_notification_id_fkey FOREIGN KEY (notification_id) REFERENCES alpha.notifications (id) ON DELETE CASCADE,
    CONSTRAINT deliveries_lease_check CHECK ((state = 'sending') = (lease_token IS NOT NULL AND lease_until IS NOT NULL)),
    CONSTRAINT deliveries_priority_check CHECK (priority >= 0 AND priority <= 3)
) WITH (fillfactor = 70);

CREATE INDEX deliveries_due_idx ON alpha.deliveries (priority, due_at, id) WHERE state IN ('pending', 'retry', 'unknown');

CREATE INDEX deliveries_sending_idx ON alpha.deliveries (lease_until) WHERE state = 'sending';

CREATE INDEX deliveries_dead_idx ON alpha.deliveries (created_at) WHERE state = 'dead';

CREATE INDEX deliveries_user_idx ON alpha.deliveries (user_id, accepted_at) WHERE state = 'accepted';

CREATE TABLE alpha.delivery_attempts (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    delivery_id UUID NOT NULL,
    attempt SMALLINT NOT NULL,
    outcome TEXT NOT NULL,
    status INTEGER,
    detail TEXT,
    gateway_message_id TEXT,
    began_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL,
    CONSTRAINT delivery_attempts_pkey PRIMARY KEY (id),
    CONSTRAINT delivery_attempts_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES alpha.deliveries (id) ON DELETE CASCADE
);

CREATE INDEX delivery_attempts_delivery_id_idx ON alpha.delivery_attempts (delivery_id);

CREATE TABLE alpha.rules (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    body JSONB NOT NULL,
    note TEXT,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT rules_pkey PRIMARY KEY (name)
);

CREATE TABLE alpha.switches (
    name TEXT NOT NULL,
    is_on BOOLEAN NOT NULL,
    until timestamptz,
    note TEXT,
    changed_at timestamptz NOT NULL,
    CONSTRAINT switches_pkey PRIMARY KEY (name)
)
"""


def upgrade() -> None:
    for statement in UPGRADE.split(";\n\n"):
        op.execute(statement)
    for table in TABLES:
        op.execute(f"ALTER TABLE alpha.{table} ENABLE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.execute("ALTER TABLE alpha.alerts DROP CONSTRAINT alerts_evidence_id_fkey")
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE alpha.{table} CASCADE")
    for name in ("delivery_state", "alert_reason", "tier", "detection_kind"):
        op.execute(f"DROP TYPE alpha.{name}")
