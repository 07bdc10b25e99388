"""A push as bytes: never too long, never with a reserved key, always what was meant."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.services.firebase.payload import MAX_BYTES, Unsendable, encode_push
from tests.unit.services.firebase.conftest import NOW, MakePush


def message_of(body: bytes) -> dict[str, Any]:
    read: dict[str, Any] = orjson.loads(body)["message"]
    return read


def alert_of(body: bytes) -> dict[str, str]:
    alert: dict[str, str] = message_of(body)["apns"]["payload"]["aps"]["alert"]
    return alert


def test_a_short_text_stays(make_push: MakePush) -> None:
    assert alert_of(encode_push(make_push(), now=NOW))["body"] == "Unusual move."


def test_a_long_text_ends_at_a_word(make_push: MakePush) -> None:
    body = encode_push(make_push(body="word " * 2000), now=NOW)
    assert len(body) <= MAX_BYTES
    shown = alert_of(body)["body"]
    assert shown.endswith("word…")
    assert len(shown) > 2000


def test_a_text_without_blanks_is_cut_anywhere(make_push: MakePush) -> None:
    body = encode_push(make_push(body="x" * 5000), now=NOW)
    assert len(body) <= MAX_BYTES
    assert alert_of(body)["body"].endswith("x…")


def test_what_just_fits_is_not_cut(make_push: MakePush) -> None:
    room = MAX_BYTES - len(encode_push(make_push(body=""), now=NOW))
    exact = encode_push(make_push(body="x" * room), now=NOW)
    assert len(exact) == MAX_BYTES
    assert alert_of(exact)["body"] == "x" * room
    assert alert_of(encode_push(make_push(body="x" * (room + 1)), now=NOW))["body"][-1] == "…"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(
    body=st.text(max_size=3000) | st.text(alphabet='"\\\n é😀', min_size=500, max_size=3000),
    title=st.text(max_size=200),
    pad=st.integers(0, 4000),
)
def test_any_text_fits_or_is_refused(make_push: MakePush, body: str, title: str, pad: int) -> None:
    push = make_push(body=body, title=title, data={"pad": "x" * pad})
    with suppress(Unsendable):  # title and data alone are too long
        encoded = encode_push(push, now=NOW)
        assert len(encoded) <= MAX_BYTES
        alert = alert_of(encoded)
        assert alert["title"] == title
        assert body.startswith(alert["body"].removesuffix("…").rstrip())


@pytest.mark.parametrize(
    "key",
    ["aps", "from", "message_type", "google.c.a.e", "googleX", "gcm.notification.title", "gcm"],
)
def test_reserved_keys_are_refused(make_push: MakePush, key: str) -> None:
    with pytest.raises(Unsendable, match="RESERVED_KEY"):
        encode_push(make_push(data={key: "x"}), now=NOW)


@pytest.mark.parametrize("key", ["from_price", "message", "link", "notification_id"])
def test_keys_that_only_look_reserved_pass(make_push: MakePush, key: str) -> None:
    assert message_of(encode_push(make_push(data={key: "x"}), now=NOW))["data"] == {key: "x"}


@pytest.mark.parametrize(
    ("left", "ttl"),
    [
        pytest.param(timedelta(seconds=600.9), "600s", id="whole-seconds"),
        pytest.param(timedelta(seconds=1), "1s", id="last-second"),
        pytest.param(timedelta(days=365), "2419200s", id="fcm-keeps-28-days"),
    ],
)
def test_time_to_live(make_push: MakePush, left: timedelta, ttl: str) -> None:
    body = encode_push(make_push(expires_at=NOW + left), now=NOW)
    assert message_of(body)["android"]["ttl"] == ttl


@pytest.mark.parametrize("left_s", [0.9, 0, -1, -86_400])
def test_what_is_late_is_not_sent(make_push: MakePush, left_s: float) -> None:
    with pytest.raises(Unsendable, match="EXPIRED"):
        encode_push(make_push(expires_at=NOW + timedelta(seconds=left_s)), now=NOW)
