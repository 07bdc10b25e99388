"""Typed settings, one class per outside system; all of them are in `.env.example`."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.core.errors import OperatorError

ENV_FILE = Path(__file__).resolve().parents[2] / ".env"


class Environment(StrEnum):
    """Where this process runs; production refuses everything meant for tests."""

    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


class ApiCase(StrEnum):
    """Spelling of JSON keys in API answers."""

    SNAKE = "snake"
    CAMEL = "camel"


class JwtAlgorithm(StrEnum):
    """How access tokens may be signed: with a private key, never with a shared secret."""

    ES256 = "ES256"
    RS256 = "RS256"


class UnexplainedWording(StrEnum):
    """How alerts without a known cause speak; brief = the customer's sample, which hints at one."""

    PLAIN = "plain"
    BRIEF = "brief"


class WsLibrary(StrEnum):
    """Which library reads an exchange's socket; picows is an optional extra, and faster."""

    WEBSOCKETS = "websockets"
    PICOWS = "picows"


def _settings(prefix: str = "") -> SettingsConfigDict:
    return SettingsConfigDict(
        env_prefix=prefix, env_file=ENV_FILE, env_file_encoding="utf-8", extra="ignore"
    )


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("needs a time zone, for example 2026-08-09T21:00:00Z")
    return value


class AppSettings(BaseSettings):
    """Settings of Alpha itself."""

    model_config = _settings()

    environment: Environment = Environment.DEVELOPMENT
    database_url: SecretStr = SecretStr("")
    redis_url: SecretStr = SecretStr("")
    clock_at: Annotated[datetime, AfterValidator(_aware)] | None = None
    api_case: ApiCase = ApiCase.SNAKE
    log_level: str = "INFO"
    log_format: str = "auto"  # auto = coloured lines on a terminal, else JSON
    db_pool_size: int = Field(default=5, ge=1, le=50)
    public_requests_per_minute: int = Field(default=600, ge=1)
    streams_per_client: int = Field(default=20, ge=1)  # open at a time, by address
    catalogue_max_age_s: int = Field(default=900, ge=60)
    stream_in_web: bool = True  # False: `alpha stream` runs the firehoses instead
    public_trade_floor_usd: Decimal = Field(default=Decimal(100), ge=0, le=Decimal(10**9))
    top_markets: int = Field(default=200, ge=0, le=10_000)  # by 24 h volume: history, polling
    unexplained_wording: UnexplainedWording = UnexplainedWording.PLAIN
    trusted_proxies: str = "127.0.0.1"  # whose X-Forwarded-For names the client; networks, commas

    @model_validator(mode="after")
    def _refuse_test_aids_in_production(self) -> "AppSettings":
        if self.environment is Environment.PRODUCTION and self.clock_at is not None:
            raise ValueError("CLOCK_AT is for tests and recordings: unset it in production")
        return self


class KalshiSettings(BaseSettings):
    """Kalshi's REST and WebSocket hosts, key and budget.

    Budget: tokens per second of the account's read bucket (Basic: 200, most
    calls cost 10); the share leaves room for other processes with the same key.
    """

    model_config = _settings("KALSHI_")

    api_key_id: str = ""
    private_key: SecretStr = SecretStr("")
    base_api_url: str = "https://external-api.kalshi.com/trade-api/v2"
    ws_url: str = "wss://external-api-ws.kalshi.com/trade-api/ws/v2"
    read_tokens_per_s: float = Field(default=200, gt=0)
    read_share: float = Field(default=0.7, gt=0, le=1)
    stream_read_share: float = Field(default=0.2, gt=0, le=1)  # the firehose's own
    timeout_s: float = Field(default=8, gt=0)
    connect_timeout_s: float = Field(default=2, gt=0)
    attempts: int = Field(default=6, ge=1, le=20)
    include_combos: bool = False
    full_sync_every_s: int = Field(default=900, ge=60)
    reconcile_every_s: int = Field(default=60, ge=10)
    ws_library: WsLibrary = WsLibrary.WEBSOCKETS
    poll_every_s: float = Field(default=5, ge=1, le=300)  # without a key

    @property
    def has_key(self) -> bool:
        """Whether requests can be signed."""
        return bool(self.api_key_id and self.private_key.get_secret_value())


def _split(text: object) -> object:
    return [word.strip() for word in text.split(",")] if isinstance(text, str) else text


class SupabaseSettings(BaseSettings):
    """Who signs the access tokens of our users; without an issuer sign-in is off.

    The algorithms are of one family: keys that everybody may know. A secret (HS256) beside
    them would let anyone sign with a public key.
    """

    model_config = _settings("SUPABASE_")

    jwt_issuer: str = ""  # https://[ref].supabase.co/auth/v1
    jwks_url: str = ""  # unset: the usual place below the issuer
    jwt_aud: str = Field(default="authenticated", min_length=1)
    jwt_algorithms: Annotated[tuple[JwtAlgorithm, ...], NoDecode, BeforeValidator(_split)] = Field(
        default=(JwtAlgorithm.ES256,), min_length=1
    )
    timeout_s: float = Field(default=3, gt=0, le=30)

    @property
    def has_issuer(self) -> bool:
        """Whether people can sign in."""
        return bool(self.jwt_issuer)

    @property
    def keys_url(self) -> str:
        """Where the issuer's public keys are."""
        return self.jwks_url or f"{self.jwt_issuer}/.well-known/jwks.json"

    @property
    def is_for_tests(self) -> bool:
        """Whether issuer or keys are of this machine or without TLS, as the sandbox's are."""
        return not (_is_public(self.jwt_issuer) and _is_public(self.keys_url))


def _is_public(url: str) -> bool:
    """Whether a URL is https and names a host, neither by address nor this machine."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return False
    is_name = any(letter.isalpha() for letter in host.rpartition(".")[2]) and ":" not in host
    return parts.scheme == "https" and is_name and not host.endswith("localhost")


class FirebaseSettings(BaseSettings):
    """Push through Firebase Cloud Messaging; without a credentials file push is off."""

    model_config = _settings()

    firebase_credentials_path: str = ""  # a service account's JSON file
    fcm_base_url: str = "https://fcm.googleapis.com"
    fcm_timeout_s: float = Field(default=5, gt=0, le=60)
    fcm_connect_timeout_s: float = Field(default=2, gt=0, le=60)
    fcm_connections: int = Field(default=64, ge=1, le=1000)  # pushes in flight at a time

    @property
    def has_credentials(self) -> bool:
        """Whether pushes can be sent."""
        return bool(self.firebase_credentials_path)


class Settings:
    """All settings of one process, read once at its composition root."""

    def __init__(self) -> None:
        self.app = AppSettings()
        self.kalshi = KalshiSettings()
        self.supabase = SupabaseSettings()
        self.firebase = FirebaseSettings()
        _refuse_test_issuer(self.app, self.supabase)


def _refuse_test_issuer(app: AppSettings, supabase: SupabaseSettings) -> None:
    """Keep production from believing tokens that anybody could have made.

    Raises:
        OperatorError: it would.
    """
    is_live = app.environment is Environment.PRODUCTION and supabase.has_issuer
    if is_live and supabase.is_for_tests:
        raise OperatorError(
            "SUPABASE_JWT_ISSUER and SUPABASE_JWKS_URL must be https addresses of a public host "
            "in production."
        )


@lru_cache
def get_settings() -> Settings:
    """Read the environment and `.env` once per process."""
    return Settings()
