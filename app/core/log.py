"""Logging: structlog, ids as fields, secrets never."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import stamina.instrumentation
import structlog
from stamina.instrumentation import RetryDetails

_SECRET_KEYS = re.compile(
    r"(private_key|password|secret|authorization|token|access.signature)", re.I
)
_SECRET_TEXT = re.compile(
    r"-----BEGIN[^-]*-----.*?(-----END[^-]*-----|$)|eyJ[\w-]{8,}\.[\w-]+\.[\w-]*|://[^/\s:@]*:[^@\s/]+@",
    re.S,
)


def redact(text: str) -> str:
    """Replace keys, bearer tokens and passwords inside URLs by a mark."""
    return _SECRET_TEXT.sub("[redacted]", text)


def _redact_event(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, field in event.items():
        if _SECRET_KEYS.search(key):
            event[key] = "[redacted]"
        elif isinstance(field, str):
            event[key] = redact(field)
    return event


def _log_retry(details: RetryDetails) -> None:
    structlog.get_logger().info(
        "source.retried",
        attempt=details.retry_num,
        wait_s=round(details.wait_for, 2),
        reason=str(details.caused_by),
    )


def configure_logging(level: str = "INFO", style: str = "auto") -> None:
    """Set up logging of this process to standard error.

    Args:
        level: name of the lowest level shown.
        style: `json`, `console`, or `auto` (console on a terminal).
    """
    console = style == "console" or (style == "auto" and sys.stderr.isatty())
    renderer = (
        structlog.dev.ConsoleRenderer()
        if console
        else structlog.processors.JSONRenderer(default=str)
    )
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        _redact_event,
    ]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    stamina.instrumentation.set_on_retry_hooks([_log_retry])
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")
