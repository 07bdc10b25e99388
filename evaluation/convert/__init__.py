"""Recordings of others, turned into ours."""
