"""Shapes of our answers."""
