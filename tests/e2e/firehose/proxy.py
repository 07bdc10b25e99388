"""A unix socket in front of another, which can be cut: the network between one process and all."""

import asyncio
import threading
from contextlib import suppress
from pathlib import Path


class SocketProxy:
    """Forwards bytes in a thread of its own until it is cut.

    Cut means silence, as a dropped network does: what is open stays open and carries
    nothing, and new connections get no answer.
    """

    def __init__(self, listen: Path, target: Path) -> None:
        self.listen = listen
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._is_open = asyncio.Event()
        self._is_open.set()
        self._meetings: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        listen.parent.mkdir(parents=True, exist_ok=True)
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_unix_server(self._accept, listen), self._loop
        ).result(5)

    def cut(self) -> None:
        """Carry nothing from now on."""
        self._loop.call_soon_threadsafe(self._is_open.clear)

    def join(self) -> None:
        """Carry everything again, what waited too."""
        self._loop.call_soon_threadsafe(self._is_open.set)

    def stop(self) -> None:
        """Break every connection and end the thread."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        for meeting in list(self._meetings):
            meeting.cancel()
        await asyncio.gather(*self._meetings, return_exceptions=True)
        await asyncio.sleep(0.01)  # transports close in a later turn of the loop

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        meeting = self._loop.create_task(self._meet(reader, writer))
        self._meetings.add(meeting)
        meeting.add_done_callback(self._meetings.discard)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            try:
                await self._is_open.wait()
                far_reader, far_writer = await asyncio.open_unix_connection(self._target)
                try:
                    there = asyncio.ensure_future(self._carry(reader, far_writer))
                    back = asyncio.ensure_future(self._carry(far_reader, writer))
                    try:
                        await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
                    finally:
                        there.cancel()
                        back.cancel()
                        await asyncio.gather(there, back, return_exceptions=True)
                finally:
                    far_writer.transport.abort()
            finally:
                writer.transport.abort()

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65_536):
            await self._is_open.wait()
            sink.write(data)
            await sink.drain()
