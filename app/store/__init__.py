"""Every write of workers and pipeline, and what they read; asyncpg, one file per aggregate."""
