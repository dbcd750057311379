# SPDX-License-Identifier: Apache-2.0
"""An HTTP server that answers from memory, so that what is measured is the client. Standard library only.

``python raw_server.py PODS EVENTS`` prints its port and serves until its standard input closes.
"""

from __future__ import annotations

import asyncio
import os
import sys
from urllib.parse import parse_qs, urlsplit

from data import list_body, pods, watch_frames

CHUNK = 64 * 1024
# What kr8s asks for before it lists; it knows the versions up to 1.35.
DISCOVERY = {
    "version": b'{"major":"1","minor":"35","gitVersion":"v1.35.0"}',
    "api": b'{"kind":"APIVersions","versions":["v1"]}',
    "api/v1": b'{"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"pods","singularName":"pod",'
    b'"namespaced":true,"kind":"Pod","verbs":["get","list","watch"],"shortNames":["po"]}]}',
    "apis": b'{"kind":"APIGroupList","groups":[]}',
}


class Server:
    """Pods, pages of them, and one long watch stream, all prebuilt."""

    def __init__(self, pod_count: int, event_count: int) -> None:
        self.items = list(pods(pod_count, typed=False))
        self.pod = next(pods(1, typed=True))
        self.events = b"".join(watch_frames(event_count))
        self.pages: dict[tuple[int, int], bytes] = {}

    def page(self, limit: int, start: int) -> bytes:
        """One page of the list, built on first use and kept."""
        key = (limit, start)
        if key not in self.pages:
            end = start + limit if limit else len(self.items)
            token = str(end) if end < len(self.items) else ""
            self.pages[key] = list_body(self.items[start:end], token)
        return self.pages[key]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, kept alive."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode("latin-1").split("\r\n")
                length = next(
                    (int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length:")), 0
                )
                body = await reader.readexactly(length) if length else b""
                await self.answer(lines[0].split(" ")[1], body, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def answer(self, target: str, body: bytes, writer: asyncio.StreamWriter) -> None:
        """Write one response."""
        url = urlsplit(target)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        if query.get("watch", "").lower() in ("true", "1"):
            await self.watch(writer)
            return
        if url.path.rstrip("/").endswith("/pods"):
            content = body or self.page(int(query.get("limit", "0") or 0), int(query.get("continue", "0") or 0))
        elif target.strip("/") in DISCOVERY:
            content = DISCOVERY[target.strip("/")]
        else:
            content = body or self.pod
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(content) + content
        )
        await writer.drain()

    async def watch(self, writer: asyncio.StreamWriter) -> None:
        """Send all events in chunks, then keep the stream open until the client goes."""
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        for start in range(0, len(self.events), CHUNK):
            chunk = self.events[start : start + CHUNK]
            writer.write(b"%x\r\n" % len(chunk) + chunk + b"\r\n")
            await writer.drain()
        await asyncio.sleep(3600)


async def main() -> None:
    """Serve until standard input closes."""
    server = Server(int(sys.argv[1]), int(sys.argv[2]))
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, limit=2**24)
    print(listener.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    # Streams may be open in clients that were killed; there is nothing to save, so no orderly end.
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main())
