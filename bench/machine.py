"""The machine the figures belong to."""

import os
import platform
import sys
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("asyncpg", "fastapi", "msgspec", "pydantic", "sqlalchemy", "starlette", "uvicorn")


def describe_machine(postgres_version: str) -> dict[str, object]:
    """Return cores, processor, load average (1, 5, 15 minutes) and versions."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "system": platform.platform(terse=True),
        "load": [round(figure, 2) for figure in os.getloadavg()],
        "versions": {
            "python": platform.python_version(),
            "postgresql": postgres_version,
            **_package_versions(_PACKAGES),
        },
    }


def _processor() -> str:
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _package_versions(names: Iterable[str]) -> dict[str, str]:
    return {name: version(name) for name in names}
