"""`arq app.core.arq_worker.WorkerSettings`: every schedule and the pipeline in one process."""

import signal

from tests.e2e.conftest import MakeStage
from tests.e2e.firehose.stage import wait_until


def test_one_process_runs_all_crons_and_the_pipeline(make_stage: MakeStage) -> None:
    stage = make_stage()
    stage.sandbox("--events", "20", "--prices", "seeded")
    worker = stage.alpha("all", "worker", "all")
    wait_until(
        lambda: stage.sql(
            "SELECT 1 FROM alpha.leases WHERE name = 'market_monitor'"
            " AND expires_at > clock_timestamp()"
        ),
        60,
        "the markets are watched",
    )
    wait_until(
        lambda: stage.sql(
            "SELECT 1 FROM alpha.cron_runs WHERE name = 'aggregate_ohlcv' AND outcome = 'done'"
        ),
        60,
        "a cron has run",
    )
    worker.signal(signal.SIGTERM)
    assert worker.process.wait(15) is not None
    wait_until(
        lambda: (
            not stage.sql(
                "SELECT 1 FROM alpha.leases WHERE name = 'market_monitor'"
                " AND expires_at > clock_timestamp()"
            )
        ),
        3,
        "the lease is given back",
    )
