"""People: users, positions, follows, devices, preferences; personal data, deleted for real."""

from alembic import op

revision = "0006"
down_revision = "0005"

TABLES = ("users", "positions", "follows", "devices", "notification_preferences")

UPGRADE = """
CREATE TYPE alpha.side AS ENUM ('yes', 'no');

CREATE TYPE alpha.follow_kind AS ENUM ('market', 'event', 'series');

CREATE TYPE alpha.device_kind AS ENUM ('fcm_token', 'fcm_fid', 'apns');

CREATE TABLE alpha.users (
    id UUID NOT NULL,
    display_name TEXT,
    timezone TEXT DEFAULT 'America/New_York' NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    last_seen_at timestamptz,
    CONSTRAINT users_pkey PRIMARY KEY (id)
);

CREATE TABLE alpha.positions (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    market_id UUID NOT NULL,
    side alpha.side NOT NULL,
    contracts NUMERIC(24, 8) NOT NULL,
    average_price NUMERIC(10, 6),
    source TEXT NOT NULL,
    opened_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT positions_pkey PRIMARY KEY (id),
    CONSTRAINT positions_one_key UNIQUE (user_id, market_id, side),
    CONSTRAINT positions_user_id_fkey FOREIGN KEY (user_id) REFERENCES alpha.users (id) ON DELETE CASCADE,
    CONSTRAINT positions_market_id_fkey FOREIGN KEY (market_id) REFERENCES alpha.markets (id),
    CONSTRAINT positions_contracts_check CHECK (contracts > 0 AND contracts < 1e16),
    CONSTRAINT positions_average_price_check CHECK (average_price >= 0 AND average_price <= 1)
);

CREATE INDEX positions_market_id_idx ON alpha.positions (market_id) INCLUDE (user_id, side, contracts);

CREATE TABLE alpha.follows (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    kind alpha.follow_kind NOT NULL,
    target_id UUID NOT NULL,
    is_push BOOLEAN NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT follows_pkey PRIMARY KEY (id),
    CONSTRAINT follows_one_key UNIQUE (user_id, kind, target_id),
    CONSTRAINT follows_user_id_fkey FOREIGN KEY (user_id) REFERENCES alpha.users (id) ON DELETE CASCADE
);

CREATE INDEX follows_target_idx ON alpha.follows (target_id) INCLUDE (user_id, is_push);

CREATE TABLE alpha.devices (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    kind alpha.device_kind NOT NULL,
    address TEXT NOT NULL,
    app_version TEXT,
    registered_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    disabled_at timestamptz,
    disabled_reason TEXT,
    CONSTRAINT devices_pkey PRIMARY KEY (id),
    CONSTRAINT devices_address_key UNIQUE (kind, address),
    CONSTRAINT devices_user_id_fkey FOREIGN KEY (user_id) REFERENCES alpha.users (id) ON DELETE CASCADE,
    CONSTRAINT devices_disabled_check CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL))
);

CREATE INDEX devices_user_id_idx ON alpha.devices (user_id) WHERE disabled_at IS NULL;

CREATE INDEX devices_of_user_idx ON alpha.devices (user_id, registered_at DESC, id DESC);

CREATE INDEX devices_installation_idx ON alpha.devices (split_part(address, ':', 1));

CREATE TABLE alpha.notification_preferences (
    user_id UUID NOT NULL,
    is_push_on BOOLEAN DEFAULT true NOT NULL,
    quiet_from TIME,
    quiet_to TIME,
    is_protect_quiet BOOLEAN DEFAULT false NOT NULL,
    is_held_when_quiet BOOLEAN DEFAULT true NOT NULL,
    muted_kinds TEXT[] DEFAULT '{}'::text[] NOT NULL,
    show_amounts BOOLEAN DEFAULT false NOT NULL,
    min_impact_usd NUMERIC(24, 8) DEFAULT 0 NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT notification_preferences_pkey PRIMARY KEY (user_id),
    CONSTRAINT notification_preferences_user_id_fkey FOREIGN KEY (user_id) REFERENCES alpha.users (id) ON DELETE CASCADE,
    CONSTRAINT notification_preferences_quiet_check CHECK ((quiet_from IS NULL) = (quiet_to IS NULL)),
    CONSTRAINT notification_preferences_min_impact_usd_check CHECK (min_impact_usd >= 0 AND min_impact_usd < 1e16)
);

CREATE VIEW alpha.people_markets WITH (security_invoker = true) AS
    SELECT market_id FROM alpha.positions
    UNION SELECT target_id FROM alpha.follows WHERE kind = 'market'
    UNION SELECT m.id FROM alpha.follows f JOIN alpha.markets m ON m.event_id = f.target_id
        WHERE f.kind = 'event'
    UNION SELECT m.id FROM alpha.follows f JOIN alpha.events e ON e.series_id = f.target_id
        JOIN alpha.markets m ON m.event_id = e.id WHERE f.kind = 'series'
"""


def upgrade() -> None:
    for statement in UPGRADE.split(";\n\n"):
        op.execute(statement)
    for table in TABLES:
        op.execute(f"ALTER TABLE alpha.{table} ENABLE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.execute("DROP VIEW alpha.people_markets")
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE alpha.{table}")
    for name in ("device_kind", "follow_kind", "side"):
        op.execute(f"DROP TYPE alpha.{name}")
