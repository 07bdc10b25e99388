"""Ratios of our hot paths to the fastest possible way and to what is commonly written."""
