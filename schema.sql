-- The whole schema, dumped from the migrations by `make schema`; a test keeps them equal.
-- Trigram search (gin_trgm_ops) is there where the server has pg_trgm, and left out elsewhere.

CREATE SCHEMA alpha;

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA alpha;

CREATE TYPE alpha.exchange AS ENUM (
    'kalshi',
    'polymarket'
);

CREATE TYPE alpha.market_status AS ENUM (
    'upcoming',
    'open',
    'paused',
    'closed',
    'determined',
    'disputed',
    'settled',
    'unknown'
);

CREATE TYPE alpha.market_type AS ENUM (
    'binary',
    'scalar',
    'categorical',
    'unknown'
);

CREATE TABLE alpha.alembic_version (
    version_num character varying(32) NOT NULL
);

CREATE TABLE alpha.audit_log (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL
);

ALTER TABLE alpha.audit_log ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME alpha.audit_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE alpha.candle_backfills (
    id bigint NOT NULL,
    market_id uuid NOT NULL,
    since timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    reason text NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    not_before timestamp with time zone NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    done_at timestamp with time zone,
    candles integer,
    CONSTRAINT candle_backfills_window_check CHECK ((since <= until))
);

ALTER TABLE alpha.candle_backfills ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME alpha.candle_backfills_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE alpha.cron_runs (
    name text NOT NULL,
    scheduled_for timestamp with time zone NOT NULL,
    holder text,
    fence bigint,
    started_at timestamp with time zone,
    heartbeat_at timestamp with time zone,
    finished_at timestamp with time zone,
    outcome text,
    counts jsonb DEFAULT '{}'::jsonb NOT NULL,
    error text
);

CREATE TABLE alpha.events (
    series_id uuid NOT NULL,
    title text NOT NULL,
    subtitle text,
    category text,
    is_mutually_exclusive boolean DEFAULT false NOT NULL,
    strike_at timestamp with time zone,
    is_stub boolean DEFAULT false NOT NULL,
    id uuid NOT NULL,
    exchange alpha.exchange NOT NULL,
    ext_id text NOT NULL,
    platform_metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    source_ts timestamp with time zone,
    fingerprint bigint NOT NULL,
    is_deleted boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE alpha.feed_states (
    feed text NOT NULL,
    state text NOT NULL,
    since timestamp with time zone NOT NULL,
    as_of timestamp with time zone,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL
);

CREATE TABLE alpha.ingest_rejects (
    id bigint NOT NULL,
    source text NOT NULL,
    kind text NOT NULL,
    ext_id text,
    reason text NOT NULL,
    raw text NOT NULL,
    row_hash bigint NOT NULL,
    times integer DEFAULT 1 NOT NULL,
    first_seen_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL
);

ALTER TABLE alpha.ingest_rejects ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME alpha.ingest_rejects_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE alpha.leases (
    name text NOT NULL,
    holder text NOT NULL,
    fence bigint NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

CREATE TABLE alpha.lifecycle_events (
    id bigint NOT NULL,
    exchange alpha.exchange NOT NULL,
    ext_id text CONSTRAINT lifecycle_events_market_ext_id_not_null NOT NULL,
    event_type text NOT NULL,
    exchange_ts timestamp with time zone NOT NULL,
    payload jsonb NOT NULL,
    payload_hash bigint NOT NULL,
    received_at timestamp with time zone NOT NULL,
    applied_at timestamp with time zone,
    subject text DEFAULT 'market'::text NOT NULL,
    said jsonb DEFAULT '{}'::jsonb NOT NULL
);

ALTER TABLE alpha.lifecycle_events ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME alpha.lifecycle_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE alpha.market_outcomes (
    id uuid NOT NULL,
    market_id uuid NOT NULL,
    execution_asset_id text NOT NULL,
    "position" smallint NOT NULL,
    name text NOT NULL,
    is_winner boolean,
    is_deleted boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE UNLOGGED TABLE alpha.market_quotes (
    market_id uuid NOT NULL,
    last numeric(10,6),
    bid numeric(10,6),
    ask numeric(10,6),
    bid_size numeric(24,8),
    ask_size numeric(24,8),
    volume numeric(24,8),
    volume_24h numeric(24,8),
    open_interest numeric(24,8),
    previous numeric(10,6),
    previous_bid numeric(10,6),
    previous_ask numeric(10,6),
    as_of timestamp with time zone NOT NULL,
    fingerprint bigint,
    CONSTRAINT market_quotes_ask_check CHECK (((ask >= (0)::numeric) AND (ask <= (1)::numeric))),
    CONSTRAINT market_quotes_ask_size_check CHECK (((ask_size >= (0)::numeric) AND (ask_size < '10000000000000000'::numeric))),
    CONSTRAINT market_quotes_bid_check CHECK (((bid >= (0)::numeric) AND (bid <= (1)::numeric))),
    CONSTRAINT market_quotes_bid_size_check CHECK (((bid_size >= (0)::numeric) AND (bid_size < '10000000000000000'::numeric))),
    CONSTRAINT market_quotes_last_check CHECK (((last >= (0)::numeric) AND (last <= (1)::numeric))),
    CONSTRAINT market_quotes_open_interest_check CHECK (((open_interest >= (0)::numeric) AND (open_interest < '10000000000000000'::numeric))),
    CONSTRAINT market_quotes_previous_ask_check CHECK (((previous_ask >= (0)::numeric) AND (previous_ask <= (1)::numeric))),
    CONSTRAINT market_quotes_previous_bid_check CHECK (((previous_bid >= (0)::numeric) AND (previous_bid <= (1)::numeric))),
    CONSTRAINT market_quotes_previous_check CHECK (((previous >= (0)::numeric) AND (previous <= (1)::numeric))),
    CONSTRAINT market_quotes_volume_24h_check CHECK (((volume_24h >= (0)::numeric) AND (volume_24h < '10000000000000000'::numeric))),
    CONSTRAINT market_quotes_volume_check CHECK (((volume >= (0)::numeric) AND (volume < '10000000000000000'::numeric)))
)
WITH (fillfactor='70');

CREATE UNLOGGED TABLE alpha.market_quotes_epoch (
    epoch uuid NOT NULL
);

CREATE TABLE alpha.market_ticks (
    market_id uuid NOT NULL,
    bucket_at timestamp with time zone NOT NULL,
    open numeric(10,6),
    high numeric(10,6),
    low numeric(10,6),
    close numeric(10,6),
    bid numeric(10,6),
    ask numeric(10,6),
    volume numeric(24,8) NOT NULL,
    open_interest numeric(24,8),
    frames integer DEFAULT 0 NOT NULL,
    source text DEFAULT 'stream'::text NOT NULL,
    CONSTRAINT market_ticks_ask_check CHECK (((ask >= (0)::numeric) AND (ask <= (1)::numeric))),
    CONSTRAINT market_ticks_bid_check CHECK (((bid >= (0)::numeric) AND (bid <= (1)::numeric))),
    CONSTRAINT market_ticks_close_check CHECK (((close >= (0)::numeric) AND (close <= (1)::numeric))),
    CONSTRAINT market_ticks_high_check CHECK (((high >= (0)::numeric) AND (high <= (1)::numeric))),
    CONSTRAINT market_ticks_low_check CHECK (((low >= (0)::numeric) AND (low <= (1)::numeric))),
    CONSTRAINT market_ticks_open_check CHECK (((open >= (0)::numeric) AND (open <= (1)::numeric))),
    CONSTRAINT market_ticks_open_interest_check CHECK (((open_interest >= (0)::numeric) AND (open_interest < '10000000000000000'::numeric))),
    CONSTRAINT market_ticks_volume_check CHECK (((volume >= (0)::numeric) AND (volume < '10000000000000000'::numeric)))
)
PARTITION BY RANGE (bucket_at);

CREATE TABLE alpha.market_ticks_1d (
    market_id uuid NOT NULL,
    bucket_at timestamp with time zone NOT NULL,
    open numeric(10,6),
    high numeric(10,6),
    low numeric(10,6),
    close numeric(10,6),
    bid numeric(10,6),
    ask numeric(10,6),
    volume numeric(24,8) NOT NULL,
    open_interest numeric(24,8),
    frames integer DEFAULT 0 NOT NULL,
    source text DEFAULT 'stream'::text NOT NULL,
    CONSTRAINT market_ticks_1d_ask_check CHECK (((ask >= (0)::numeric) AND (ask <= (1)::numeric))),
    CONSTRAINT market_ticks_1d_bid_check CHECK (((bid >= (0)::numeric) AND (bid <= (1)::numeric))),
    CONSTRAINT market_ticks_1d_close_check CHECK (((close >= (0)::numeric) AND (close <= (1)::numeric))),
    CONSTRAINT market_ticks_1d_high_check CHECK (((high >= (0)::numeric) AND (high <= (1)::numeric))),
    CONSTRAINT market_ticks_1d_low_check CHECK (((low >= (0)::numeric) AND (low <= (1)::numeric))),
    CONSTRAINT market_ticks_1d_open_check CHECK (((open >= (0)::numeric) AND (open <= (1)::numeric))),
    CONSTRAINT market_ticks_1d_open_interest_check CHECK (((open_interest >= (0)::numeric) AND (open_interest < '10000000000000000'::numeric))),
    CONSTRAINT market_ticks_1d_volume_check CHECK (((volume >= (0)::numeric) AND (volume < '10000000000000000'::numeric)))
);

CREATE TABLE alpha.market_ticks_1h (
    market_id uuid NOT NULL,
    bucket_at timestamp with time zone NOT NULL,
    open numeric(10,6),
    high numeric(10,6),
    low numeric(10,6),
    close numeric(10,6),
    bid numeric(10,6),
    ask numeric(10,6),
    volume numeric(24,8) NOT NULL,
    open_interest numeric(24,8),
    frames integer DEFAULT 0 NOT NULL,
    source text DEFAULT 'stream'::text NOT NULL,
    CONSTRAINT market_ticks_1h_ask_check CHECK (((ask >= (0)::numeric) AND (ask <= (1)::numeric))),
    CONSTRAINT market_ticks_1h_bid_check CHECK (((bid >= (0)::numeric) AND (bid <= (1)::numeric))),
    CONSTRAINT market_ticks_1h_close_check CHECK (((close >= (0)::numeric) AND (close <= (1)::numeric))),
    CONSTRAINT market_ticks_1h_high_check CHECK (((high >= (0)::numeric) AND (high <= (1)::numeric))),
    CONSTRAINT market_ticks_1h_low_check CHECK (((low >= (0)::numeric) AND (low <= (1)::numeric))),
    CONSTRAINT market_ticks_1h_open_check CHECK (((open >= (0)::numeric) AND (open <= (1)::numeric))),
    CONSTRAINT market_ticks_1h_open_interest_check CHECK (((open_interest >= (0)::numeric) AND (open_interest < '10000000000000000'::numeric))),
    CONSTRAINT market_ticks_1h_volume_check CHECK (((volume >= (0)::numeric) AND (volume < '10000000000000000'::numeric)))
);

CREATE TABLE alpha.market_ticks_default (
    market_id uuid CONSTRAINT market_ticks_market_id_not_null NOT NULL,
    bucket_at timestamp with time zone CONSTRAINT market_ticks_bucket_at_not_null NOT NULL,
    open numeric(10,6),
    high numeric(10,6),
    low numeric(10,6),
    close numeric(10,6),
    bid numeric(10,6),
    ask numeric(10,6),
    volume numeric(24,8) CONSTRAINT market_ticks_volume_not_null NOT NULL,
    open_interest numeric(24,8),
    frames integer DEFAULT 0 CONSTRAINT market_ticks_frames_not_null NOT NULL,
    source text DEFAULT 'stream'::text CONSTRAINT market_ticks_source_not_null NOT NULL,
    CONSTRAINT market_ticks_ask_check CHECK (((ask >= (0)::numeric) AND (ask <= (1)::numeric))),
    CONSTRAINT market_ticks_bid_check CHECK (((bid >= (0)::numeric) AND (bid <= (1)::numeric))),
    CONSTRAINT market_ticks_close_check CHECK (((close >= (0)::numeric) AND (close <= (1)::numeric))),
    CONSTRAINT market_ticks_high_check CHECK (((high >= (0)::numeric) AND (high <= (1)::numeric))),
    CONSTRAINT market_ticks_low_check CHECK (((low >= (0)::numeric) AND (low <= (1)::numeric))),
    CONSTRAINT market_ticks_open_check CHECK (((open >= (0)::numeric) AND (open <= (1)::numeric))),
    CONSTRAINT market_ticks_open_interest_check CHECK (((open_interest >= (0)::numeric) AND (open_interest < '10000000000000000'::numeric))),
    CONSTRAINT market_ticks_volume_check CHECK (((volume >= (0)::numeric) AND (volume < '10000000000000000'::numeric)))
);

CREATE TABLE alpha.markets (
    event_id uuid NOT NULL,
    market_type alpha.market_type NOT NULL,
    title text NOT NULL,
    status alpha.market_status NOT NULL,
    rules_primary text,
    rules_secondary text,
    open_at timestamp with time zone,
    close_at timestamp with time zone,
    expected_expiration_at timestamp with time zone,
    latest_expiration_at timestamp with time zone,
    listed_at timestamp with time zone DEFAULT now() NOT NULL,
    settled_at timestamp with time zone,
    result text,
    settlement_value numeric(10,6),
    can_close_early boolean DEFAULT false NOT NULL,
    strike_type text,
    floor_strike numeric,
    cap_strike numeric,
    price_ranges jsonb DEFAULT '[]'::jsonb NOT NULL,
    is_combo boolean DEFAULT false NOT NULL,
    is_provisional boolean DEFAULT false NOT NULL,
    id uuid NOT NULL,
    exchange alpha.exchange NOT NULL,
    ext_id text NOT NULL,
    platform_metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    source_ts timestamp with time zone,
    fingerprint bigint NOT NULL,
    is_deleted boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    lifecycle_ts timestamp with time zone,
    CONSTRAINT markets_settlement_value_check CHECK (((settlement_value >= (0)::numeric) AND (settlement_value <= (1)::numeric)))
);

CREATE TABLE alpha.public_trades (
    exchange alpha.exchange NOT NULL,
    ext_id text NOT NULL,
    market_id uuid NOT NULL,
    traded_at timestamp with time zone NOT NULL,
    price numeric(10,6) NOT NULL,
    contracts numeric(24,8) NOT NULL,
    cost_usd numeric(24,8) NOT NULL,
    taker text,
    is_block boolean DEFAULT false NOT NULL,
    CONSTRAINT public_trades_contracts_check CHECK (((contracts >= (0)::numeric) AND (contracts < '10000000000000000'::numeric))),
    CONSTRAINT public_trades_cost_usd_check CHECK (((cost_usd >= (0)::numeric) AND (cost_usd < '10000000000000000'::numeric))),
    CONSTRAINT public_trades_price_check CHECK (((price >= (0)::numeric) AND (price <= (1)::numeric)))
);

CREATE TABLE alpha.series (
    title text NOT NULL,
    category text,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    frequency text,
    fee_type text,
    fee_multiplier numeric(12,6),
    is_stub boolean DEFAULT false NOT NULL,
    id uuid NOT NULL,
    exchange alpha.exchange NOT NULL,
    ext_id text NOT NULL,
    platform_metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    source_ts timestamp with time zone,
    fingerprint bigint NOT NULL,
    is_deleted boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE alpha.stream_cursors (
    name text NOT NULL,
    "position" text NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY alpha.market_ticks ATTACH PARTITION alpha.market_ticks_default DEFAULT;

ALTER TABLE ONLY alpha.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);

ALTER TABLE ONLY alpha.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY alpha.candle_backfills
    ADD CONSTRAINT candle_backfills_pkey PRIMARY KEY (id);

ALTER TABLE ONLY alpha.cron_runs
    ADD CONSTRAINT cron_runs_pkey PRIMARY KEY (name, scheduled_for);

ALTER TABLE ONLY alpha.events
    ADD CONSTRAINT events_exchange_ext_id_key UNIQUE (exchange, ext_id);

ALTER TABLE ONLY alpha.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY alpha.feed_states
    ADD CONSTRAINT feed_states_pkey PRIMARY KEY (feed);

ALTER TABLE ONLY alpha.ingest_rejects
    ADD CONSTRAINT ingest_rejects_pkey PRIMARY KEY (id);

ALTER TABLE ONLY alpha.ingest_rejects
    ADD CONSTRAINT ingest_rejects_source_kind_row_hash_key UNIQUE (source, kind, row_hash);

ALTER TABLE ONLY alpha.leases
    ADD CONSTRAINT leases_pkey PRIMARY KEY (name);

ALTER TABLE ONLY alpha.lifecycle_events
    ADD CONSTRAINT lifecycle_events_once_key UNIQUE (exchange, ext_id, event_type, exchange_ts, payload_hash);

ALTER TABLE ONLY alpha.lifecycle_events
    ADD CONSTRAINT lifecycle_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY alpha.market_outcomes
    ADD CONSTRAINT market_outcomes_market_id_execution_asset_id_key UNIQUE (market_id, execution_asset_id);

ALTER TABLE ONLY alpha.market_outcomes
    ADD CONSTRAINT market_outcomes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY alpha.market_quotes_epoch
    ADD CONSTRAINT market_quotes_epoch_pkey PRIMARY KEY (epoch);

ALTER TABLE ONLY alpha.market_quotes
    ADD CONSTRAINT market_quotes_pkey PRIMARY KEY (market_id);

ALTER TABLE ONLY alpha.market_ticks_1d
    ADD CONSTRAINT market_ticks_1d_pkey PRIMARY KEY (market_id, bucket_at);

ALTER TABLE ONLY alpha.market_ticks_1h
    ADD CONSTRAINT market_ticks_1h_pkey PRIMARY KEY (market_id, bucket_at);

ALTER TABLE ONLY alpha.market_ticks
    ADD CONSTRAINT market_ticks_pkey PRIMARY KEY (market_id, bucket_at);

ALTER TABLE ONLY alpha.market_ticks_default
    ADD CONSTRAINT market_ticks_default_pkey PRIMARY KEY (market_id, bucket_at);

ALTER TABLE ONLY alpha.markets
    ADD CONSTRAINT markets_exchange_ext_id_key UNIQUE (exchange, ext_id);

ALTER TABLE ONLY alpha.markets
    ADD CONSTRAINT markets_pkey PRIMARY KEY (id);

ALTER TABLE ONLY alpha.public_trades
    ADD CONSTRAINT public_trades_pkey PRIMARY KEY (exchange, ext_id);

ALTER TABLE ONLY alpha.series
    ADD CONSTRAINT series_exchange_ext_id_key UNIQUE (exchange, ext_id);

ALTER TABLE ONLY alpha.series
    ADD CONSTRAINT series_pkey PRIMARY KEY (id);

ALTER TABLE ONLY alpha.stream_cursors
    ADD CONSTRAINT stream_cursors_pkey PRIMARY KEY (name);

CREATE INDEX candle_backfills_due_idx ON alpha.candle_backfills USING btree (not_before, id) WHERE (done_at IS NULL);

CREATE UNIQUE INDEX candle_backfills_first_sight_idx ON alpha.candle_backfills USING btree (market_id) WHERE (reason = 'first_sight'::text);

CREATE INDEX cron_runs_finished_idx ON alpha.cron_runs USING btree (name, finished_at) WHERE (outcome = 'done'::text);

CREATE INDEX cron_runs_latest_idx ON alpha.cron_runs USING btree (name, started_at);

CREATE INDEX events_category_idx ON alpha.events USING btree (category, id) WHERE (NOT is_deleted);

CREATE INDEX events_search_idx ON alpha.events USING gin ((((title || ' '::text) || ext_id)) alpha.gin_trgm_ops) WHERE (NOT is_deleted);

CREATE INDEX events_series_id_idx ON alpha.events USING btree (series_id, id) WHERE (NOT is_deleted);

CREATE INDEX ingest_rejects_last_seen_at_idx ON alpha.ingest_rejects USING btree (last_seen_at);

CREATE INDEX lifecycle_events_received_at_idx ON alpha.lifecycle_events USING btree (received_at);

CREATE INDEX lifecycle_events_waiting_idx ON alpha.lifecycle_events USING btree (exchange, ext_id, id) WHERE (applied_at IS NULL);

CREATE INDEX market_quotes_movement_idx ON alpha.market_quotes USING btree (abs(COALESCE((last - previous), (0)::numeric)) DESC, market_id DESC);

CREATE INDEX market_quotes_volume_idx ON alpha.market_quotes USING btree (COALESCE(volume_24h, (0)::numeric) DESC, market_id DESC);

CREATE INDEX markets_closes_idx ON alpha.markets USING btree (COALESCE(close_at, 'infinity'::timestamp with time zone), id) WHERE (NOT is_deleted);

CREATE INDEX markets_event_id_idx ON alpha.markets USING btree (event_id, id) WHERE (NOT is_deleted);

CREATE INDEX markets_listed_at_idx ON alpha.markets USING btree (listed_at, id) WHERE (NOT is_deleted);

CREATE INDEX markets_search_idx ON alpha.markets USING gin ((((title || ' '::text) || ext_id)) alpha.gin_trgm_ops) WHERE (NOT is_deleted);

CREATE INDEX markets_status_closes_idx ON alpha.markets USING btree (status, COALESCE(close_at, 'infinity'::timestamp with time zone), id) WHERE (NOT is_deleted);

CREATE INDEX public_trades_market_idx ON alpha.public_trades USING btree (market_id, traded_at DESC, ext_id DESC);

CREATE INDEX public_trades_traded_at_idx ON alpha.public_trades USING btree (traded_at);

CREATE INDEX series_category_idx ON alpha.series USING btree (category, ext_id) WHERE (NOT is_deleted);

CREATE INDEX series_search_idx ON alpha.series USING gin ((((title || ' '::text) || ext_id)) alpha.gin_trgm_ops) WHERE (NOT is_deleted);

ALTER INDEX alpha.market_ticks_pkey ATTACH PARTITION alpha.market_ticks_default_pkey;

ALTER TABLE ONLY alpha.events
    ADD CONSTRAINT events_series_id_fkey FOREIGN KEY (series_id) REFERENCES alpha.series(id);

ALTER TABLE ONLY alpha.market_outcomes
    ADD CONSTRAINT market_outcomes_market_id_fkey FOREIGN KEY (market_id) REFERENCES alpha.markets(id);

ALTER TABLE ONLY alpha.markets
    ADD CONSTRAINT markets_event_id_fkey FOREIGN KEY (event_id) REFERENCES alpha.events(id);

ALTER TABLE alpha.alembic_version ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.audit_log ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.candle_backfills ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.cron_runs ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.events ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.feed_states ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.ingest_rejects ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.leases ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.lifecycle_events ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.market_outcomes ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.market_quotes ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.market_quotes_epoch ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.market_ticks ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.market_ticks_1d ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.market_ticks_1h ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.market_ticks_default ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.markets ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.public_trades ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.series ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.stream_cursors ENABLE ROW LEVEL SECURITY;
