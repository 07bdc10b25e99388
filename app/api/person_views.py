"""From rows to answers: what a person holds, follows, uses and was told."""

from app.api.schemas.devices import DeviceOut
from app.api.schemas.follows import FollowListedOut, FollowOut
from app.api.schemas.notifications import NotificationOut
from app.api.schemas.positions import PositionOut
from app.api.texts import texts_of
from app.domain.odds import american_odds
from app.domain.positions import MarketPrices, mid_price, sale_price, worth
from app.domain.types import Contracts
from app.models.db import Device, Follow
from app.repositories.follows import FollowRow
from app.repositories.notifications import NotificationRow
from app.repositories.positions import HeldRow

_SHOWN_OF_ADDRESS = 4  # characters


def to_position(row: HeldRow) -> PositionOut:
    """Show what a person holds of one side of a market, and what it is worth."""
    prices = MarketPrices(row.bid, row.ask, row.settlement_value)
    bid, mid = sale_price(row.side, prices), mid_price(row.side, prices)
    contracts = Contracts(row.contracts)
    built = {
        "cost_usd": worth(contracts, row.average_price),
        "bid": bid,
        "bid_american": american_odds(bid),
        "mid": mid,
        "mid_american": american_odds(mid),
        "value_usd": worth(contracts, bid),
        "value_mid_usd": worth(contracts, mid),
    }
    return PositionOut.model_validate({**row._mapping, **built})


def to_follow(follow: Follow) -> FollowOut:
    """Show a follow."""
    return FollowOut(
        kind=follow.kind,
        target_id=follow.target_id,
        push=follow.is_push,
        created_at=follow.created_at,
    )


def to_listed_follow(row: FollowRow) -> FollowListedOut:
    """Show a follow with the names of what it is of."""
    return FollowListedOut.model_validate({**row._mapping, "push": row.is_push})


def to_device(device: Device) -> DeviceOut:
    """Show a device, of its address only the end."""
    return DeviceOut(
        id=device.id,
        kind=device.kind,
        address_end=device.address[-_SHOWN_OF_ADDRESS:],
        app_version=device.app_version,
        registered_at=device.registered_at,
        last_seen_at=device.last_seen_at,
        is_enabled=device.disabled_at is None,
        disabled_reason=device.disabled_reason,
    )


def to_notification(row: NotificationRow) -> NotificationOut:
    """Show what a person was told, with the dollars: their app is unlocked."""
    texts = texts_of(row.template, row.numbers, show_amounts=True)
    return NotificationOut.model_validate({**row._mapping, **texts})
