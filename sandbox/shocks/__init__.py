"""Shocks: news and noise that reach markets as orders, and the truth about them."""

from sandbox.shocks.choice import Chooser
from sandbox.shocks.routes import Shocks
from sandbox.shocks.schedule import NO_SCHEDULE, Schedule, play_schedule
from sandbox.shocks.shock import Cause, Kind, Shock
from sandbox.shocks.stage import Stage

__all__ = [
    "NO_SCHEDULE",
    "Cause",
    "Chooser",
    "Kind",
    "Schedule",
    "Shock",
    "Shocks",
    "Stage",
    "play_schedule",
]
