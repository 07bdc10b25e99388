"""`alpha worker sync|monitor|all`: run one arq worker."""

from typing import Annotated

import typer
from arq.utils import import_string
from arq.worker import run_worker

from app.core.errors import OperatorError

KINDS = {
    "sync": "SyncWorkerSettings",
    "monitor": "MonitorWorkerSettings",
    "all": "WorkerSettings",
}


def worker(
    kind: Annotated[str, typer.Argument(help="sync (long jobs), monitor (short jobs) or all")],
) -> None:
    """Run the scheduled jobs of one kind until stopped."""
    if kind not in KINDS:
        raise OperatorError(f"There is no worker {kind!r}: choose one of {', '.join(KINDS)}.")
    run_worker(import_string(f"app.core.arq_worker.{KINDS[kind]}"))
