"""A pretend source that answers each request after a fixed time: `python -m bench.slow_server SECONDS`.

It prints the port it listens on.
"""

from __future__ import annotations

import asyncio
import sys

ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"value": 42}'
END_OF_REQUEST = b"\r\n\r\n"


class Slow(asyncio.Protocol):
    """One kept connection."""

    transport: asyncio.Transport
    seconds = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember whom to answer."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer later; the requests are short enough to come whole, and none follows before the answer."""
        if data.endswith(END_OF_REQUEST):
            asyncio.get_running_loop().call_later(self.seconds, self.transport.write, ANSWER)


async def serve(seconds: float) -> None:
    """Serve on a free port until the process is ended."""
    Slow.seconds = seconds
    server = await asyncio.get_running_loop().create_server(Slow, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
