"""Prices of chosen markets as they change."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.api.deps import web_of
from app.api.errors import NOT_FOUND, RESPONSES
from app.api.query import QueryReader, query_parameters
from app.api.refs import MAX_TEXT, plain, to_market_id
from app.api.schemas.base import ErrorOut
from app.api.schemas.stream import StreamEventOut
from app.api.stream.entry_ids import EntryId, parse_entry_id
from app.api.stream.response import EventStream

MAX_MARKETS = 100
_LAST_EVENT = b"last-event-id"
_MAX_ID = 64
_EXAMPLE = """retry: 2310

id: 1763812800123-0
event: snapshot
data: {"markets":[{"id":"00000000-0000-5000-8000-000000000000","ext_id":\
"KXNBAGAME-26NOV22LALBOS-LAL","last":"0.48","last_american":108,"bid":"0.47",\
"bid_american":113,"ask":"0.49","ask_american":104,"volume":"1250.5","open_interest":"900",\
"as_of":"2026-11-22T12:00:00.123Z"}],"feeds":[{"exchange":"kalshi","state":"live",\
"since":"2026-11-22T11:00:00.000Z","as_of":"2026-11-22T12:00:00.000Z","is_stale":false}]}

id: 1763812803456-0
event: quotes
data: {"markets":[{"id":"00000000-0000-5000-8000-000000000000","ext_id":\
"KXNBAGAME-26NOV22LALBOS-LAL","last":"0.5","last_american":100,"bid":"0.49",\
"bid_american":104,"ask":"0.51","ask_american":-104,"volume":"1260.5","open_interest":"905",\
"as_of":"2026-11-22T12:00:03.400Z"}]}

: alive

"""


def _references(text: str) -> str:
    """Accept what could be a list of markets.

    Raises:
        ValueError: there are none, or too many, or one is no reference.
    """
    names = text.split(",")
    if not all(0 < len(name) <= MAX_TEXT for name in names):
        raise ValueError("needs ids with commas between")
    if len(set(names)) > MAX_MARKETS:
        raise ValueError(f"takes at most {MAX_MARKETS} markets")
    return text


class StreamParams(BaseModel):
    """Parameters of the stream."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    markets: Annotated[
        str,
        Field(
            max_length=MAX_MARKETS * (MAX_TEXT + 1),
            description=f"1 to {MAX_MARKETS}, with commas between: our ids, or kalshi:TICKER",
            examples=["kalshi:KXNBAGAME-26NOV22LALBOS-LAL"],
        ),
        AfterValidator(plain),
        AfterValidator(_references),
    ]
    last_event_id: Annotated[
        str | None,
        Field(max_length=_MAX_ID, description="for clients that cannot send Last-Event-ID"),
    ] = None


_query = QueryReader(StreamParams)
_HEADER: dict[str, Any] = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "description": "`id` of the last event seen: the stream goes on from there, or starts anew",
    "schema": {"type": "string", "maxLength": _MAX_ID},
}
_EVENTS = "text/event-stream"
_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "model": StreamEventOut,
        "description": "Events, until one side leaves; a comment every 15 s of silence.",
        "content": {_EVENTS: {"example": _EXAMPLE}},
    }
}
_DOCUMENTED: dict[str, Any] = {
    "parameters": [*query_parameters(StreamParams)["parameters"], _HEADER],
    # FastAPI takes whatever is not JSON for text
    "responses": {"200": {"content": {_EVENTS: {"schema": {"type": "object"}}}}},
}


def _errors() -> dict[int | str, dict[str, Any]]:
    """Describe errors, which are JSON also where the answer is not."""
    schema = {"$ref": f"#/components/schemas/{ErrorOut.__name__}"}
    content = {"application/json": {"schema": schema}}
    return {
        status: {"description": told["description"], "content": content}
        for status, told in {**RESPONSES, **NOT_FOUND}.items()
    }


router = APIRouter(tags=["stream"])


@router.get(
    "/v1/stream",
    operation_id="stream_prices",
    response_class=EventStream,
    status_code=200,
    responses={**_ANSWER, **_errors()},
    openapi_extra=_DOCUMENTED,
)
async def stream_prices(request: Request) -> Response:
    """Stream the prices of chosen markets: all of them first, then what changes, twice a second.

    Events are `snapshot`, `quotes` and `feed`; every market in them is its whole state, so
    an event may repeat what is known, and the last one wins. After a break, come back with
    the last `id` within a minute or so to get only what changed since.
    """
    web, params = web_of(request), _query.read(request)
    await web.readiness.require()
    ids = list(dict.fromkeys(to_market_id(name) for name in params.markets.split(",")))
    return EventStream(web.streams, ids, _seen(request, params))


def _seen(request: Request, params: StreamParams) -> EntryId | None:
    """Return what the client has; something that is no id counts as nothing."""
    sent = (text for name, text in request.scope["headers"] if name == _LAST_EVENT)
    return parse_entry_id(next(sent, b"").decode("latin-1") or params.last_event_id or "")
