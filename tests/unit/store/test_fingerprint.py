"""Fingerprints: equal rows equal, any change seen, the same in every process."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from app.domain.types import Contracts
from app.store.catalogue_rows import fingerprint, quote_fingerprint
from tests.domain_factories import NOW, make_market, make_quote


def test_every_field_counts() -> None:
    known = {fingerprint(make_market())}
    changes = {
        "title": "x",
        "close_at": NOW,
        "floor_strike": Decimal("8.5"),
        "metadata": {"status": "inactive"},
        "outcomes": (),
        "source_ts": NOW,
        "is_combo": True,
    }
    for name, changed in changes.items():
        known.add(fingerprint(make_market(**{name: changed})))
    assert len(known) == len(changes) + 1


def test_a_quote_is_the_same_whenever_it_is_read() -> None:
    quote = make_quote()
    assert quote_fingerprint(quote) == quote_fingerprint(
        replace(quote, as_of=NOW + timedelta(days=1))
    )
    assert quote_fingerprint(quote) != quote_fingerprint(
        replace(quote, volume=Contracts(Decimal(1)))
    )


def test_another_process_computes_the_same() -> None:
    code = (
        "from tests.domain_factories import make_market;"
        "from app.store.catalogue_rows import fingerprint;"
        "print(fingerprint(make_market()))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(told.stdout) == fingerprint(make_market())
