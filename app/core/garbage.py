"""The garbage collector of a process that holds much and drops little."""

import gc

_THRESHOLDS = (50_000, 20, 50)  # Python's own are 700 to 2,000 allocations, 10, 10


def calm_collector() -> None:
    """Leave what exists out of every collection, and collect new objects less often.

    Ticks, pieces and rows are freed by their counts; the collector only walks them. What is
    frozen here lives as long as the process: modules, settings, every market's fold.
    """
    gc.unfreeze()  # what an earlier reign left may go
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
