"""`alpha up`: everything on one machine, with one command."""

from app.cli.up.command import up

__all__ = ["up"]
