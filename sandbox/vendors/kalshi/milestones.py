"""Milestones: one per game, naming all its events on a page."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.vendors.kalshi.formats import time_text
from sandbox.world.model import Event


def milestones_of(events: Iterable[Event], now_us: int) -> list[dict[str, object]]:
    """Return the milestones behind the events of a page."""
    games: dict[str, list[Event]] = {}
    for event in events:
        if event.milestone is not None:
            games.setdefault(event.milestone.id, []).append(event)
    return [_milestone(group, now_us) for group in games.values()]


def _milestone(events: list[Event], now_us: int) -> dict[str, object]:
    game = events[0].milestone
    if game is None:
        return {}
    tickers = [event.ticker for event in events]
    primary = [event.ticker for event in events if event.exclusive] or tickers
    return {
        "category": "Sports",
        "details": {
            "away_team_id": game.away_id,
            "home_team_id": game.home_id,
            "league": game.league,
            "status": "created" if now_us < game.start_us else "inprogress",
        },
        "id": game.id,
        "last_updated_ts": time_text(events[0].updated_us(now_us)),
        "notification_message": "The game is about to begin.",
        "primary_event_tickers": primary,
        "related_event_tickers": tickers,
        "start_date": time_text(game.start_us),
        "title": game.title,
        "type": game.kind,
    }
