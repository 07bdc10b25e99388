"""`python -m evaluation`: record an exchange, replay a recording, convert older ones."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.core.clock import SystemClock
from app.core.config import get_settings
from app.core.errors import OperatorError, SourceError
from app.core.log import configure_logging
from evaluation.convert.run import convert as convert_source
from evaluation.record.run import record as record_folder
from evaluation.recording.folder import Recording
from evaluation.replay.database import replay_database
from evaluation.replay.log import to_line
from evaluation.replay.run import replay as replay_recording
from local.errors import LocalError
from local.output import Screen

SERVER_VARIABLE = "REPLAY_SERVER_URL"

app = typer.Typer(
    name="evaluation", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
AsJson = Annotated[bool, typer.Option("--json", help="print one JSON object, last")]


@app.command()
def record(
    folder: Annotated[Path, typer.Argument(help="a new or empty folder")],
    for_s: Annotated[float, typer.Option("--for", help="seconds; 0 = until Ctrl-C", min=0)] = 60,
    note: Annotated[str, typer.Option(help="what this recording is of")] = "",
    as_json: AsJson = False,
) -> None:
    """Write down everything the exchange sends: its socket, and a catalogue sync."""
    settings, say = get_settings(), Screen().say
    configure_logging("WARNING")
    clock = SystemClock(settings.app.clock_at)
    made = asyncio.run(record_folder(folder, settings, clock, for_s=for_s, note=note, say=say))
    say(f"{made['frames']} frames and {made['answers']} answers in {folder}")
    if as_json:
        sys.stdout.write(json.dumps(made) + "\n")


@app.command()
def replay(
    folder: Annotated[Path, typer.Argument(help="a recording's folder")],
    catalogue: Annotated[
        Path | None, typer.Option(help="a catalogue.json in place of the folder's")
    ] = None,
    people: Annotated[
        Path | None, typer.Option(help="a people.json in place of the folder's")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Play a recording through the real pipeline and print what it decided."""
    settings, say = get_settings(), Screen().say
    configure_logging("WARNING")
    recording = Recording(folder, catalogue=catalogue, people=people)
    with replay_database(say, os.environ.get(SERVER_VARIABLE)) as url:
        found = asyncio.run(replay_recording(recording, settings, url, say))
    for decision in found.decisions:
        sys.stdout.write(to_line(decision) + "\n")
    if as_json:
        sys.stdout.write(json.dumps(found.to_json(), sort_keys=True) + "\n")
    say(f"{len(found.decisions)} decisions, {found.counts['pushes']} pushes")


@app.command()
def convert(
    source: Annotated[Path, typer.Argument(help="a file of frames, or of price snapshots")],
    folder: Annotated[Path, typer.Argument(help="a new or empty folder")],
) -> None:
    """Make a recording folder of a file that somebody else recorded."""
    made = convert_source(source, folder)
    Screen().say(f"{made} frames in {folder}")


def main() -> None:
    """Run one command; what the operator can mend is one line and exit code 1."""
    try:
        app()
    except (OperatorError, SourceError, LocalError) as error:
        sys.exit(f"alpha: {error}")


if __name__ == "__main__":
    main()
