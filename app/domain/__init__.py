"""Decisions and words. Pure: no input or output, no clock, no framework."""
