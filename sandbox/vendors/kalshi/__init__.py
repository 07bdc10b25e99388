"""Kalshi's REST API and WebSocket (late 2026) in front of the world."""
