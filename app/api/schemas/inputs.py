"""How values are read from the bodies of requests: strictly, in either spelling of their names."""

from decimal import Decimal
from typing import Annotated, ClassVar, Self

from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasGenerator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictStr,
    WithJsonSchema,
    model_validator,
)

from app.api.refs import plain
from app.domain.spelling import camel
from app.domain.types import parse_decimal

MAX_USD = 10**9


def _spellings(name: str) -> AliasChoices:
    """Return how a field may be spelled; the first one is in the document."""
    return AliasChoices(name, camel(name))


class In(BaseModel):
    """Base of every body: fields that it does not have are refused."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        alias_generator=AliasGenerator(validation_alias=_spellings),
    )


class ChangesIn(In):
    """Base of bodies that change some fields: what is not there stays as it is."""

    clearable: ClassVar[frozenset[str]] = frozenset()  # fields that may be set to null

    @model_validator(mode="after")
    def _refuse_null(self) -> Self:
        for name, given in self.changes().items():
            if given is None and name not in self.clearable:
                raise ValueError(f"{name} must not be null")
        return self

    def changes(self) -> dict[str, object]:
        """Return what was given, by name."""
        return {name: getattr(self, name) for name in sorted(self.model_fields_set)}


def _trimmed(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text.strip()


def _plain_decimal(given: object) -> Decimal:
    if not isinstance(given, str):
        raise ValueError('must be decimal text, for example "12.50"')
    try:
        return parse_decimal(given)
    except ValueError as error:
        raise ValueError("must be a plain decimal number") from error


Line = Annotated[StrictStr, AfterValidator(plain), AfterValidator(_trimmed)]
UsdText = Annotated[
    Decimal,
    BeforeValidator(_plain_decimal),
    Field(ge=0, le=MAX_USD, decimal_places=2),
    WithJsonSchema({"type": "string", "description": "dollars as decimal text, 0 to 10^9"}),
]
