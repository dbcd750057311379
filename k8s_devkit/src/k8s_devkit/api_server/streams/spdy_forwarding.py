# SPDX-License-Identifier: Apache-2.0
"""port-forward over SPDY: many connections in one, each with a data and an error stream (protocol F16)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from k8s_devkit.api_server.network.spdy import DATA, OPENED
from k8s_devkit.api_server.streams.forwarding import Backend

if TYPE_CHECKING:
    from k8s_devkit.api_server.network.messages import Upgrade
    from k8s_devkit.api_server.network.request_log import RequestRecord
    from k8s_devkit.api_server.network.spdy import SpdyConnection, SpdyEvent
    from k8s_devkit.api_server.streams.registry import StreamHandlers

__all__ = ["SpdyForwarding"]

_CHUNK = 32 * 1024


@dataclass(slots=True)
class _Pair:
    """The two streams of one forwarded connection."""

    data: int = 0
    error: int = 0
    backend: Backend | None = None


class SpdyForwarding:
    """All connections of one client of port-forward."""

    def __init__(
        self, upgrade: Upgrade, connection: SpdyConnection, record: RequestRecord, streams: StreamHandlers
    ) -> None:
        self._target = upgrade.targets[0]
        self._uid = upgrade.object["metadata"].get("uid", "")
        self._connection = connection
        self._record = record
        self._streams = streams
        self._pairs: dict[str, _Pair] = {}
        self._by_stream: dict[int, _Pair] = {}

    async def serve(self) -> None:
        """Serve until the client goes."""
        try:
            async with asyncio.TaskGroup() as group:
                while (event := await self._connection.receive()) is not None:
                    if event.type == OPENED:
                        await self._open(event, group)
                    else:
                        await self._take(event)
                await self._close()
        except* BrokenPipeError:
            pass  # the client went while the server spoke
        finally:
            await self._close()

    async def _close(self) -> None:
        for pair in self._pairs.values():
            if pair.backend is not None:
                await pair.backend.close()

    async def _open(self, event: SpdyEvent, group: asyncio.TaskGroup) -> None:
        headers = event.headers
        pair = self._pairs.setdefault(headers.get("requestid", ""), _Pair())
        self._by_stream[event.stream] = pair
        if headers.get("streamtype") == "error":
            pair.error = event.stream
        else:
            pair.data = event.stream
        if pair.data and pair.error:
            port = headers.get("port", "")
            target = replace(self._target, port=int(port) if port.isdecimal() else 0)
            pair.backend = Backend(target, self._uid, self._record, self._streams)
            await pair.backend.connect()
            group.create_task(self._serve(pair, pair.backend))

    async def _take(self, event: SpdyEvent) -> None:
        pair = self._by_stream.get(event.stream)
        if pair is None or pair.backend is None or event.stream != pair.data:
            return
        if event.type == DATA:
            await pair.backend.write(event.data)
        else:
            pair.backend.end_input()

    async def _serve(self, pair: _Pair, backend: Backend) -> None:
        async for data in backend.output(_CHUNK):
            await self._connection.send(pair.data, data)
        text = await backend.error()
        if text:
            await self._connection.send(pair.error, text.encode())
        await self._connection.end(pair.error)
        await self._connection.end(pair.data)
        await backend.close()
