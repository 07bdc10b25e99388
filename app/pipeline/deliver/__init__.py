"""Deliver: every notification to every device, once, or on record why not."""

from app.pipeline.deliver.pace import Pace
from app.pipeline.deliver.run import deliver_all_due, run_dispatcher

__all__ = ["Pace", "deliver_all_due", "run_dispatcher"]
