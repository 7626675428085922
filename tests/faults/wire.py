"""The wire between a worker and a stand-in: it carries bytes, resets connections, and can be down."""

import asyncio
import socket
import struct
from contextlib import suppress

LOOPBACK = "127.0.0.1"
CHUNK = 65536
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER of no time: the other side sees a reset, not an end


class Wire:
    def __init__(self, port: int) -> None:
        self._target = port
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._resets: dict[bytes, int] = {}
        self.port = 0

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def reset_requests(self, method: str, count: int) -> None:
        """Reset the connections of the next requests by `method` before the stand-in hears of them."""
        self._resets[method.encode()] = count

    @property
    def resets_left(self) -> int:
        return sum(self._resets.values())

    async def connect(self) -> None:
        self._server = await asyncio.start_server(self._carry, LOOPBACK, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Nobody listens any more, and what was open breaks off."""
        if self._server is not None:
            self._server.close()
        for writer in self._open:
            writer.transport.abort()
        while self._open:
            await asyncio.sleep(0.01)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = {writer}
        self._open |= ends
        try:
            there, back = await asyncio.open_connection(LOOPBACK, self._target)
            ends.add(back)
            self._open.add(back)
            ways = {asyncio.create_task(self._send(reader, writer, back)), asyncio.create_task(_copy(there, writer))}
            _, unfinished = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in unfinished:
                way.cancel()
            await asyncio.wait(ways)
        finally:
            for each in ends:
                each.transport.abort()
            self._open -= ends

    async def _send(
        self, source: asyncio.StreamReader, client: asyncio.StreamWriter, target: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError):
            while chunk := await source.read(CHUNK):
                if self._is_reset(chunk):
                    raw: socket.socket = client.get_extra_info("socket")
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
                    return
                target.write(chunk)
                await target.drain()

    def _is_reset(self, chunk: bytes) -> bool:
        method = chunk.partition(b" ")[0]
        left = self._resets.get(method, 0)
        self._resets[method] = max(left - 1, 0)
        return left > 0


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await source.read(CHUNK):
            target.write(chunk)
            await target.drain()
