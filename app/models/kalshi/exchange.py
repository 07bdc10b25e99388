"""Kalshi's answers about the exchange, an account, and what went wrong."""

from app.models.kalshi.base import Wire


class KalshiExchangeStatus(Wire):
    """Body of `GET /exchange/status`, also sent with HTTP 500, 503 and 504.

    Source: OpenAPI 3.34.0, schema ExchangeStatus (read 2026-11-22).
    `exchange_active` false = maintenance, nothing changes at all.
    """

    exchange_active: bool
    trading_active: bool
    exchange_estimated_resume_time: str | None = None


class KalshiDailySchedule(Wire):
    """One trading session, HH:MM in US Eastern; 00:00 as the end is midnight."""

    open_time: str
    close_time: str


class KalshiWeeklySchedule(Wire):
    """Trading hours of a week, in force from `start_time` to `end_time` (RFC 3339)."""

    start_time: str
    end_time: str
    monday: list[KalshiDailySchedule] | None = None
    tuesday: list[KalshiDailySchedule] | None = None
    wednesday: list[KalshiDailySchedule] | None = None
    thursday: list[KalshiDailySchedule] | None = None
    friday: list[KalshiDailySchedule] | None = None
    saturday: list[KalshiDailySchedule] | None = None
    sunday: list[KalshiDailySchedule] | None = None


class KalshiMaintenanceWindow(Wire):
    """A planned outage, RFC 3339."""

    start_datetime: str
    end_datetime: str


class KalshiSchedule(Wire):
    """`schedule` of `GET /exchange/schedule`.

    Source: OpenAPI 3.34.0, schema Schedule (read 2026-11-22); one recorded (January 2026).
    """

    standard_hours: list[KalshiWeeklySchedule] | None = None
    maintenance_windows: list[KalshiMaintenanceWindow] | None = None


class KalshiBucketLimit(Wire):
    """A token bucket: tokens per second, and how many it holds."""

    refill_rate: int
    bucket_capacity: int


class KalshiAccountLimits(Wire):
    """Body of `GET /account/limits` (signed).

    Source: OpenAPI 3.34.0, schema GetAccountApiLimitsResponse (read 2026-11-22).
    """

    usage_tier: str | None = None
    read: KalshiBucketLimit
    write: KalshiBucketLimit | None = None


class KalshiError(Wire):
    """What an error says, from whichever of the three envelopes it came in.

    Source: OpenAPI 3.34.0, schema ErrorResponse, and recordings of 400, 403 and 429
    (kalshi.md section 4); codes are an open set.
    """

    code: str | None = None
    message: str | None = None
    details: str | None = None
    service: str | None = None
