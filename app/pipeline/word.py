"""Give every alert its text, from a fixed template; a model may only ever rephrase it."""

from datetime import datetime

import structlog

from app.core.database import Conn
from app.domain.alerts import AlertReason
from app.domain.words import CORRECTION, Wording, render, template_of
from app.pipeline.parts import PipelineParts
from app.pipeline.step import BAD_ROW
from app.store import alerts
from app.store.alerts import AlertToWord

log = structlog.get_logger()

_BATCH = 50


async def word_due(parts: PipelineParts) -> int:
    """Word the alerts that have no text; return how many there were.

    One that cannot be worded costs itself: it is taken back before anybody hears of it.
    """
    wording = Wording(parts.settings.app.unexplained_wording)
    async with parts.pool.acquire() as conn, conn.transaction():
        waiting = await alerts.claim_to_word(conn, limit=_BATCH)
        if not waiting:
            return 0
        for alert in waiting:
            try:
                async with conn.transaction():
                    await _word(conn, alert, wording, now=parts.clock.now())
            except BAD_ROW as failed:
                error = f"{type(failed).__name__}: {failed}"
                log.error("alert.unwordable", alert_id=str(alert.id), error=error)
                await alerts.give_up(
                    conn, alert.id, reason=f"unwordable: {error}", now=parts.clock.now()
                )
        parts.crashes.at("before_worded")
    parts.crashes.at("worded")
    return len(waiting)


async def _word(conn: Conn, alert: AlertToWord, wording: Wording, *, now: datetime) -> None:
    template = _template(alert, wording)
    text = render(template, alert.numbers, show_amounts=False)
    await alerts.set_words(
        conn, alert, template=template, title=text.title, body=text.body, now=now
    )


def _template(alert: AlertToWord, wording: Wording) -> str:
    if alert.reason is AlertReason.CORRECTION:
        return CORRECTION
    return template_of(alert.kind, alert.tier, wording)
