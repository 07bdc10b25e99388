"""Kalshi's WebSocket: commands, frames made from the world or from recordings, and their faults."""
