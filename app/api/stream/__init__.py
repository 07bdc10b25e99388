"""Prices as they change: one reader of `ticks` per process, fanned out to many clients.

`reader` (Redis) and `watch` (PostgreSQL) keep the `board` true; `hub` lets clients in and
out and sends each what changed, as `encode` writes it.
"""
