"""What routes read, with SQLAlchemy; one file per aggregate."""
