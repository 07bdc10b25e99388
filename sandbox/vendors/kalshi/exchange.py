"""Handlers for the exchange itself and the account: status, schedule, cutoff, limits, balance."""

from __future__ import annotations

import orjson

from sandbox.vendors.kalshi.ask import Ask
from sandbox.vendors.kalshi.context import Context
from sandbox.vendors.kalshi.formats import time_text
from sandbox.vendors.kalshi.limits import COSTS, DEFAULT_COST, READ, WRITE
from sandbox.vendors.kalshi.reply import Reply
from sandbox.world.units import MINUTE, SECOND

_ALL_DAY = [{"close_time": "00:00", "open_time": "00:00"}]
_THURSDAY = [
    {"close_time": "03:00", "open_time": "00:00"},
    {"close_time": "00:00", "open_time": "05:00"},
]
_BALANCE_CENTS = 250_000


def status_body(now_us: int, *, maintenance: bool, is_halted: bool = False) -> bytes:
    """Return the exchange status."""
    active, trading = not maintenance, not maintenance and not is_halted
    resume = time_text(now_us + 10 * MINUTE) if maintenance else None
    states = {"exchange_active": active, "trading_active": trading}
    shard = {
        "description": "Event contracts",
        **states,
        "exchange_index": 0,
        "intra_exchange_transfers_active": active,
    }
    return orjson.dumps(
        {
            **states,
            "exchange_estimated_resume_time": resume,
            "exchange_index_statuses": [shard],
            "intra_exchange_transfers_active": active,
        }
    )


def get_status(ctx: Context, ask: Ask) -> Reply:
    """GET /exchange/status."""
    is_halted = ctx.halt.since_us(ctx.world.now_us) is not None
    return Reply(status_body(ctx.world.now_us, maintenance=False, is_halted=is_halted))


def get_schedule(ctx: Context, ask: Ask) -> Reply:
    """GET /exchange/schedule."""
    days = dict.fromkeys(
        ("monday", "tuesday", "wednesday", "friday", "saturday", "sunday"), _ALL_DAY
    )
    hours = {
        **days,
        "thursday": _THURSDAY,
        "start_time": "2024-12-01T00:00:00Z",
        "end_time": "2200-12-01T00:00:00Z",
    }
    body = {"schedule": {"maintenance_windows": [], "standard_hours": [hours]}}
    return Reply(orjson.dumps(body))


def get_cutoff(ctx: Context, ask: Ask) -> Reply:
    """GET /historical/cutoff."""
    cutoff = time_text(ctx.world.cutoff_us() // SECOND * SECOND)
    names = ("market_settled_ts", "trades_created_ts", "orders_updated_ts")
    return Reply(orjson.dumps(dict.fromkeys(names, cutoff)))


def get_limits(ctx: Context, ask: Ask) -> Reply:
    """GET /account/limits."""
    buckets = {
        name: {"bucket_capacity": capacity, "refill_rate": rate}
        for name, (rate, capacity) in (("read", READ), ("write", WRITE))
    }
    return Reply(orjson.dumps({"grants": [], "usage_tier": "basic", **buckets}))


def get_costs(ctx: Context, ask: Ask) -> Reply:
    """GET /account/endpoint_costs."""
    costs = [{"cost": cost, "method": method, "path": path} for method, path, cost in COSTS]
    return Reply(orjson.dumps({"default_cost": DEFAULT_COST, "endpoint_costs": costs}))


def get_balance(ctx: Context, ask: Ask) -> Reply:
    """GET /portfolio/balance: the same for every account until orders exist."""
    text = f"{_BALANCE_CENTS // 100}.{_BALANCE_CENTS % 100:02d}00"
    body = {
        "balance": _BALANCE_CENTS,
        "balance_breakdown": [{"balance": text, "exchange_index": 0}],
        "balance_dollars": text,
        "portfolio_value": 0,
        "updated_ts": ctx.world.now_us // SECOND,
    }
    return Reply(orjson.dumps(body))
