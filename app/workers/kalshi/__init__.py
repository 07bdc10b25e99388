"""Kalshi: catalogue and prices, kept true."""
