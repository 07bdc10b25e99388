"""What `alpha up` was asked for."""

from dataclasses import dataclass

_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}


@dataclass(frozen=True, slots=True)
class Options:
    """Options of one run; `for_s` seconds count from the start of the command."""

    host: str
    port: int
    for_s: float | None = None
    is_live: bool = False
    as_json: bool = False


def url_at(host: str, port: int) -> str:
    """Return the URL under which this machine reaches a server that listens on `host`."""
    reachable = _ANY.get(host, host)
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"
