"""The watch over every market that trades: ticks in, detections out."""

from app.pipeline.market_monitor.monitor import MarketMonitor
from app.pipeline.market_monitor.run import run_market_monitor

__all__ = ["MarketMonitor", "run_market_monitor"]
