# SPDX-License-Identifier: Apache-2.0
"""The ASGI rim: HTTP in, the core's answers out, watches as they come, faults where a test asked for them.

One application for all paths: the API server's routing rules are its own (`routing`), not those of a web framework.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.network.faults import Faults, cut, pause, reset
from k8s_devkit.api_server.network.log_stream import follow_log
from k8s_devkit.api_server.network.messages import Answer, Follow, HttpRequest, Query, Reply, Stream, Upgrade
from k8s_devkit.api_server.network.request_log import RequestLog, RequestRecord
from k8s_devkit.api_server.requests.bodies import BODY_LIMIT
from k8s_devkit.strategy.failures import Failure
from k8s_devkit.strategy.users import ANONYMOUS

if TYPE_CHECKING:
    from k8s_devkit.api_server.access.users import Authenticator
    from k8s_devkit.api_server.network.server_core import ServerCore
    from k8s_devkit.api_server.reads.watching import WatchSession

__all__ = ["AsgiApp"]

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
_GZIP_FROM = 128 * 1024
_BOOKMARK_BEFORE_END = 2.0
_OPEN_PATHS = ("/healthz", "/livez", "/readyz", "/version")


class AsgiApp:
    """The application that uvicorn serves.

    Args:
        bookmark_interval: seconds between bookmarks of a watch.
        watch_timeout: the seconds after which a watch without ``timeoutSeconds`` ends: a random value between this
            and its double, as the API server has it (1800).
        version_wait: seconds that a read of a version from the future waits for it before it is refused (J13).
    """

    def __init__(
        self,
        core: ServerCore,
        authenticator: Authenticator,
        faults: Faults,
        log: RequestLog,
        *,
        bookmark_interval: float = 60.0,
        watch_timeout: float = 1800.0,
        version_wait: float = 3.0,
    ) -> None:
        self.core = core
        self.authenticator = authenticator
        self.faults = faults
        self.log = log
        self.bookmark_interval = bookmark_interval
        self.watch_timeout = watch_timeout
        self.version_wait = version_wait

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request."""
        transport = scope["state"]["transport"]
        request = _request(scope, transport)
        if request.method not in ("GET", "HEAD"):
            request.body = await _body(receive)
        record = self._record(request)
        plan = self.faults.plan(record)
        if plan is not None:
            if plan.latency:
                await pause(plan.latency, transport)
            if await plan.answer_instead(record, transport, send):
                return
        answer = self._answer(request, record)
        if isinstance(answer, Answer) and answer.awaited_version:
            await self._await_version(answer.awaited_version, transport)
            answer = self._answer(request, record)
        if isinstance(answer, Upgrade):
            refused = await self._upgrade(answer, request, record, scope["state"])
            if refused is None:
                return
            answer = refused
        record.status = answer.status if isinstance(answer, Answer) else 200
        if isinstance(answer, Stream):
            await self._stream(answer, transport, receive, send)
        elif isinstance(answer, Follow):
            await follow_log(answer, self.core, self.faults, transport, receive, send)
        elif plan is not None and plan.truncate is not None:
            await cut(answer, plan.truncate, transport, send)
        else:
            await _send_answer(answer, request, send)

    def _record(self, request: HttpRequest) -> RequestRecord:
        record = RequestRecord(request, self.core.info(request))
        self.log.add(record)
        return record

    async def _upgrade(
        self, upgrade: Upgrade, request: HttpRequest, record: RequestRecord, state: dict[str, Any]
    ) -> Answer | None:
        """Run a stream; the answer if its handshake is refused."""
        from k8s_devkit.api_server.streams.upgrade import refusal  # noqa: PLC0415  # only a stream needs it

        refused = refusal(upgrade, request, self.core.streams)
        if refused is None:
            from k8s_devkit.api_server.streams.serving import switch  # noqa: PLC0415  # only a stream (28 modules)

            await switch(upgrade, request, record, state, self.core.streams, self.faults)
        return refused

    def _answer(self, request: HttpRequest, record: RequestRecord) -> Reply:
        user = ANONYMOUS
        if request.path in _OPEN_PATHS and self.authenticator.closed:
            record.user = user
            return self.core.handle(request, user)
        try:
            user = self.authenticator.user_of(request)
        except Failure as failure:
            return Answer(failure.code, failure.body())
        record.user = user
        return self.core.handle(request, user)

    async def _await_version(self, version: int, transport: Any) -> None:
        """Wait until the store is at ``version``, but no longer than `version_wait` and the connection."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self.version_wait
        while self.core.version < version and loop.time() < end and not transport.is_closing():
            await asyncio.sleep(0.01)

    # Watches

    async def _stream(self, stream: Stream, transport: Any, receive: Receive, send: Send) -> None:
        session, loop = stream.session, asyncio.get_running_loop()
        ready = asyncio.Event()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the loop may be closing while another thread still writes
                loop.call_soon_threadsafe(ready.set)

        session.wake = wake
        ready.set()
        timeout = session.options.timeout
        seconds = float(timeout) if timeout else self.watch_timeout * (1 + random.random())
        listener = asyncio.ensure_future(_disconnected(receive, session))
        try:
            await send(_start(200, stream.content_type, [*stream.headers, ("Cache-Control", "no-cache, private")]))
            # The head goes out at once, also where no event waits (J15).
            await send({"type": "http.response.body", "body": b"", "more_body": True})
            await self._pump(session, ready, loop.time() + seconds, transport, send)
        finally:
            with self.core.lock:
                session.end()
            listener.cancel()

    async def _pump(self, session: WatchSession, ready: asyncio.Event, end: float, transport: Any, send: Send) -> None:
        loop = asyncio.get_running_loop()
        next_bookmark = min(loop.time() + self.bookmark_interval, max(loop.time(), end - _BOOKMARK_BEFORE_END))
        while True:
            with self.core.lock:
                ready.clear()
                frames, ended = session.drain(), session.ended
                fault = self.faults.stream_fault(session, frames)
            if fault is not None:
                if await fault.apply(frames, transport, send):
                    return
            elif frames:
                await send({"type": "http.response.body", "body": b"".join(frames), "more_body": True})
            now = loop.time()
            if session.overflowed:
                reset(transport)
                return
            if (ended and not frames) or now >= end:
                await send({"type": "http.response.body", "body": b""})
                return
            if now >= next_bookmark:
                with self.core.lock:
                    session.bookmark()
                next_bookmark = min(now + self.bookmark_interval, end - _BOOKMARK_BEFORE_END)
                if next_bookmark <= now:
                    next_bookmark = end + 1
                continue
            if not ended:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(ready.wait(), max(0.0, min(end, next_bookmark) - now))


async def _disconnected(receive: Receive, session: WatchSession) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    session.end()


async def _body(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body
    parts, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        size += len(message.get("body", b""))
        if size <= BODY_LIMIT + 65536:  # the rest is read and forgotten: the answer is a 413
            parts.append(message.get("body", b""))
    return b"".join(parts)


def _request(scope: Mapping[str, Any], transport: Any) -> HttpRequest:
    lines = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    headers: dict[str, str] = {}
    for name, value in lines:
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    certificate = transport.get_extra_info("peercert") if transport is not None else None
    return HttpRequest(
        scope["method"],
        scope["raw_path"].decode("latin-1"),
        Query(scope["query_string"].decode("latin-1")),
        headers,
        lines,
        client_certificate=certificate,
    )


def _start(status: int, content_type: str, headers: list[tuple[str, str]]) -> dict[str, Any]:
    lines = [(b"content-type", content_type.encode())] if content_type else []
    lines += [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in headers]
    return {"type": "http.response.start", "status": status, "headers": lines}


async def _send_answer(answer: Answer, request: HttpRequest, send: Send) -> None:
    body, headers = answer.body, list(answer.headers)
    if not any(name == "Cache-Control" for name, _ in headers):
        headers.append(("Cache-Control", "no-cache, private"))
    if len(body) > _GZIP_FROM and "gzip" in request.header("accept-encoding"):
        body = gzip.compress(body, compresslevel=1)
        headers += [("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
    if answer.status not in (204, 304):
        headers.append(("Content-Length", str(len(body))))
    await send(_start(answer.status, answer.content_type, headers))
    await send({"type": "http.response.body", "body": body})
