"""Which converter fits a file."""

from pathlib import Path

from app.core.errors import OperatorError
from evaluation.convert.snapshots import convert_snapshots
from evaluation.convert.socket import convert_socket


def convert(source: Path, folder: Path) -> int:
    """Make a recording folder of a file; return how many frames it has.

    Raises:
        OperatorError: a file that is neither frames nor snapshots, or a folder that is not empty.
    """
    name = source.name.removesuffix(".gz")
    try:
        if name.endswith(".jsonl"):
            return convert_socket(source, folder)
        if name.endswith(".csv"):
            return convert_snapshots(source, folder)
    except (OSError, EOFError) as error:
        raise OperatorError(f"{source} cannot be read: {error}.") from error
    raise OperatorError(f"{source} is neither .jsonl (frames) nor .csv (snapshots).")
