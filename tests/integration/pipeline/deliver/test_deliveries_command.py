"""`alpha deliveries` as an operator uses it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.domain.push import PushOutcome, PushResult
from app.pipeline.deliver import deliver_all_due
from tests.integration.pipeline.deliver.conftest import NOW, DeliveryStage

ROOT = Path(__file__).resolve().parents[4]
REFUSED = PushOutcome(PushResult.DEAD, error="INVALID_ARGUMENT", status=400)


@pytest.fixture
def command(database_url: str) -> Any:
    """Run `alpha deliveries` at the stage's time; its exit code, output and complaint."""

    def run(*arguments: str) -> tuple[int, str, str]:
        ended = subprocess.run(
            [sys.executable, "-m", "app.cli", "deliveries", *arguments],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
            env={
                **os.environ,
                "DATABASE_URL": database_url,
                "REDIS_URL": os.environ["ALPHA_TEST_REDIS_URL"],
                "CLOCK_AT": NOW.isoformat(),
            },
        )
        return ended.returncode, ended.stdout, ended.stderr

    return run


async def test_dead_ones_are_counted_listed_shown_and_redriven(
    stage: DeliveryStage, command: Any
) -> None:
    await stage.alert(people=2)
    stage.gateway.answer = lambda _: REFUSED
    await deliver_all_due(stage.parts)
    counts = json.loads(command("--json")[1])
    assert [(one["state"], one["reason"], one["deliveries"]) for one in counts] == [
        ("dead", "INVALID_ARGUMENT", 2)
    ]
    first, second = json.loads(command("dead", "--json")[1])
    (shown,) = json.loads(command("show", first["id"], "--json")[1])
    assert [one["status"] for one in shown["tries"]] == [400]
    code, said, _ = command("show", first["id"])
    assert code == 0
    assert "INVALID_ARGUMENT" in said
    assert json.loads(command("redrive", first["id"], "--json")[1]) == [{"redriven": first["id"]}]
    assert json.loads(command("redrive", "--all", "--json")[1]) == [{"redriven": second["id"]}]
    assert command("dead")[1].strip() == "Nothing."


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("redrive",), "needs one id, or --all"),
        (("redrive", "4c2b1e86-94d8-4c4b-a1f3-0e1d1c1b1a19", "--all"), "needs one id, or --all"),
        (("redrive", "4c2b1e86-94d8-4c4b-a1f3-0e1d1c1b1a19"), "nothing was done"),
        (("show", "4c2b1e86-94d8-4c4b-a1f3-0e1d1c1b1a19"), "There is no delivery"),
        (("show", "abc"), "is no delivery's id"),
        (("revive",), "There is no action 'revive'"),
    ],
)
def test_mistakes_get_one_line(command: Any, arguments: tuple[str, ...], says: str) -> None:
    code, _, complaint = command(*arguments)
    assert code == 1
    assert says in complaint.strip().splitlines()[-1]
