"""Entry point: registers every command, and turns an operator's mistake into one line."""

import importlib
import sys
from collections.abc import Mapping

import typer
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from app.core import config
from app.core.errors import OperatorError, SourceError
from local.errors import LocalError

COMMANDS: Mapping[str, str] = {
    "up": "app.cli.up",
    "test": "app.cli.test",
    "web": "app.cli.web",
    "worker": "app.cli.worker",
    "stream": "app.cli.stream",
    "pipeline": "app.cli.pipeline",
    "alerts": "app.cli.alerts",
    "deliveries": "app.cli.deliveries",
    "migrate": "app.cli.migrate",
    "seed-demo": "app.cli.seed_demo",
    "sync": "app.cli.sync",
    "doctor": "app.cli.doctor",
    "status": "app.cli.status",
    "token": "app.cli.token",
    "openapi": "app.cli.openapi",
    "bench": "app.cli.bench",
    "record": "app.cli.record",
    "replay": "app.cli.replay",
}


def build() -> typer.Typer:
    """Build the application; only the module of the asked command is imported.

    `--help` alone imports all of them, which is what it is for.
    """
    app = typer.Typer(
        name="alpha",
        help="Alpha: what is happening to your positions, why, and how sure we are.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    asked = next((word for word in sys.argv[1:] if not word.startswith("-")), None)
    wanted = {asked: COMMANDS[asked]} if asked and asked in COMMANDS else COMMANDS
    for name, module in wanted.items():
        command = getattr(importlib.import_module(module), name.replace("-", "_"))
        app.command(name, context_settings=getattr(command, "context_settings", None))(command)
    app.callback()(lambda: None)
    return app


def explain(error: ValidationError) -> str:
    """Say in one line which setting is wrong, without repeating what it holds."""
    first = error.errors(include_input=False, include_url=False)[0]
    setting = "_".join(str(part) for part in first["loc"]).upper() or "a setting"
    prefix = getattr(config, error.title, BaseSettings).model_config.get("env_prefix", "")
    name = setting if setting == "a setting" else f"{prefix}{setting}"
    return f"{name}: {first['msg']}."


def main() -> None:
    """Run one command; exit 1 with one line when the operator can act, never a trace."""
    try:
        build()()
    except (OperatorError, LocalError, SourceError) as error:
        sys.exit(f"alpha: {error}")
    except ValidationError as error:
        sys.exit(f"alpha: {explain(error)}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
