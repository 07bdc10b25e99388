"""Give every alert its text, from a fixed template; a model may only ever rephrase it."""

from app.domain.alerts import AlertReason
from app.domain.words import CORRECTION, Wording, render, template_of
from app.pipeline.parts import PipelineParts
from app.store import alerts
from app.store.alerts import AlertToWord

_BATCH = 50


async def word_due(parts: PipelineParts) -> int:
    """Word the alerts that have no text; return how many there were."""
    wording = Wording(parts.settings.app.unexplained_wording)
    async with parts.pool.acquire() as conn, conn.transaction():
        waiting = await alerts.claim_to_word(conn, limit=_BATCH)
        for alert in waiting:
            template = _template(alert, wording)
            text = render(template, alert.numbers, show_amounts=False)
            await alerts.set_words(
                conn,
                alert,
                template=template,
                title=text.title,
                body=text.body,
                now=parts.clock.now(),
            )
    return len(waiting)


def _template(alert: AlertToWord, wording: Wording) -> str:
    if alert.reason is AlertReason.CORRECTION:
        return CORRECTION
    return template_of(alert.kind, alert.tier, wording)
