"""The gateway that everybody sends to, and its log, by which everybody is judged."""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from bench.contest import BenchError
from bench.web.servers import Server, serving

Push = Mapping[str, Any]  # as the gateway's log shows it
_PAGE = 10_000


@dataclass(slots=True)
class Gateway:
    """A running sandbox with Firebase.

    Attributes:
        key_file: the service account's file.
        read_to: number of the newest push that was looked at.
    """

    server: Server
    key_file: Path
    read_to: int = 0

    @property
    def base(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.port}"

    async def read_new(self) -> list[Push]:
        """Return the pushes since the last look."""
        found: list[Push] = []
        while True:
            page = await self.server.get(f"/_pushes?after={self.read_to}&limit={_PAGE}")
            rows: list[Push] = orjson.loads(page)["pushes"]
            if not rows:
                return found
            found += rows
            self.read_to = rows[-1]["n"]

    async def judge(self, who: str, addresses: Collection[str]) -> list[Push]:
        """Check that everybody was sent one push since the last look; return the pushes.

        Raises:
            BenchError: somebody got none or two, or one was refused.
        """
        pushes = await self.read_new()
        taken = Counter(push["address"] for push in pushes if push["outcome"] == "accepted")
        if len(pushes) != len(addresses) or taken != Counter(addresses):
            raise BenchError(
                f"{who} sent {len(pushes):,} pushes, {taken.total():,} of them accepted,"
                f" to {len(addresses):,} devices."
            )
        return pushes


@asynccontextmanager
async def open_gateway() -> AsyncIterator[Gateway]:
    """Run the sandbox for the length of the block."""
    with TemporaryDirectory(prefix="alpha-bench-") as folder:
        async with serving("bench.pipeline.fcm", "firebase", {}, is_pinned=False) as server:
            key_file = Path(folder) / "firebase.json"
            key_file.write_bytes(await server.get("/_keys/firebase"))
            yield Gateway(server, key_file)
