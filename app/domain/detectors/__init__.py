"""Detectors: what is unusual in one market, decided from its own prices, trades and habits.

The market monitor keeps a `MarketWatch` per market, gives it every piece of the tick stream
and asks it to look; thresholds are `Rules`, rows of a table.
"""

from app.domain.detectors.baseline import Baseline
from app.domain.detectors.minutes import Minute, minute_of
from app.domain.detectors.rules import LineMoveRule, Rules, VolumeSpikeRule, parse_rules
from app.domain.detectors.scene import Depth
from app.domain.detectors.watch import MarketWatch

__all__ = [
    "Baseline",
    "Depth",
    "LineMoveRule",
    "MarketWatch",
    "Minute",
    "Rules",
    "VolumeSpikeRule",
    "minute_of",
    "parse_rules",
]
