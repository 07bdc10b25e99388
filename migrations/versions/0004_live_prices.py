"""Live prices: public trades, candles to fetch again, lifecycle events of markets and events."""

from alembic import op

revision = "0004"
down_revision = "0003"

UPGRADE = """
CREATE TABLE alpha.public_trades (
    exchange alpha.exchange NOT NULL,
    ext_id TEXT NOT NULL,
    market_id UUID NOT NULL,
    traded_at timestamptz NOT NULL,
    price NUMERIC(10, 6) NOT NULL,
    contracts NUMERIC(24, 8) NOT NULL,
    cost_usd NUMERIC(24, 8) NOT NULL,
    taker TEXT,
    is_block BOOLEAN DEFAULT false NOT NULL,
    CONSTRAINT public_trades_pkey PRIMARY KEY (exchange, ext_id),
    CONSTRAINT public_trades_price_check CHECK (price >= 0 AND price <= 1),
    CONSTRAINT public_trades_contracts_check CHECK (contracts >= 0 AND contracts < 1e16),
    CONSTRAINT public_trades_cost_usd_check CHECK (cost_usd >= 0 AND cost_usd < 1e16)
);

CREATE INDEX public_trades_market_idx ON alpha.public_trades (market_id, traded_at DESC, ext_id DESC);

CREATE INDEX public_trades_traded_at_idx ON alpha.public_trades (traded_at);

ALTER TABLE alpha.public_trades ENABLE ROW LEVEL SECURITY;

CREATE TABLE alpha.candle_backfills (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    market_id UUID NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL,
    reason TEXT NOT NULL,
    requested_at timestamptz NOT NULL,
    not_before timestamptz NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    done_at timestamptz,
    candles INTEGER,
    CONSTRAINT candle_backfills_pkey PRIMARY KEY (id),
    CONSTRAINT candle_backfills_window_check CHECK (since <= until)
);

CREATE INDEX candle_backfills_due_idx ON alpha.candle_backfills (not_before, id) WHERE done_at IS NULL;

CREATE UNIQUE INDEX candle_backfills_first_sight_idx ON alpha.candle_backfills (market_id) WHERE reason = 'first_sight';

ALTER TABLE alpha.candle_backfills ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.markets ADD COLUMN lifecycle_ts timestamptz;

ALTER TABLE alpha.lifecycle_events RENAME COLUMN market_ext_id TO ext_id;

ALTER TABLE alpha.lifecycle_events ADD COLUMN subject TEXT DEFAULT 'market' NOT NULL;

ALTER TABLE alpha.lifecycle_events DROP CONSTRAINT lifecycle_events_once_key;

ALTER TABLE alpha.lifecycle_events ADD CONSTRAINT lifecycle_events_once_key UNIQUE (exchange, ext_id, event_type, exchange_ts, payload_hash);

CREATE INDEX lifecycle_events_waiting_idx ON alpha.lifecycle_events (exchange, ext_id, id) WHERE applied_at IS NULL;

CREATE INDEX lifecycle_events_received_at_idx ON alpha.lifecycle_events (received_at)
"""


def upgrade() -> None:
    for statement in UPGRADE.split(";\n\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX alpha.lifecycle_events_received_at_idx")
    op.execute("DROP INDEX alpha.lifecycle_events_waiting_idx")
    op.execute("ALTER TABLE alpha.lifecycle_events DROP COLUMN subject")
    op.execute("ALTER TABLE alpha.lifecycle_events RENAME COLUMN ext_id TO market_ext_id")
    op.execute("ALTER TABLE alpha.markets DROP COLUMN lifecycle_ts")
    op.execute("DROP TABLE alpha.candle_backfills")
    op.execute("DROP TABLE alpha.public_trades")
