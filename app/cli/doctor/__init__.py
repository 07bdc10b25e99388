"""`alpha doctor`: what is on, off or wrong, one clear line each."""

from app.cli.doctor.command import doctor

__all__ = ["doctor"]
