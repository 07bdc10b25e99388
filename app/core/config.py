"""Typed settings, one class per outside system; all of them are in `.env.example`."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

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


class Settings:
    """All settings of one process, read once at its composition root."""

    def __init__(self) -> None:
        self.app = AppSettings()
        self.kalshi = KalshiSettings()


@lru_cache
def get_settings() -> Settings:
    """Read the environment and `.env` once per process."""
    return Settings()
