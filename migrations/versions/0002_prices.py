"""Prices: latest quotes, candles with roll-ups, stream cursors."""

from alembic import op

revision = "0002"
down_revision = "0001"

UPGRADE = """
CREATE UNLOGGED TABLE alpha.market_quotes (
    market_id UUID NOT NULL,
    last NUMERIC(10, 6),
    bid NUMERIC(10, 6),
    ask NUMERIC(10, 6),
    bid_size NUMERIC(24, 8),
    ask_size NUMERIC(24, 8),
    volume NUMERIC(24, 8),
    volume_24h NUMERIC(24, 8),
    open_interest NUMERIC(24, 8),
    previous NUMERIC(10, 6),
    previous_bid NUMERIC(10, 6),
    previous_ask NUMERIC(10, 6),
    as_of timestamptz NOT NULL,
    fingerprint BIGINT,
    CONSTRAINT market_quotes_pkey PRIMARY KEY (market_id),
    CONSTRAINT market_quotes_last_check CHECK (last >= 0 AND last <= 1),
    CONSTRAINT market_quotes_bid_check CHECK (bid >= 0 AND bid <= 1),
    CONSTRAINT market_quotes_ask_check CHECK (ask >= 0 AND ask <= 1),
    CONSTRAINT market_quotes_previous_check CHECK (previous >= 0 AND previous <= 1),
    CONSTRAINT market_quotes_previous_bid_check CHECK (previous_bid >= 0 AND previous_bid <= 1),
    CONSTRAINT market_quotes_previous_ask_check CHECK (previous_ask >= 0 AND previous_ask <= 1),
    CONSTRAINT market_quotes_bid_size_check CHECK (bid_size >= 0 AND bid_size < 1e16),
    CONSTRAINT market_quotes_ask_size_check CHECK (ask_size >= 0 AND ask_size < 1e16),
    CONSTRAINT market_quotes_volume_check CHECK (volume >= 0 AND volume < 1e16),
    CONSTRAINT market_quotes_volume_24h_check CHECK (volume_24h >= 0 AND volume_24h < 1e16),
    CONSTRAINT market_quotes_open_interest_check CHECK (open_interest >= 0 AND open_interest < 1e16)
) WITH (fillfactor = 70);

CREATE INDEX market_quotes_movement_idx ON alpha.market_quotes (abs(coalesce(last - previous, 0)) DESC, market_id DESC);

CREATE INDEX market_quotes_volume_idx ON alpha.market_quotes (coalesce(volume_24h, 0) DESC, market_id DESC);

ALTER TABLE alpha.market_quotes ENABLE ROW LEVEL SECURITY;

CREATE UNLOGGED TABLE alpha.market_quotes_epoch (
    epoch UUID NOT NULL,
    CONSTRAINT market_quotes_epoch_pkey PRIMARY KEY (epoch)
);

ALTER TABLE alpha.market_quotes_epoch ENABLE ROW LEVEL SECURITY;

CREATE TABLE alpha.market_ticks (
    market_id UUID NOT NULL,
    bucket_at timestamptz NOT NULL,
    open NUMERIC(10, 6),
    high NUMERIC(10, 6),
    low NUMERIC(10, 6),
    close NUMERIC(10, 6),
    bid NUMERIC(10, 6),
    ask NUMERIC(10, 6),
    volume NUMERIC(24, 8) NOT NULL,
    open_interest NUMERIC(24, 8),
    frames INTEGER DEFAULT 0 NOT NULL,
    source TEXT DEFAULT 'stream' NOT NULL,
    CONSTRAINT market_ticks_pkey PRIMARY KEY (market_id, bucket_at),
    CONSTRAINT market_ticks_open_check CHECK (open >= 0 AND open <= 1),
    CONSTRAINT market_ticks_high_check CHECK (high >= 0 AND high <= 1),
    CONSTRAINT market_ticks_low_check CHECK (low >= 0 AND low <= 1),
    CONSTRAINT market_ticks_close_check CHECK (close >= 0 AND close <= 1),
    CONSTRAINT market_ticks_bid_check CHECK (bid >= 0 AND bid <= 1),
    CONSTRAINT market_ticks_ask_check CHECK (ask >= 0 AND ask <= 1),
    CONSTRAINT market_ticks_volume_check CHECK (volume >= 0 AND volume < 1e16),
    CONSTRAINT market_ticks_open_interest_check CHECK (open_interest >= 0 AND open_interest < 1e16)
) PARTITION BY RANGE (bucket_at);

ALTER TABLE alpha.market_ticks ENABLE ROW LEVEL SECURITY;

CREATE TABLE alpha.market_ticks_default PARTITION OF alpha.market_ticks DEFAULT;

ALTER TABLE alpha.market_ticks_default ENABLE ROW LEVEL SECURITY;

CREATE TABLE alpha.market_ticks_1h (
    market_id UUID NOT NULL,
    bucket_at timestamptz NOT NULL,
    open NUMERIC(10, 6),
    high NUMERIC(10, 6),
    low NUMERIC(10, 6),
    close NUMERIC(10, 6),
    bid NUMERIC(10, 6),
    ask NUMERIC(10, 6),
    volume NUMERIC(24, 8) NOT NULL,
    open_interest NUMERIC(24, 8),
    frames INTEGER DEFAULT 0 NOT NULL,
    source TEXT DEFAULT 'stream' NOT NULL,
    CONSTRAINT market_ticks_1h_pkey PRIMARY KEY (market_id, bucket_at),
    CONSTRAINT market_ticks_1h_open_check CHECK (open >= 0 AND open <= 1),
    CONSTRAINT market_ticks_1h_high_check CHECK (high >= 0 AND high <= 1),
    CONSTRAINT market_ticks_1h_low_check CHECK (low >= 0 AND low <= 1),
    CONSTRAINT market_ticks_1h_close_check CHECK (close >= 0 AND close <= 1),
    CONSTRAINT market_ticks_1h_bid_check CHECK (bid >= 0 AND bid <= 1),
    CONSTRAINT market_ticks_1h_ask_check CHECK (ask >= 0 AND ask <= 1),
    CONSTRAINT market_ticks_1h_volume_check CHECK (volume >= 0 AND volume < 1e16),
    CONSTRAINT market_ticks_1h_open_interest_check CHECK (open_interest >= 0 AND open_interest < 1e16)
);

ALTER TABLE alpha.market_ticks_1h ENABLE ROW LEVEL SECURITY;

CREATE TABLE alpha.market_ticks_1d (
    market_id UUID NOT NULL,
    bucket_at timestamptz NOT NULL,
    open NUMERIC(10, 6),
    high NUMERIC(10, 6),
    low NUMERIC(10, 6),
    close NUMERIC(10, 6),
    bid NUMERIC(10, 6),
    ask NUMERIC(10, 6),
    volume NUMERIC(24, 8) NOT NULL,
    open_interest NUMERIC(24, 8),
    frames INTEGER DEFAULT 0 NOT NULL,
    source TEXT DEFAULT 'stream' NOT NULL,
    CONSTRAINT market_ticks_1d_pkey PRIMARY KEY (market_id, bucket_at),
    CONSTRAINT market_ticks_1d_open_check CHECK (open >= 0 AND open <= 1),
    CONSTRAINT market_ticks_1d_high_check CHECK (high >= 0 AND high <= 1),
    CONSTRAINT market_ticks_1d_low_check CHECK (low >= 0 AND low <= 1),
    CONSTRAINT market_ticks_1d_close_check CHECK (close >= 0 AND close <= 1),
    CONSTRAINT market_ticks_1d_bid_check CHECK (bid >= 0 AND bid <= 1),
    CONSTRAINT market_ticks_1d_ask_check CHECK (ask >= 0 AND ask <= 1),
    CONSTRAINT market_ticks_1d_volume_check CHECK (volume >= 0 AND volume < 1e16),
    CONSTRAINT market_ticks_1d_open_interest_check CHECK (open_interest >= 0 AND open_interest < 1e16)
);

ALTER TABLE alpha.market_ticks_1d ENABLE ROW LEVEL SECURITY;

CREATE TABLE alpha.stream_cursors (
    name TEXT NOT NULL,
    position TEXT NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT stream_cursors_pkey PRIMARY KEY (name)
);

ALTER TABLE alpha.stream_cursors ENABLE ROW LEVEL SECURITY
"""


def upgrade() -> None:
    for statement in UPGRADE.split(";\n\n"):
        op.execute(statement)


def downgrade() -> None:
    for table in (
        "stream_cursors",
        "market_ticks_1d",
        "market_ticks_1h",
        "market_ticks",
        "market_quotes",
        "market_quotes_epoch",
    ):
        op.execute(f"DROP TABLE alpha.{table}")
