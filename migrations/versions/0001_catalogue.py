"""Catalogue: series, events, markets, outcomes."""

from alembic import op

revision = "0001"
down_revision = None

UPGRADE = """
CREATE TYPE alpha.exchange AS ENUM ('kalshi', 'polymarket');

CREATE TYPE alpha.market_status AS ENUM (
    'upcoming', 'open', 'paused', 'closed', 'determined', 'disputed', 'settled', 'unknown'
);

CREATE TYPE alpha.market_type AS ENUM ('binary', 'scalar', 'categorical', 'unknown');

CREATE TABLE alpha.series (
    title TEXT NOT NULL,
    category TEXT,
    tags TEXT[] DEFAULT '{}'::text[] NOT NULL,
    frequency TEXT,
    fee_type TEXT,
    fee_multiplier NUMERIC(12, 6),
    is_stub BOOLEAN DEFAULT false NOT NULL,
    id UUID NOT NULL,
    exchange alpha.exchange NOT NULL,
    ext_id TEXT NOT NULL,
    platform_metadata JSONB DEFAULT '{}'::jsonb NOT NULL,
    source_ts timestamptz,
    fingerprint BIGINT NOT NULL,
    is_deleted BOOLEAN DEFAULT false NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT series_pkey PRIMARY KEY (id),
    CONSTRAINT series_exchange_ext_id_key UNIQUE (exchange, ext_id)
);

CREATE INDEX series_category_idx ON alpha.series (category, ext_id) WHERE NOT is_deleted;

ALTER TABLE alpha.series ENABLE ROW LEVEL SECURITY;

CREATE TABLE alpha.events (
    series_id UUID NOT NULL,
    title TEXT NOT NULL,
    subtitle TEXT,
    category TEXT,
    is_mutually_exclusive BOOLEAN DEFAULT false NOT NULL,
    strike_at timestamptz,
    is_stub BOOLEAN DEFAULT false NOT NULL,
    id UUID NOT NULL,
    exchange alpha.exchange NOT NULL,
    ext_id TEXT NOT NULL,
    platform_metadata JSONB DEFAULT '{}'::jsonb NOT NULL,
    source_ts timestamptz,
    fingerprint BIGINT NOT NULL,
    is_deleted BOOLEAN DEFAULT false NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT events_pkey PRIMARY KEY (id),
    CONSTRAINT events_exchange_ext_id_key UNIQUE (exchange, ext_id),
    CONSTRAINT events_series_id_fkey FOREIGN KEY(series_id) REFERENCES alpha.series (id)
);

CREATE INDEX events_category_idx ON alpha.events (category, id) WHERE NOT is_deleted;

CREATE INDEX events_series_id_idx ON alpha.events (series_id, id) WHERE NOT is_deleted;

ALTER TABLE alpha.events ENABLE ROW LEVEL SECURITY;

CREATE TABLE alpha.markets (
    event_id UUID NOT NULL,
    market_type alpha.market_type NOT NULL,
    title TEXT NOT NULL,
    status alpha.market_status NOT NULL,
    rules_primary TEXT,
    rules_secondary TEXT,
    open_at timestamptz,
    close_at timestamptz,
    expected_expiration_at timestamptz,
    latest_expiration_at timestamptz,
    listed_at timestamptz DEFAULT now() NOT NULL,
    settled_at timestamptz,
    result TEXT,
    settlement_value NUMERIC(10, 6),
    can_close_early BOOLEAN DEFAULT false NOT NULL,
    strike_type TEXT,
    floor_strike NUMERIC,
    cap_strike NUMERIC,
    price_ranges JSONB DEFAULT '[]'::jsonb NOT NULL,
    is_combo BOOLEAN DEFAULT false NOT NULL,
    is_provisional BOOLEAN DEFAULT false NOT NULL,
    id UUID NOT NULL,
    exchange alpha.exchange NOT NULL,
    ext_id TEXT NOT NULL,
    platform_metadata JSONB DEFAULT '{}'::jsonb NOT NULL,
    source_ts timestamptz,
    fingerprint BIGINT NOT NULL,
    is_deleted BOOLEAN DEFAULT false NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT markets_pkey PRIMARY KEY (id),
    CONSTRAINT markets_exchange_ext_id_key UNIQUE (exchange, ext_id),
    CONSTRAINT markets_settlement_value_check CHECK (settlement_value BETWEEN 0 AND 1),
    CONSTRAINT markets_event_id_fkey FOREIGN KEY(event_id) REFERENCES alpha.events (id)
);

CREATE INDEX markets_closes_idx ON alpha.markets (coalesce(close_at, 'infinity'::timestamptz), id) WHERE NOT is_deleted;

CREATE INDEX markets_event_id_idx ON alpha.markets (event_id, id) WHERE NOT is_deleted;

CREATE INDEX markets_listed_at_idx ON alpha.markets (listed_at, id) WHERE NOT is_deleted;

CREATE INDEX markets_status_closes_idx ON alpha.markets (status, coalesce(close_at, 'infinity'::timestamptz), id) WHERE NOT is_deleted;

ALTER TABLE alpha.markets ENABLE ROW LEVEL SECURITY;

CREATE TABLE alpha.market_outcomes (
    id UUID NOT NULL,
    market_id UUID NOT NULL,
    execution_asset_id TEXT NOT NULL,
    position SMALLINT NOT NULL,
    name TEXT NOT NULL,
    is_winner BOOLEAN,
    is_deleted BOOLEAN DEFAULT false NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT market_outcomes_pkey PRIMARY KEY (id),
    CONSTRAINT market_outcomes_market_id_execution_asset_id_key UNIQUE (market_id, execution_asset_id),
    CONSTRAINT market_outcomes_market_id_fkey FOREIGN KEY(market_id) REFERENCES alpha.markets (id)
);

ALTER TABLE alpha.market_outcomes ENABLE ROW LEVEL SECURITY
"""


# Text search is served by trigrams where the server has them, else by a plain scan.
SEARCH = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') THEN
        CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA alpha;
        CREATE INDEX markets_search_idx ON alpha.markets
            USING gin ((title || ' ' || ext_id) alpha.gin_trgm_ops) WHERE NOT is_deleted;
        CREATE INDEX events_search_idx ON alpha.events
            USING gin ((title || ' ' || ext_id) alpha.gin_trgm_ops) WHERE NOT is_deleted;
        CREATE INDEX series_search_idx ON alpha.series
            USING gin ((title || ' ' || ext_id) alpha.gin_trgm_ops) WHERE NOT is_deleted;
    END IF;
END $$
"""


def upgrade() -> None:
    op.execute("REVOKE ALL ON SCHEMA alpha FROM PUBLIC")
    op.execute("ALTER TABLE alpha.alembic_version ENABLE ROW LEVEL SECURITY")
    for statement in UPGRADE.split(";\n\n"):
        op.execute(statement)
    op.execute(SEARCH)


def downgrade() -> None:
    for table in ("market_outcomes", "markets", "events", "series"):
        op.execute(f"DROP TABLE alpha.{table}")
    for enum in ("market_type", "market_status", "exchange"):
        op.execute(f"DROP TYPE alpha.{enum}")
