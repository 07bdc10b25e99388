"""What the candles and the trades of a market take, and what it means."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.api.pagination import MAX_CURSOR
from app.api.params import Moment, PageParams
from app.domain.candle_views import CandleInterval, CandleWindow

DEFAULT_CANDLES = 500
MAX_CANDLES = 1_000
_MAX_USD = 10**9


class CandleParams(BaseModel):
    """Parameters of a market's candles."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    interval: Annotated[CandleInterval, Field(description="length of one candle")] = (
        CandleInterval.MINUTE
    )
    start: Annotated[Moment, Field(description="earliest `bucket_at`, included")] | None = None
    end: Annotated[Moment, Field(description="latest `bucket_at`, excluded")] | None = None
    cursor: Annotated[
        str | None, Field(max_length=MAX_CURSOR, description="`cursor` of the page after")
    ] = None
    limit: Annotated[
        int, Field(ge=1, le=MAX_CANDLES, description="the newest so many, where there are more")
    ] = DEFAULT_CANDLES

    @model_validator(mode="after")
    def _refuse_nothing(self) -> Self:
        if self.start and self.end and self.start >= self.end:
            raise ValueError("start must be before end")
        return self

    def to_window(self) -> CandleWindow:
        """Translate into the domain's words."""
        return CandleWindow(self.interval, self.start, self.end)


class TradeParams(PageParams):
    """Parameters of a market's trades."""

    min_usd: Annotated[
        Decimal | None,
        Field(ge=0, le=_MAX_USD, max_digits=12, decimal_places=2, description="least `cost_usd`"),
    ] = None
