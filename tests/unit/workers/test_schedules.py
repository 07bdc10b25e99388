"""Every task is scheduled, every schedule has a timeout shorter than its period."""

import importlib
import inspect
import pkgutil
from datetime import UTC, datetime, timedelta

import pytest

import app.workers
from app.core.arq_worker import (
    MonitorWorkerSettings,
    SyncWorkerSettings,
    WorkerSettings,
    cron_times,
    monitor_schedules,
    sync_schedules,
)
from app.core.config import Settings
from app.core.errors import OperatorError
from app.workers.task import Schedule


def all_schedules() -> tuple[Schedule, ...]:
    settings = Settings()
    return (*sync_schedules(settings), *monitor_schedules(settings))


def test_every_task_is_registered() -> None:
    modules = [
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(app.workers.__path__, "app.workers.")
    ]
    tasks = {
        name
        for module in modules
        for name, member in inspect.getmembers(module, inspect.iscoroutinefunction)
        if getattr(member, "__wrapped__", None) and member.__module__ == module.__name__
    }
    assert tasks
    assert tasks == {schedule.name for schedule in all_schedules()}


def test_a_run_ends_before_the_next_one_is_due() -> None:
    assert all(s.timeout < s.every for s in all_schedules())


@pytest.mark.parametrize(
    ("every", "expected"),
    [
        (timedelta(seconds=3), {"second": set(range(0, 60, 3))}),
        (timedelta(minutes=1), {"second": {0}}),
        (timedelta(minutes=15), {"minute": {0, 15, 30, 45}, "second": {0}}),
        (timedelta(hours=1), {"minute": {0}, "second": {0}}),
        (timedelta(hours=24), {"hour": {0}, "minute": {0}, "second": {0}}),
    ],
)
def test_cron_times(every: timedelta, expected: dict[str, set[int]]) -> None:
    assert cron_times(every) == expected


@pytest.mark.parametrize("every", [timedelta(seconds=7), timedelta(minutes=25), timedelta()])
def test_an_uneven_period_is_refused(every: timedelta) -> None:
    with pytest.raises(OperatorError, match="divisor"):
        cron_times(every)


def test_the_slot_is_when_the_run_was_due() -> None:
    schedule = next(s for s in all_schedules() if s.name == "kalshi_full_sync")
    now = datetime(2026, 11, 22, 20, 17, 3, tzinfo=UTC)
    assert schedule.slot(now) == datetime(2026, 11, 22, 20, 15, tzinfo=UTC)


KINDS = (SyncWorkerSettings, MonitorWorkerSettings, WorkerSettings)


@pytest.mark.parametrize("kind", KINDS)
def test_arq_finds_every_shared_setting_in_the_class_itself(kind: type) -> None:
    shared = {"redis_settings", "on_startup", "on_shutdown", "timezone", "job_serializer"}
    assert shared <= set(vars(kind))


def test_no_two_kinds_of_worker_share_a_job_or_a_queue() -> None:
    names = [
        job.name for kind in (SyncWorkerSettings, MonitorWorkerSettings) for job in kind.cron_jobs
    ]
    assert len(names) == len(set(names))
    assert len({kind.queue_name for kind in KINDS}) == len(KINDS)
