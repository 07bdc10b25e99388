"""Ways to write the candles of a minute, and the check that they wrote the same."""
