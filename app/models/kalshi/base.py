"""What all of Kalshi's wire models share."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

# Printable ASCII without blank and comma (lists of tickers are joined by commas); the
# OpenAPI document allows 200 characters.
Ticker = Annotated[str, StringConstraints(pattern=r"^[!-+\--~]{1,200}$")]

Cents = int  # whole cents, 0..100, the form used until early 2026
Number = int | Decimal  # a JSON number; our decoder makes no binary floats


class Wire(BaseModel):
    """Base of the models: nothing is coerced, unknown fields are ignored (the raw row has them)."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")
