"""A page as rows of the tables, built by the product's own functions."""

from collections.abc import Sequence

from app.domain.catalogue import CataloguePage
from app.domain.ids import market_id
from app.store.catalogue_rows import (
    EVENTS,
    MARKETS,
    OUTCOMES,
    QUOTES,
    SERIES,
    event_row,
    fingerprint,
    market_row,
    outcome_rows,
    quote_fingerprint,
    quote_row,
    series_row,
)
from app.store.merge import MergeTarget
from bench.catalogue import NOW

TARGETS = (SERIES, EVENTS, MARKETS, OUTCOMES, QUOTES)

Rows = Sequence[Sequence[object]]
TableRows = list[tuple[MergeTarget, Rows]]


def rows_of(page: CataloguePage) -> TableRows:
    """Return a page's rows, parents first; tables without rows are left out."""
    tables: TableRows = [
        (SERIES, [series_row(row, fingerprint(row)) for row in page.series]),
        (EVENTS, [event_row(row, fingerprint(row)) for row in page.events]),
        (MARKETS, [market_row(row, fingerprint(row), now=NOW) for row in page.markets]),
        (OUTCOMES, [line for row in page.markets for line in outcome_rows(row)]),
        (
            QUOTES,
            [
                quote_row(row, market_id(row.exchange, row.market_ext_id), quote_fingerprint(row))
                for row in page.quotes
            ],
        ),
    ]
    return [(target, rows) for target, rows in tables if rows]
