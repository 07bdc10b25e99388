"""What operators decide: the rules that detectors and policies go by, and switches."""

from typing import Any

from sqlalchemy import Integer, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base
from app.models.db.base import Instant, Str


class Rule(Base):
    """Thresholds and policies under one name; `version` grows with every change."""

    __tablename__ = "rules"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    note: Mapped[Str | None]
    updated_at: Mapped[Instant] = mapped_column(server_default=func.now())


class Switch(Base):
    """Something an operator turned on or off, for a while (`until`) or for good."""

    __tablename__ = "switches"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    is_on: Mapped[bool]
    until: Mapped[Instant | None]
    note: Mapped[Str | None]
    changed_at: Mapped[Instant]
