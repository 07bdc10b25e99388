"""From rows to answers: alerts, their markets and evidence, and a market's activity."""

from collections.abc import Sequence

from app.api.schemas.alerts import (
    ActivityOut,
    AlertDetail,
    AlertLinkOut,
    AlertMarketOut,
    AlertOut,
    EvidenceOut,
)
from app.api.texts import texts_of
from app.domain.odds import american_odds
from app.models.db import Signal
from app.repositories.activity import ActivityRow
from app.repositories.alerts import AlertParts, AlertRow, MarketRow


def to_alert(alert: AlertRow, parts: AlertParts) -> AlertOut:
    """Show an alert."""
    return AlertOut.model_validate(_alert_fields(alert, parts))


def to_alert_detail(alert: AlertRow, parts: AlertParts, chain: Sequence[AlertRow]) -> AlertDetail:
    """Show an alert with what was said before and after."""
    links = [
        AlertLinkOut.model_validate({**link._mapping, **texts_of(link.template, link.numbers)})
        for link in chain
    ]
    return AlertDetail.model_validate({**_alert_fields(alert, parts), "chain": links})


def _alert_fields(alert: AlertRow, parts: AlertParts) -> dict[str, object]:
    return {
        **alert._mapping,
        **texts_of(alert.template, alert.numbers),
        "markets": [to_alert_market(row) for row in parts.markets.get(alert.id, ())],
        "evidence": [to_evidence(signal) for signal in parts.evidence.get(alert.id, ())],
    }


def to_alert_market(row: MarketRow) -> AlertMarketOut:
    """Show a market that an alert covers."""
    return AlertMarketOut.model_validate({**row._mapping, **_odds(row)})


def to_evidence(signal: Signal) -> EvidenceOut:
    """Show a fact that explains a move."""
    return EvidenceOut(
        signal_id=signal.id,
        kind=signal.kind,
        source=signal.source,
        source_url=signal.source_url,
        source_at=signal.source_at,
        observed_at=signal.observed_at,
        fact=signal.fact_version,
    )


def to_activity(row: ActivityRow) -> ActivityOut:
    """Show an entry of a market's activity."""
    texts = texts_of(row.template, row.numbers)
    return ActivityOut.model_validate({**row._mapping, **texts, **_odds(row)})


def _odds(row: MarketRow | ActivityRow) -> dict[str, int | None]:
    return {
        f"{name}_american": american_odds(getattr(row, name))
        for name in ("price_before", "price_now")
    }
