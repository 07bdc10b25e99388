"""Whatever a gateway answers becomes an outcome, and none of it is repeated."""

import re
from datetime import timedelta
from email.utils import format_datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.push import PushResult
from app.services.firebase.errors import Answer, read_retry_after, to_outcome
from tests.unit.services.firebase.conftest import NOW

_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["error", "name", "status", "message", "details", "@type", "errorCode"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
_BODIES = st.none() | st.binary(max_size=40) | _ANYTHING.map(orjson.dumps)


@given(
    status=st.integers(200, 599),
    body=_BODIES,
    retry_after=st.none() | st.text(max_size=30),
    is_json=st.booleans(),
)
def test_any_answer_has_an_outcome(
    status: int, body: bytes | None, retry_after: str | None, is_json: bool
) -> None:
    outcome = to_outcome(Answer(status, body, retry_after, is_json), now=NOW)
    assert outcome.status == status
    assert (outcome.message_id is not None) == (outcome.result is PushResult.ACCEPTED)
    if outcome.result is not PushResult.ACCEPTED:
        assert re.fullmatch(r"[A-Z][A-Z0-9_]*", outcome.error or "")
    if outcome.result is PushResult.PAUSED:
        assert outcome.retry_after_s is not None
        assert 0 < outcome.retry_after_s <= 600
    if not 200 <= status < 300:
        assert outcome.result is not PushResult.ACCEPTED


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"error":' * 50_000, b'{"name":"\xff"}', b'{"name":"\\ud800"}']
)
def test_hostile_json_is_only_unknown(body: bytes) -> None:
    assert to_outcome(Answer(200, body), now=NOW).result is PushResult.UNKNOWN
    assert to_outcome(Answer(503, body), now=NOW).result is PushResult.RETRY


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        pytest.param(None, None, id="none"),
        pytest.param(" 12 ", 12, id="blanks"),
        pytest.param("1.5", None, id="fraction"),
        pytest.param("١٢", None, id="other-digits"),
        pytest.param("1e3", None, id="exponent"),
        pytest.param(format_datetime(NOW + timedelta(seconds=30)), 30, id="date"),
        pytest.param("Sun, 09 Aug 2026 14:00:30 -0700", 30, id="date-with-zone"),
        pytest.param("Sun, 09 Aug 2026 21:00:30", 30, id="date-without-zone"),
        pytest.param("Sun, 09 Aug 2030 21:00:30 GMT", 600, id="far-away"),
        pytest.param("Sun, 99 Aug 9999999999 21:00:30 GMT", None, id="no-date"),
    ],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    assert read_retry_after(header, now=NOW) == seconds


@given(st.text(max_size=40) | st.from_regex(r"[A-Z][a-z]{2}, [0-9: A-Za-z+-]{0,30}"))
def test_any_header_can_be_read(header: str) -> None:
    seconds = read_retry_after(header, now=NOW)
    assert seconds is None or 0 <= seconds <= 600
