-- The whole schema, dumped from the migrations by `make schema`; a test keeps them equal.
-- Trigram search (gin_trgm_ops) is there where the server has pg_trgm, and left out elsewhere.

CREATE SCHEMA alpha;

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA alpha;

CREATE TYPE alpha.alert_reason AS ENUM (
    'new',
    'update',
    'follow_up',
    'correction'
);

CREATE TYPE alpha.delivery_state AS ENUM (
    'pending',
    'sending',
    'accepted',
    'retry',
    'dead',
    'expired',
    'suppressed',
    'unknown'
);

CREATE TYPE alpha.detection_kind AS ENUM (
    'line_move',
    'volume_spike',
    'whale',
    'signal'
);

CREATE TYPE alpha.device_kind AS ENUM (
    'fcm_token',
    'fcm_fid',
    'apns'
);

CREATE TYPE alpha.exchange AS ENUM (
    'kalshi',
    'polymarket'
);

CREATE TYPE alpha.follow_kind AS ENUM (
    'market',
    'event',
    'series'
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

CREATE TYPE alpha.side AS ENUM (
    'yes',
    'no'
);

CREATE TYPE alpha.tier AS ENUM (
    'confirmed',
    'unexplained'
);

CREATE TABLE alpha.alembic_version (
    version_num character varying(32) NOT NULL
);

CREATE TABLE alpha.alert_evidence (
    alert_id uuid NOT NULL,
    signal_id uuid NOT NULL,
    tier alpha.tier DEFAULT 'confirmed'::alpha.tier NOT NULL,
    explains boolean DEFAULT true NOT NULL,
    CONSTRAINT alert_evidence_explains_check CHECK (explains),
    CONSTRAINT alert_evidence_tier_check CHECK ((tier = 'confirmed'::alpha.tier))
);

CREATE TABLE alpha.alert_markets (
    alert_id uuid NOT NULL,
    market_id uuid NOT NULL,
    is_subject boolean NOT NULL,
    price_before numeric(10,6),
    bid_before numeric(10,6),
    ask_before numeric(10,6),
    price_now numeric(10,6),
    bid numeric(10,6),
    ask numeric(10,6),
    as_of timestamp with time zone NOT NULL,
    is_wide boolean NOT NULL,
    is_stale boolean NOT NULL,
    CONSTRAINT alert_markets_ask_before_check CHECK (((ask_before >= (0)::numeric) AND (ask_before <= (1)::numeric))),
    CONSTRAINT alert_markets_ask_check CHECK (((ask >= (0)::numeric) AND (ask <= (1)::numeric))),
    CONSTRAINT alert_markets_bid_before_check CHECK (((bid_before >= (0)::numeric) AND (bid_before <= (1)::numeric))),
    CONSTRAINT alert_markets_bid_check CHECK (((bid >= (0)::numeric) AND (bid <= (1)::numeric))),
    CONSTRAINT alert_markets_price_before_check CHECK (((price_before >= (0)::numeric) AND (price_before <= (1)::numeric))),
    CONSTRAINT alert_markets_price_now_check CHECK (((price_now >= (0)::numeric) AND (price_now <= (1)::numeric)))
);

CREATE TABLE alpha.alerts (
    id uuid NOT NULL,
    dedupe_key text NOT NULL,
    episode_id uuid NOT NULL,
    event_id uuid NOT NULL,
    detection_id uuid NOT NULL,
    root_alert_id uuid NOT NULL,
    replaces_id uuid,
    reason alpha.alert_reason NOT NULL,
    tier alpha.tier NOT NULL,
    evidence_id uuid,
    kind alpha.detection_kind NOT NULL,
    strength numeric(12,3) NOT NULL,
    started_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    is_shadow boolean DEFAULT false NOT NULL,
    template text,
    numbers jsonb,
    title text,
    body text,
    worded_at timestamp with time zone,
    notified_at timestamp with time zone,
    retracted_at timestamp with time zone,
    retracted_reason text,
    CONSTRAINT alerts_chain_check CHECK (((reason = 'new'::alpha.alert_reason) = (replaces_id IS NULL))),
    CONSTRAINT alerts_evidence_check CHECK (((tier = 'confirmed'::alpha.tier) = (evidence_id IS NOT NULL))),
    CONSTRAINT alerts_worded_check CHECK (((worded_at IS NULL) OR ((template IS NOT NULL) AND (numbers IS NOT NULL) AND (title IS NOT NULL) AND (body IS NOT NULL))))
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

CREATE TABLE alpha.deliveries (
    id uuid NOT NULL,
    notification_id uuid NOT NULL,
    device_id uuid NOT NULL,
    user_id uuid NOT NULL,
    alert_id uuid NOT NULL,
    priority smallint NOT NULL,
    state alpha.delivery_state NOT NULL,
    reason text,
    attempts smallint DEFAULT 0 NOT NULL,
    is_maybe_duplicate boolean DEFAULT false NOT NULL,
    collapse_id text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    lease_until timestamp with time zone,
    lease_token uuid,
    title text,
    body text,
    address text,
    sent_at timestamp with time zone,
    accepted_at timestamp with time zone,
    gateway_message_id text,
    CONSTRAINT deliveries_lease_check CHECK (((state = 'sending'::alpha.delivery_state) = ((lease_token IS NOT NULL) AND (lease_until IS NOT NULL)))),
    CONSTRAINT deliveries_priority_check CHECK (((priority >= 0) AND (priority <= 3)))
)
WITH (fillfactor='70');

CREATE TABLE alpha.delivery_attempts (
    id bigint NOT NULL,
    delivery_id uuid NOT NULL,
    attempt smallint NOT NULL,
    outcome text NOT NULL,
    status integer,
    detail text,
    gateway_message_id text,
    began_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone NOT NULL
);

ALTER TABLE alpha.delivery_attempts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME alpha.delivery_attempts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE alpha.detections (
    id uuid NOT NULL,
    dedupe_key text NOT NULL,
    kind alpha.detection_kind NOT NULL,
    market_id uuid NOT NULL,
    event_id uuid NOT NULL,
    episode_id uuid NOT NULL,
    rule text NOT NULL,
    rule_version integer NOT NULL,
    policy text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    observed_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    direction smallint NOT NULL,
    strength numeric(12,3) NOT NULL,
    price_before numeric(10,6),
    price_now numeric(10,6),
    numbers jsonb NOT NULL,
    markets jsonb NOT NULL,
    outcome text,
    outcome_reason text,
    alert_id uuid,
    attributed_at timestamp with time zone,
    CONSTRAINT detections_direction_check CHECK ((direction = ANY (ARRAY['-1'::integer, 0, 1]))),
    CONSTRAINT detections_outcome_check CHECK ((outcome = ANY (ARRAY['alerted'::text, 'joined'::text, 'suppressed'::text]))),
    CONSTRAINT detections_price_before_check CHECK (((price_before >= (0)::numeric) AND (price_before <= (1)::numeric))),
    CONSTRAINT detections_price_now_check CHECK (((price_now >= (0)::numeric) AND (price_now <= (1)::numeric)))
);

CREATE TABLE alpha.devices (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    kind alpha.device_kind NOT NULL,
    address text NOT NULL,
    app_version text,
    registered_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    disabled_at timestamp with time zone,
    disabled_reason text,
    CONSTRAINT devices_disabled_check CHECK (((disabled_at IS NULL) = (disabled_reason IS NULL)))
);

CREATE TABLE alpha.episodes (
    id uuid NOT NULL,
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    last_detection_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    CONSTRAINT episodes_subject_kind_check CHECK ((subject_kind = ANY (ARRAY['event'::text, 'game'::text])))
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

CREATE TABLE alpha.follows (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    kind alpha.follow_kind NOT NULL,
    target_id uuid NOT NULL,
    is_push boolean NOT NULL,
    created_at timestamp with time zone NOT NULL
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

CREATE TABLE alpha.market_baselines (
    market_id uuid NOT NULL,
    state jsonb NOT NULL,
    through_at timestamp with time zone NOT NULL,
    saved_at timestamp with time zone NOT NULL
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

CREATE TABLE alpha.notification_preferences (
    user_id uuid NOT NULL,
    is_push_on boolean DEFAULT true NOT NULL,
    quiet_from time without time zone,
    quiet_to time without time zone,
    is_protect_quiet boolean DEFAULT false NOT NULL,
    is_held_when_quiet boolean DEFAULT true NOT NULL,
    muted_kinds text[] DEFAULT '{}'::text[] NOT NULL,
    show_amounts boolean DEFAULT false NOT NULL,
    min_impact_usd numeric(24,8) DEFAULT 0 NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT notification_preferences_min_impact_usd_check CHECK (((min_impact_usd >= (0)::numeric) AND (min_impact_usd < '10000000000000000'::numeric))),
    CONSTRAINT notification_preferences_quiet_check CHECK (((quiet_from IS NULL) = (quiet_to IS NULL)))
);

CREATE TABLE alpha.notifications (
    id uuid NOT NULL,
    alert_id uuid NOT NULL,
    root_alert_id uuid NOT NULL,
    user_id uuid NOT NULL,
    episode_id uuid NOT NULL,
    priority smallint NOT NULL,
    template text NOT NULL,
    numbers jsonb NOT NULL,
    impact_usd numeric(24,8),
    impact_mid_usd numeric(24,8),
    value_before_usd numeric(24,8),
    is_holder boolean NOT NULL,
    collapse_id text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    suppressed_reason text,
    received_at timestamp with time zone,
    opened_at timestamp with time zone,
    muted_at timestamp with time zone,
    CONSTRAINT notifications_impact_mid_usd_check CHECK ((abs(impact_mid_usd) < '10000000000000000'::numeric)),
    CONSTRAINT notifications_impact_usd_check CHECK ((abs(impact_usd) < '10000000000000000'::numeric)),
    CONSTRAINT notifications_priority_check CHECK (((priority >= 0) AND (priority <= 3))),
    CONSTRAINT notifications_value_before_usd_check CHECK (((value_before_usd >= (0)::numeric) AND (value_before_usd < '10000000000000000'::numeric)))
);

CREATE TABLE alpha.positions (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    market_id uuid NOT NULL,
    side alpha.side NOT NULL,
    contracts numeric(24,8) NOT NULL,
    average_price numeric(10,6),
    source text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT positions_average_price_check CHECK (((average_price >= (0)::numeric) AND (average_price <= (1)::numeric))),
    CONSTRAINT positions_contracts_check CHECK (((contracts > (0)::numeric) AND (contracts < '10000000000000000'::numeric)))
);

CREATE VIEW alpha.people_markets WITH (security_invoker='true') AS
 SELECT positions.market_id
   FROM alpha.positions
UNION
 SELECT follows.target_id AS market_id
   FROM alpha.follows
  WHERE (follows.kind = 'market'::alpha.follow_kind)
UNION
 SELECT m.id AS market_id
   FROM (alpha.follows f
     JOIN alpha.markets m ON ((m.event_id = f.target_id)))
  WHERE (f.kind = 'event'::alpha.follow_kind)
UNION
 SELECT m.id AS market_id
   FROM ((alpha.follows f
     JOIN alpha.events e ON ((e.series_id = f.target_id)))
     JOIN alpha.markets m ON ((m.event_id = e.id)))
  WHERE (f.kind = 'series'::alpha.follow_kind);

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

CREATE TABLE alpha.rules (
    name text NOT NULL,
    version integer NOT NULL,
    body jsonb NOT NULL,
    note text,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
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

CREATE TABLE alpha.signals (
    id uuid NOT NULL,
    source text NOT NULL,
    source_event_id text NOT NULL,
    source_url text,
    kind text NOT NULL,
    explains boolean NOT NULL,
    source_at timestamp with time zone NOT NULL,
    observed_at timestamp with time zone NOT NULL,
    subjects jsonb DEFAULT '[]'::jsonb NOT NULL,
    fact jsonb DEFAULT '{}'::jsonb NOT NULL,
    fact_version text NOT NULL
);

CREATE TABLE alpha.stream_cursors (
    name text NOT NULL,
    "position" text NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE alpha.switches (
    name text NOT NULL,
    is_on boolean NOT NULL,
    until timestamp with time zone,
    note text,
    changed_at timestamp with time zone NOT NULL
);

CREATE TABLE alpha.users (
    id uuid NOT NULL,
    display_name text,
    timezone text DEFAULT 'America/New_York'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_seen_at timestamp with time zone
);

ALTER TABLE ONLY alpha.market_ticks ATTACH PARTITION alpha.market_ticks_default DEFAULT;

ALTER TABLE ONLY alpha.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);

ALTER TABLE ONLY alpha.alert_evidence
    ADD CONSTRAINT alert_evidence_pkey PRIMARY KEY (alert_id, signal_id);

ALTER TABLE ONLY alpha.alert_markets
    ADD CONSTRAINT alert_markets_pkey PRIMARY KEY (alert_id, market_id);

ALTER TABLE ONLY alpha.alerts
    ADD CONSTRAINT alerts_dedupe_key_key UNIQUE (dedupe_key);

ALTER TABLE ONLY alpha.alerts
    ADD CONSTRAINT alerts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY alpha.alerts
    ADD CONSTRAINT alerts_tier_key UNIQUE (id, tier);

ALTER TABLE ONLY alpha.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY alpha.candle_backfills
    ADD CONSTRAINT candle_backfills_pkey PRIMARY KEY (id);

ALTER TABLE ONLY alpha.cron_runs
    ADD CONSTRAINT cron_runs_pkey PRIMARY KEY (name, scheduled_for);

ALTER TABLE ONLY alpha.deliveries
    ADD CONSTRAINT deliveries_once_key UNIQUE (notification_id, device_id);

ALTER TABLE ONLY alpha.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (id);

ALTER TABLE ONLY alpha.delivery_attempts
    ADD CONSTRAINT delivery_attempts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY alpha.detections
    ADD CONSTRAINT detections_dedupe_key_key UNIQUE (dedupe_key);

ALTER TABLE ONLY alpha.detections
    ADD CONSTRAINT detections_pkey PRIMARY KEY (id);

ALTER TABLE ONLY alpha.devices
    ADD CONSTRAINT devices_address_key UNIQUE (kind, address);

ALTER TABLE ONLY alpha.devices
    ADD CONSTRAINT devices_pkey PRIMARY KEY (id);

ALTER TABLE ONLY alpha.episodes
    ADD CONSTRAINT episodes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY alpha.events
    ADD CONSTRAINT events_exchange_ext_id_key UNIQUE (exchange, ext_id);

ALTER TABLE ONLY alpha.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY alpha.feed_states
    ADD CONSTRAINT feed_states_pkey PRIMARY KEY (feed);

ALTER TABLE ONLY alpha.follows
    ADD CONSTRAINT follows_one_key UNIQUE (user_id, kind, target_id);

ALTER TABLE ONLY alpha.follows
    ADD CONSTRAINT follows_pkey PRIMARY KEY (id);

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

ALTER TABLE ONLY alpha.market_baselines
    ADD CONSTRAINT market_baselines_pkey PRIMARY KEY (market_id);

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

ALTER TABLE ONLY alpha.notification_preferences
    ADD CONSTRAINT notification_preferences_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY alpha.notifications
    ADD CONSTRAINT notifications_once_key UNIQUE (alert_id, user_id);

ALTER TABLE ONLY alpha.notifications
    ADD CONSTRAINT notifications_pkey PRIMARY KEY (id);

ALTER TABLE ONLY alpha.positions
    ADD CONSTRAINT positions_one_key UNIQUE (user_id, market_id, side);

ALTER TABLE ONLY alpha.positions
    ADD CONSTRAINT positions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY alpha.public_trades
    ADD CONSTRAINT public_trades_pkey PRIMARY KEY (exchange, ext_id);

ALTER TABLE ONLY alpha.rules
    ADD CONSTRAINT rules_pkey PRIMARY KEY (name);

ALTER TABLE ONLY alpha.series
    ADD CONSTRAINT series_exchange_ext_id_key UNIQUE (exchange, ext_id);

ALTER TABLE ONLY alpha.series
    ADD CONSTRAINT series_pkey PRIMARY KEY (id);

ALTER TABLE ONLY alpha.signals
    ADD CONSTRAINT signals_explaining_key UNIQUE (id, explains);

ALTER TABLE ONLY alpha.signals
    ADD CONSTRAINT signals_once_key UNIQUE (source, source_event_id);

ALTER TABLE ONLY alpha.signals
    ADD CONSTRAINT signals_pkey PRIMARY KEY (id);

ALTER TABLE ONLY alpha.stream_cursors
    ADD CONSTRAINT stream_cursors_pkey PRIMARY KEY (name);

ALTER TABLE ONLY alpha.switches
    ADD CONSTRAINT switches_pkey PRIMARY KEY (name);

ALTER TABLE ONLY alpha.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

CREATE INDEX alert_markets_market_id_idx ON alpha.alert_markets USING btree (market_id, alert_id);

CREATE INDEX alerts_decided_at_idx ON alpha.alerts USING btree (decided_at DESC, id DESC);

CREATE INDEX alerts_episode_id_idx ON alpha.alerts USING btree (episode_id, decided_at);

CREATE INDEX alerts_to_notify_idx ON alpha.alerts USING btree (decided_at, id) WHERE ((worded_at IS NOT NULL) AND (notified_at IS NULL));

CREATE INDEX alerts_to_word_idx ON alpha.alerts USING btree (decided_at, id) WHERE (worded_at IS NULL);

CREATE INDEX candle_backfills_due_idx ON alpha.candle_backfills USING btree (not_before, id) WHERE (done_at IS NULL);

CREATE UNIQUE INDEX candle_backfills_first_sight_idx ON alpha.candle_backfills USING btree (market_id) WHERE (reason = 'first_sight'::text);

CREATE INDEX cron_runs_finished_idx ON alpha.cron_runs USING btree (name, finished_at) WHERE (outcome = 'done'::text);

CREATE INDEX cron_runs_latest_idx ON alpha.cron_runs USING btree (name, started_at);

CREATE INDEX deliveries_dead_idx ON alpha.deliveries USING btree (created_at) WHERE (state = ANY (ARRAY['dead'::alpha.delivery_state, 'unknown'::alpha.delivery_state]));

CREATE INDEX deliveries_due_idx ON alpha.deliveries USING btree (priority, due_at, id) WHERE (state = ANY (ARRAY['pending'::alpha.delivery_state, 'retry'::alpha.delivery_state]));

CREATE INDEX deliveries_sending_idx ON alpha.deliveries USING btree (lease_until) WHERE (state = 'sending'::alpha.delivery_state);

CREATE INDEX deliveries_user_idx ON alpha.deliveries USING btree (user_id, accepted_at) WHERE (state = 'accepted'::alpha.delivery_state);

CREATE INDEX delivery_attempts_delivery_id_idx ON alpha.delivery_attempts USING btree (delivery_id);

CREATE INDEX detections_episode_id_idx ON alpha.detections USING btree (episode_id, decided_at);

CREATE INDEX detections_market_id_idx ON alpha.detections USING btree (market_id, decided_at DESC, id DESC);

CREATE INDEX detections_waiting_idx ON alpha.detections USING btree (decided_at, id) WHERE (outcome IS NULL);

CREATE INDEX devices_installation_idx ON alpha.devices USING btree (split_part(address, ':'::text, 1));

CREATE INDEX devices_of_user_idx ON alpha.devices USING btree (user_id, registered_at DESC, id DESC);

CREATE INDEX devices_user_id_idx ON alpha.devices USING btree (user_id) WHERE (disabled_at IS NULL);

CREATE UNIQUE INDEX episodes_open_idx ON alpha.episodes USING btree (subject_kind, subject_id) WHERE (closed_at IS NULL);

CREATE INDEX episodes_quiet_idx ON alpha.episodes USING btree (last_detection_at) WHERE (closed_at IS NULL);

CREATE INDEX events_category_idx ON alpha.events USING btree (category, id) WHERE (NOT is_deleted);

CREATE INDEX events_search_idx ON alpha.events USING gin ((((title || ' '::text) || ext_id)) alpha.gin_trgm_ops) WHERE (NOT is_deleted);

CREATE INDEX events_series_id_idx ON alpha.events USING btree (series_id, id) WHERE (NOT is_deleted);

CREATE INDEX follows_target_idx ON alpha.follows USING btree (target_id) INCLUDE (user_id, is_push);

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

CREATE INDEX notifications_episode_idx ON alpha.notifications USING btree (episode_id, user_id);

CREATE INDEX notifications_inbox_idx ON alpha.notifications USING btree (user_id, created_at DESC, id DESC);

CREATE INDEX positions_market_id_idx ON alpha.positions USING btree (market_id) INCLUDE (user_id, side, contracts);

CREATE INDEX public_trades_market_idx ON alpha.public_trades USING btree (market_id, traded_at DESC, ext_id DESC);

CREATE INDEX public_trades_traded_at_idx ON alpha.public_trades USING btree (traded_at);

CREATE INDEX series_category_idx ON alpha.series USING btree (category, ext_id) WHERE (NOT is_deleted);

CREATE INDEX series_search_idx ON alpha.series USING gin ((((title || ' '::text) || ext_id)) alpha.gin_trgm_ops) WHERE (NOT is_deleted);

CREATE INDEX signals_observed_at_idx ON alpha.signals USING btree (observed_at);

ALTER INDEX alpha.market_ticks_pkey ATTACH PARTITION alpha.market_ticks_default_pkey;

ALTER TABLE ONLY alpha.alert_evidence
    ADD CONSTRAINT alert_evidence_alert_id_fkey FOREIGN KEY (alert_id, tier) REFERENCES alpha.alerts(id, tier);

ALTER TABLE ONLY alpha.alert_evidence
    ADD CONSTRAINT alert_evidence_signal_id_fkey FOREIGN KEY (signal_id, explains) REFERENCES alpha.signals(id, explains);

ALTER TABLE ONLY alpha.alert_markets
    ADD CONSTRAINT alert_markets_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES alpha.alerts(id);

ALTER TABLE ONLY alpha.alerts
    ADD CONSTRAINT alerts_detection_id_fkey FOREIGN KEY (detection_id) REFERENCES alpha.detections(id);

ALTER TABLE ONLY alpha.alerts
    ADD CONSTRAINT alerts_episode_id_fkey FOREIGN KEY (episode_id) REFERENCES alpha.episodes(id);

ALTER TABLE ONLY alpha.alerts
    ADD CONSTRAINT alerts_evidence_id_fkey FOREIGN KEY (id, evidence_id) REFERENCES alpha.alert_evidence(alert_id, signal_id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY alpha.alerts
    ADD CONSTRAINT alerts_replaces_id_fkey FOREIGN KEY (replaces_id) REFERENCES alpha.alerts(id);

ALTER TABLE ONLY alpha.alerts
    ADD CONSTRAINT alerts_root_alert_id_fkey FOREIGN KEY (root_alert_id) REFERENCES alpha.alerts(id);

ALTER TABLE ONLY alpha.deliveries
    ADD CONSTRAINT deliveries_notification_id_fkey FOREIGN KEY (notification_id) REFERENCES alpha.notifications(id) ON DELETE CASCADE;

ALTER TABLE ONLY alpha.delivery_attempts
    ADD CONSTRAINT delivery_attempts_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES alpha.deliveries(id) ON DELETE CASCADE;

ALTER TABLE ONLY alpha.detections
    ADD CONSTRAINT detections_episode_id_fkey FOREIGN KEY (episode_id) REFERENCES alpha.episodes(id);

ALTER TABLE ONLY alpha.devices
    ADD CONSTRAINT devices_user_id_fkey FOREIGN KEY (user_id) REFERENCES alpha.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY alpha.events
    ADD CONSTRAINT events_series_id_fkey FOREIGN KEY (series_id) REFERENCES alpha.series(id);

ALTER TABLE ONLY alpha.follows
    ADD CONSTRAINT follows_user_id_fkey FOREIGN KEY (user_id) REFERENCES alpha.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY alpha.market_outcomes
    ADD CONSTRAINT market_outcomes_market_id_fkey FOREIGN KEY (market_id) REFERENCES alpha.markets(id);

ALTER TABLE ONLY alpha.markets
    ADD CONSTRAINT markets_event_id_fkey FOREIGN KEY (event_id) REFERENCES alpha.events(id);

ALTER TABLE ONLY alpha.notification_preferences
    ADD CONSTRAINT notification_preferences_user_id_fkey FOREIGN KEY (user_id) REFERENCES alpha.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY alpha.notifications
    ADD CONSTRAINT notifications_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES alpha.alerts(id);

ALTER TABLE ONLY alpha.notifications
    ADD CONSTRAINT notifications_user_id_fkey FOREIGN KEY (user_id) REFERENCES alpha.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY alpha.positions
    ADD CONSTRAINT positions_market_id_fkey FOREIGN KEY (market_id) REFERENCES alpha.markets(id);

ALTER TABLE ONLY alpha.positions
    ADD CONSTRAINT positions_user_id_fkey FOREIGN KEY (user_id) REFERENCES alpha.users(id) ON DELETE CASCADE;

ALTER TABLE alpha.alembic_version ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.alert_evidence ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.alert_markets ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.alerts ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.audit_log ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.candle_backfills ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.cron_runs ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.deliveries ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.delivery_attempts ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.detections ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.devices ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.episodes ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.events ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.feed_states ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.follows ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.ingest_rejects ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.leases ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.lifecycle_events ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.market_baselines ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.market_outcomes ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.market_quotes ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.market_quotes_epoch ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.market_ticks ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.market_ticks_1d ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.market_ticks_1h ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.market_ticks_default ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.markets ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.notification_preferences ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.notifications ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.positions ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.public_trades ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.rules ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.series ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.signals ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.stream_cursors ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.switches ENABLE ROW LEVEL SECURITY;

ALTER TABLE alpha.users ENABLE ROW LEVEL SECURITY;
