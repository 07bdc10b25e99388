"""What people read: golden texts, and what no text without a known cause may say."""

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.words import MAX_BODY, MAX_TITLE, TEMPLATES, cents, dollars, percent, render

MOVE = "line_move.unexplained.plain"
BRIEF = "line_move.unexplained.brief"
SPIKE = "volume_spike.unexplained.plain"

ALERT: dict[str, Any] = {
    "label": "Boston (Boston at Miami)",
    "event": "Boston at Miami",
    "reason": "new",
    "direction": -1,
    "before": "0.62",
    "now": "0.48",
    "minutes": 10,
    "strength": "2.3",
    "contracts": "12400",
    "times_usual": "9.4",
    "is_wide": False,
    "is_stale": False,
}
HOLDER = {
    "is_holder": True,
    "is_follower": False,
    "positions": [{"side": "yes"}],
    "impact_usd": Decimal("-33.60"),
    "impact_mid_usd": Decimal("-30.00"),
    "value_before_usd": Decimal("148.80"),
}
FOLLOWER = {
    "is_holder": False,
    "is_follower": True,
    "positions": [],
    "impact_usd": None,
    "impact_mid_usd": None,
    "value_before_usd": None,
}

GOLDEN = [
    pytest.param(
        MOVE,
        {},
        True,
        "Boston (Boston at Miami): 62¢ to 48¢",
        "Unusual move: from 62¢ to 48¢ in 10 minutes. No public news found yet.",
        id="alert",
    ),
    pytest.param(
        MOVE,
        HOLDER,
        True,
        "Boston (Boston at Miami): 62¢ to 48¢",
        "Unusual move: from 62¢ to 48¢ in 10 minutes. Your position is down $33.60 (23%) if sold"
        " now, down $30.00 at mid price. No public news found yet.",
        id="holder",
    ),
    pytest.param(
        MOVE,
        HOLDER,
        False,
        "Boston (Boston at Miami): 62¢ to 48¢",
        "Unusual move: from 62¢ to 48¢ in 10 minutes. Your position is down 23%."
        " No public news found yet.",
        id="holder-on-the-lock-screen",
    ),
    pytest.param(
        MOVE,
        {**HOLDER, "impact_usd": None, "is_wide": True},
        True,
        "Boston (Boston at Miami): 62¢ to 48¢",
        "Unusual move: from 62¢ to 48¢ in 10 minutes. Your position is down $30.00 (20%) at mid"
        " price; nobody offers to buy now. No public news found yet.",
        id="nobody-buys",
    ),
    pytest.param(
        MOVE,
        {**FOLLOWER, "is_stale": True, "minutes": 1},
        True,
        "Boston (Boston at Miami): 62¢ to 48¢",
        "Unusual move: from 62¢ to 48¢ in 1 minute. You follow this. No public news found yet."
        " Prices may be old.",
        id="follower-of-old-prices",
    ),
    pytest.param(
        MOVE,
        {**HOLDER, "reason": "update", "positions": [{}, {}], "impact_usd": Decimal(0)},
        True,
        "Boston (Boston at Miami): 62¢ to 48¢",
        "Still moving: from 62¢ to 48¢ in 10 minutes. Your positions are about unchanged."
        " No public news found yet.",
        id="update-of-two-that-cancel",
    ),
    pytest.param(
        BRIEF,
        {"before": "0.50", "now": "0.40"},
        True,
        "Boston (Boston at Miami): 50¢ to 40¢",
        "Unusual movement on this market. Line dropped 20%. No public news yet."
        " Could be insider info.",
        id="the-customer's-sample",
    ),
    pytest.param(
        SPIKE,
        {**HOLDER, "direction": 0, "before": "0.61", "now": "0.615"},
        True,
        "Boston (Boston at Miami)",
        "Unusual volume: 12,400 contracts in 10 minutes, about 9 times the usual. Price now"
        " 61.5¢. You hold this. No public news found yet.",
        id="volume",
    ),
    pytest.param(
        "correction",
        {**HOLDER, "reason": "correction"},
        True,
        "Correction: Boston (Boston at Miami)",
        "Correction: our last alert about this market was wrong. We take it back.",
        id="correction",
    ),
]


@pytest.mark.parametrize(("template", "numbers", "show_amounts", "title", "body"), GOLDEN)
def test_texts(
    template: str, numbers: dict[str, Any], show_amounts: bool, title: str, body: str
) -> None:
    text = render(template, ALERT | numbers, show_amounts=show_amounts)
    assert (text.title, text.body) == (title, body)


CAUSAL = re.compile(
    r"\b(because|due to|after|following|driven|caused?|sent|thanks to|owing|reason|since|news of)\b"
)
ADVICE = re.compile(r"\b(buy|sell|should|bet on|lock|consider|recommend)\b")
PRICES = st.decimals(Decimal("0.01"), Decimal("0.99"), places=4)
MONEY = st.none() | st.decimals(Decimal(-(10**7)), Decimal(10**7), places=2)


@given(
    template=st.sampled_from([name for name in TEMPLATES if name.endswith("plain")]),
    label=st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=90),
    before=PRICES,
    now=PRICES,
    impact=MONEY,
    mid=MONEY,
    flags=st.tuples(*[st.booleans()] * 5),
    minutes=st.integers(1, 120),
)
def test_no_text_of_the_unexplained_tier_hints_at_a_cause_or_advises(
    template: str,
    label: str,
    before: Decimal,
    now: Decimal,
    impact: Decimal | None,
    mid: Decimal | None,
    flags: tuple[bool, ...],
    minutes: int,
) -> None:
    is_holder, is_follower, is_wide, is_stale, show_amounts = flags
    text = render(
        template,
        {
            **ALERT,
            "label": label,
            "before": str(before),
            "now": now,
            "minutes": minutes,
            "is_holder": is_holder,
            "is_follower": is_follower,
            "is_wide": is_wide,
            "is_stale": is_stale,
            "positions": [{}] if is_holder else [],
            "impact_usd": impact,
            "impact_mid_usd": mid,
            "value_before_usd": Decimal("123.45"),
        },
        show_amounts=show_amounts,
    )
    assert len(text.title) <= MAX_TITLE
    assert len(text.body) <= MAX_BODY
    assert "No public news found yet." in text.body, "the tier is always said"
    assert not CAUSAL.search(text.body.lower()), text.body
    # "nobody offers to buy now" describes the book; it asks nobody to do anything.
    assert not ADVICE.search(text.body.lower().replace("nobody offers to buy now", "")), text.body
    assert show_amounts or "$" not in text.body


def test_an_unknown_template_is_refused() -> None:
    with pytest.raises(ValueError, match="no template"):
        render("line_move.confirmed.plain", ALERT, show_amounts=True)


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        pytest.param(cents("0.62"), "62¢", id="whole"),
        pytest.param(cents(Decimal("0.005")), "0.5¢", id="half"),
        pytest.param(cents("0.6249"), "62.5¢", id="rounded"),
        pytest.param(percent(Decimal("0.004")), "under 1%", id="little"),
        pytest.param(percent(Decimal("1.5")), "150%", id="more-than-all"),
        pytest.param(dollars(Decimal("999.999")), "$1,000", id="a-thousand"),
        pytest.param(dollars(Decimal("1234567.89")), "$1,234,568", id="large"),
    ],
)
def test_numbers(shown: str, text: str) -> None:
    assert shown == text
