"""PostgreSQL and Redis without an installation, and the supervisor behind `alpha up`."""
