"""Kalshi's REST API (late 2026) in front of the world."""
