"""`UNEXPLAINED_WORDING`: the customer's sample sentence is a choice, and old alerts keep theirs."""

import pytest

from app.core.database import Pool
from app.domain.words import render
from tests.pipeline_factories import (
    add_market,
    change,
    decide_and_tell,
    detect,
    make_detection,
    make_parts,
    prices,
)

pytestmark = pytest.mark.usefixtures("clean_tables")

PLAIN = "Unusual move: from 50¢ to 40¢ in 5 minutes. No public news found yet."
BRIEF = (
    "Unusual movement on this market. Line dropped 20%. No public news yet. Could be insider info."
)


@pytest.mark.parametrize(
    ("setting", "body"),
    [
        pytest.param(None, PLAIN, id="by-default"),
        pytest.param("plain", PLAIN, id="plain"),
        pytest.param("brief", BRIEF, id="brief"),
    ],
)
async def test_the_setting_words_alerts_from_now_on(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, setting: str | None, body: str
) -> None:
    monkeypatch.delenv("UNEXPLAINED_WORDING", raising=False)
    if setting is not None:
        monkeypatch.setenv("UNEXPLAINED_WORDING", setting)
    async with pool.acquire() as conn:
        market = await add_market(conn, "KXGAME-1-BOS")
    await detect(pool, make_detection([change(market, prices("0.50"), prices("0.40"))]))
    await decide_and_tell(make_parts(pool))
    row = await pool.fetchrow("SELECT template, numbers, body FROM alpha.alerts")
    assert row is not None
    assert row["body"] == body
    monkeypatch.setenv("UNEXPLAINED_WORDING", "plain" if setting == "brief" else "brief")
    assert render(row["template"], row["numbers"], show_amounts=False).body == body
