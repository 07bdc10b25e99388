"""Any row: cleaned, or refused with a reason and kept."""

import json
from decimal import Decimal
from typing import Any

import pytest

from app.services.kalshi.normalize import Row, RowTranslator, clean_row
from app.services.kalshi.normalize.rows import RAW_LIMIT
from app.services.kalshi.normalize.series import to_series


def nested(depth: int) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for _ in range(depth):
        row = {"a": row}
    return row


def test_clean_row_is_the_same_object() -> None:
    row = {"ticker": "A", "tags": ["Jokić", None, True, 5, Decimal("0.5")], "o": {"x": "🏀"}}
    assert clean_row(row) is row


def test_unstorable_characters_leave_free_text_at_any_depth() -> None:
    row = {"title": "a\x00b", "custom_strike": {"k\x00ey": ["c\ud800d", {"e": "f\udfffg"}]}}
    assert clean_row(row) == {"title": "ab", "custom_strike": {"key": ["cd", {"e": "fg"}]}}


@pytest.mark.parametrize(
    "key",
    ["ticker", "event_ticker", "yes_bid_dollars", "volume_fp", "open_time", "settlement_ts",
     "strike_date", "status", "result"],
)  # fmt: skip
def test_unstorable_character_in_an_exact_field_costs_the_row(key: str) -> None:
    with pytest.raises(ValueError, match=key):
        clean_row({key: "0.4\x005"})


def test_key_that_becomes_another_by_cleaning_costs_the_row() -> None:
    with pytest.raises(ValueError, match="status"):
        clean_row({"status": "active", "status\x00": "finalized"})


@pytest.mark.parametrize(
    "row",
    [None, "text", 5, [], [{"ticker": "A"}]],
    ids=["null", "text", "number", "list", "list-of-one"],
)
def test_not_an_object(row: object) -> None:
    with pytest.raises(ValueError, match="not an object"):
        clean_row(row)


@pytest.mark.parametrize(
    "number",
    [10**40, -(10**40), Decimal("1E+40"), Decimal("1E-400"), Decimal("NaN"), 0.5, b"x"],
    ids=["int", "negative", "decimal", "tiny", "nan", "binary-float", "bytes"],
)
def test_number_that_cannot_be_kept(number: object) -> None:
    with pytest.raises(ValueError, match="a number that cannot be kept"):
        clean_row({"custom_strike": {"a": [number]}})


def test_depth() -> None:
    assert clean_row(nested(20))
    with pytest.raises(ValueError, match="too deep"):
        clean_row(nested(400))


def test_good_row_is_translated() -> None:
    rows = RowTranslator()
    assert rows.translate("series", {"ticker": "KXNBAGAME"}, to_series) is not None
    assert not rows.rejects


def test_bad_row_becomes_a_reject() -> None:
    rows = RowTranslator()
    bad = {"ticker": "KXNBAGAME", "title": 5, "fee_multiplier": Decimal("0.5")}
    assert rows.translate("series", bad, to_series) is None
    (reject,) = rows.rejects
    assert (reject.source, reject.kind, reject.ext_id) == ("kalshi", "series", "KXNBAGAME")
    assert reject.reason == "title: Input should be a valid string"
    assert json.loads(reject.raw)["title"] == 5


def refuse(_: Row) -> None:
    raise ValueError("line one\nline two\x00")


def test_reject_of_a_monstrous_row_is_short_and_storable() -> None:
    rows = RowTranslator()
    rows.translate("event", {"ticker": "A\x00" * 400, "title": "x" * 99_999}, refuse)
    rows.translate("event", nested(100_000), refuse)
    rows.translate("event", {"ticker": ["A"], "n": 10**5000}, refuse)
    assert [reject.ext_id for reject in rows.rejects] == ["A" * 200, None, None]
    for reject in rows.rejects:
        assert len(reject.raw) <= RAW_LIMIT
        assert "\x00" not in f"{reject.raw}{reject.reason}{reject.ext_id}"
        assert "\n" not in reject.reason
