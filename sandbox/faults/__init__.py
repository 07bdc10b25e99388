"""Faults on demand: what goes wrong, how often, and how it looks on the wire."""
