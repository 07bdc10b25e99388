"""The two tiers: evidence makes one, its absence the other, and some facts never count."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from app.domain.alerts import ConfirmedAlert, Evidence, UnexplainedAlert
from app.domain.detections import Detection, DetectionKind, Finding, MarketChange, Prices
from app.domain.honesty import attribute
from app.domain.signals import Signal, SignalKind, explains
from app.domain.types import EventId, MarketId, Price

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
MARKET = MarketId(UUID(int=1))
LEAD = timedelta(minutes=30)


def make_detection(*, started_at: datetime = NOW) -> Detection:
    before, now = Prices(Price(Decimal("0.62"))), Prices(Price(Decimal("0.48")))
    finding = Finding(
        DetectionKind.LINE_MOVE, "rule", 1, "pre_game", 0, 0, -1, Decimal(2), before, 0, now, {}
    )
    return Detection(
        finding,
        MARKET,
        EventId(UUID(int=2)),
        decided_at=NOW,
        started_at=started_at,
        observed_at=NOW,
        markets=(MarketChange(MARKET, before, now, as_of=NOW),),
        dedupe_key="key",
    )


def make_signal(*, kind: SignalKind = SignalKind.INJURY, said_at: datetime = NOW) -> Signal:
    return Signal("espn", "1", kind, said_at, NOW, ("player:1",), {}, "status=out")


@pytest.mark.parametrize(
    ("said", "is_confirmed"),
    [
        pytest.param(timedelta(), True, id="at-the-same-moment"),
        pytest.param(timedelta(minutes=-30), True, id="at-the-edge"),
        pytest.param(timedelta(minutes=-31), False, id="too-long-before"),
        pytest.param(timedelta(seconds=1), False, id="after-the-move-began"),
    ],
)
def test_a_source_has_to_speak_first(said: timedelta, is_confirmed: bool) -> None:
    alert = attribute(make_detection(), [Evidence(make_signal(said_at=NOW + said))], max_lead=LEAD)
    assert isinstance(alert, ConfirmedAlert) is is_confirmed


def test_without_evidence_there_is_no_place_for_a_cause() -> None:
    alert = attribute(make_detection(), [], max_lead=LEAD)
    assert alert == UnexplainedAlert(make_detection())
    assert not hasattr(alert, "evidence")


def test_what_fits_as_well_is_said_too() -> None:
    first, second = make_signal(), make_signal(kind=SignalKind.WEATHER)
    alert = attribute(make_detection(), [Evidence(first), Evidence(second)], max_lead=LEAD)
    assert isinstance(alert, ConfirmedAlert)
    assert (alert.evidence.signal, [each.signal for each in alert.also]) == (first, [second])


@pytest.mark.parametrize(
    "kind",
    [
        SignalKind.WHALE_TRADE,
        SignalKind.SHARP_FLOW,
        SignalKind.SENTIMENT,
        SignalKind.SETTLEMENT,
    ],
)
def test_some_facts_are_never_evidence(kind: SignalKind) -> None:
    assert not explains(kind)
    with pytest.raises(ValueError, match="no evidence"):
        Evidence(make_signal(kind=kind))
