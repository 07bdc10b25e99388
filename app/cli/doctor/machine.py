"""This machine: data folder, port, database, Redis."""

import os

from app.cli.doctor.findings import Finding, State, from_check
from app.core.config import Settings
from local.checks import (
    check_data_folder,
    check_database,
    check_port,
    check_redis,
    check_services,
)
from local.home import Home, home_path
from local.ownership import live_state
from local.resolve import ServiceUrls


def known_urls(settings: Settings) -> ServiceUrls:
    """Return the URLs set by hand, else those of what runs in the data folder, else empty ones."""
    state = live_state(Home(home_path(os.environ)))
    return ServiceUrls(
        database_url=settings.app.database_url.get_secret_value()
        or (state.database_url if state else ""),
        redis_url=settings.app.redis_url.get_secret_value() or (state.redis_url if state else ""),
    )


async def examine_machine(settings: Settings, urls: ServiceUrls, port: int) -> list[Finding]:
    """Check the folder and the port, and that database and Redis answer or could be started."""
    findings = [
        from_check(check_data_folder(os.environ)),
        from_check(check_port("127.0.0.1", port, os.environ)),
    ]
    choices = {check.name: check for check in check_services(os.environ)}
    if urls.database_url:
        findings.append(from_check(await check_database(urls.database_url)))
    else:
        findings.append(_startable("database", from_check(choices["postgres"])))
    if urls.redis_url:
        findings.append(from_check(await check_redis(urls.redis_url)))
    else:
        findings.append(_startable("redis", from_check(choices["redis"])))
    return findings


def _startable(name: str, choice: Finding) -> Finding:
    """Say that nothing runs yet, which is no fault."""
    if choice.state is State.FAILING:
        return Finding(name, choice.state, choice.detail)
    return Finding(name, State.OFF, f"not running; ./alpha up starts a {choice.detail}")
