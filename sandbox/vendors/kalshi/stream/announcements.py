"""What the exchange announces of a market's life, and how.

Not announced, as at the real one: that a market opens at its open time or closes at its
close time, and that a result is disputed.
"""

from __future__ import annotations

import orjson

from sandbox.vendors.kalshi.formats import dollars
from sandbox.vendors.kalshi.serialise import PRICE_RANGES
from sandbox.vendors.kalshi.stream.messages import Message
from sandbox.vendors.kalshi.stream.subscriptions import COMBO_LIFECYCLE, LIFECYCLE
from sandbox.world.model import Event, Grid, Market, State, Status
from sandbox.world.units import SECOND

Fields = dict[str, object]


def _channel(event: Event) -> str:
    return LIFECYCLE if event.collection is None else COMBO_LIFECYCLE


def _message(market: Market, event_type: str, fields: Fields, at_us: int) -> Message:
    channel = _channel(market.event)
    body = {"market_ticker": market.ticker, "event_type": event_type, **fields}
    note = (event_type, at_us // SECOND)
    return Message(channel, channel, market.ticker, orjson.dumps(body), note)


def _strike(market: Market) -> Fields:
    strike = market.strike
    fields: Fields = {
        "strike_type": strike.kind,
        "floor_strike": strike.floor,
        "cap_strike": strike.cap,
        "custom_strike": strike.custom,
    }
    return {name: value for name, value in fields.items() if value is not None}


def created(market: Market) -> Message:
    """Announce a new market."""
    event, state = market.event, market.life.states[0]
    metadata: Fields = {
        "name": market.name,
        "title": market.title,
        "yes_sub_title": market.name,
        "no_sub_title": market.no_name,
        "rules_primary": market.rules,
        "rules_secondary": event.rules,
        "can_close_early": event.early_close is not None or event.collection is not None,
        "event_ticker": event.ticker,
        "expected_expiration_ts": state.expected_us // SECOND,
        **(_strike(market) if event.collection is None else {}),
    }
    fields: Fields = {
        "open_ts": event.open_us // SECOND,
        "close_ts": state.close_us // SECOND,
        "exchange_index": 0,
        "additional_metadata": metadata,
    }
    if event.collection is None:
        fields["price_level_structure"] = event.grid
    return _message(market, "created", fields, market.created_us)


def grid_announced(market: Market) -> Message:
    """Announce the price grid."""
    grid = market.event.grid
    fields: Fields = {"price_level_structure": grid, "price_ranges": PRICE_RANGES[grid]}
    return _message(market, "price_level_structure_updated", fields, market.created_us)


def metadata_announced(market: Market, at_us: int, *, number: int | None = None) -> Message:
    """Announce the metadata a market has; `number` makes the announcement unlike all others."""
    fields = {**_strike(market), "yes_sub_title": market.name}
    if number is not None:
        fields["custom_strike"] = {"announcement": str(number)}
    return _message(market, "metadata_updated", fields, at_us)


def event_created(event: Event) -> Message:
    """Announce a new event."""
    body: Fields = {
        "event_ticker": event.ticker,
        "exchange_index": 0,
        "title": event.title,
        "subtitle": event.sub_title,
        "collateral_return_type": "MECNET" if event.exclusive else "",
        "series_ticker": event.series.ticker,
    }
    if event.strike_date_us is not None:
        body["strike_date"] = event.strike_date_us // SECOND
    note = ("event_created", event.created_us // SECOND)
    return Message(_channel(event), "event_lifecycle", event.ticker, orjson.dumps(body), note)


def fees_announced(event: Event, at_us: int) -> Message:
    """Announce the fee override of an event, null when there is none."""
    override = event.fee_override or (None, None)
    body = {
        "event_ticker": event.ticker,
        "fee_type_override": override[0],
        "fee_multiplier_override": override[1],
    }
    note = ("event_fee_update", at_us // SECOND)
    return Message(LIFECYCLE, "event_fee_update", event.ticker, orjson.dumps(body), note)


def begun(market: Market) -> list[Message]:
    """Return what is said when a market is listed."""
    first = [created(market)]
    if market.event.grid is not Grid.LINEAR and market.event.collection is None:
        first.append(grid_announced(market))
    return first


def changed(market: Market, number: int) -> list[Message]:
    """Return what is said when state `number` (1 is the second) of a market begins."""
    life = market.life
    before, state, at_us = life.states[number - 1], life.states[number], life.times[number]
    found: list[Message] = []
    if state.close_us != before.close_us:
        fields: Fields = {"close_ts": state.close_us // SECOND}
        found.append(_message(market, "close_date_updated", fields, at_us))
    if (before.status, state.status) == (Status.ACTIVE, Status.INACTIVE):
        found.append(_message(market, "deactivated", {"is_deactivated": True}, at_us))
    elif state.status is Status.ACTIVE and before.status in (Status.INACTIVE, Status.CLOSED):
        found.append(_message(market, "activated", {"is_deactivated": False}, at_us))
    elif state.status in (Status.DETERMINED, Status.AMENDED):
        found.append(_determined(market, state, at_us))
    elif state.status is Status.FINALIZED:
        paid_us = at_us if state.settled_us is None else state.settled_us
        found.append(_message(market, "settled", {"settled_ts": paid_us // SECOND}, at_us))
    return found


def _determined(market: Market, state: State, at_us: int) -> Message:
    result = market.settlement(state)
    fields: Fields = {"determination_ts": at_us // SECOND}
    if result is not None:
        fields |= {"result": result.word, "settlement_value": dollars(result.value)}
    return _message(market, "determined", fields, at_us)
