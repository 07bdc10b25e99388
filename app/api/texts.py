"""Text of alerts and notifications: rendered from their numbers each time, never stored text."""

from collections.abc import Mapping
from typing import Any

import structlog

from app.domain.words import Text, render

log = structlog.get_logger()

Texts = Mapping[str, str | None]  # title, body
_NONE: Texts = {"title": None, "body": None}
_UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def texts_of(
    template: str | None, numbers: Mapping[str, Any] | None, *, show_amounts: bool = False
) -> Texts:
    """Write title and body; both None before there is a template, or without a known one.

    A newer process may have stored what this one cannot render: that costs the text of one
    row, not the list.
    """
    if template is None or numbers is None:
        return _NONE
    try:
        text: Text = render(template, numbers, show_amounts=show_amounts)
    except _UNREADABLE as error:
        log.warning("text.unrendered", template=template, error=type(error).__name__)
        return _NONE
    return {"title": text.title, "body": text.body}
