# SPDX-License-Identifier: Apache-2.0
"""The answers: one that has arrived whole, one that arrives, and one that stands for a watch which never began."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Final, TypeAlias

from k8s_core.transport.decompress import Gunzip
from k8s_core.transport.faults import IO_ERRORS, Truncated, after_sending
from k8s_core.transport.wire import Headers, MalformedResponse, body_decoder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from k8s_core.errors import TransportError
    from k8s_core.requests import Request
    from k8s_core.transport.channel import Channel
    from k8s_core.transport.duplex import SwitchedResponse
    from k8s_core.transport.limits import Limit
    from k8s_core.transport.wire import BodyDecoder, Head

    Answer: TypeAlias = "BufferedResponse | StreamResponse | SwitchedResponse"

__all__ = ["MAX_BODY", "MAX_ERROR_BODY", "BufferedResponse", "StreamResponse", "empty_response", "read_body"]

MAX_BODY: Final = 1 << 30
"""Bytes of a decompressed body that is read as a whole (protocol I7); lists come in pages far below that."""
MAX_ERROR_BODY: Final = 4 << 20
"""Of the body of an error answer; what is longer is cut off, since no Status is."""


class BufferedResponse:
    """A response whose body is here."""

    __slots__ = ("_body", "headers", "status", "warnings")

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes, warnings: list[str] | None = None) -> None:
        self.status = status
        self.headers = headers
        self._body = body
        self.warnings = warnings or []

    def read(self) -> bytes:
        """The body."""
        return self._body

    def stream(self) -> Iterator[bytes]:
        """The body in one piece."""
        if self._body:
            yield self._body

    def close(self) -> None:
        """Nothing is held."""


def empty_response() -> BufferedResponse:
    """A watch that ended before it began (B11)."""
    return BufferedResponse(200, Headers({"content-type": "application/json"}), b"")


def read_body(channel: Channel, head: Head, method: str, first: bytes, limit: Limit) -> bytes:
    """The whole decompressed body; the channel is released or discarded when this returns or raises.

    Raises:
        OSError, MalformedResponse: as for :meth:`Channel.receive`; Truncated if the connection ended inside the body.
    """
    try:
        decoder = body_decoder(head, method)
        whole, complete = _collect(channel, head, decoder, first, limit)
    except BaseException:
        channel.discard()
        raise
    if complete and head.keep_alive and not decoder.rest:
        channel.release()
    else:
        channel.discard()
    return whole


def _collect(channel: Channel, head: Head, decoder: BodyDecoder, first: bytes, limit: Limit) -> tuple[bytes, bool]:
    """The body, and whether it was read to its end: of an error, what is too long is left unread."""
    failed = head.status >= 400
    maximum = MAX_ERROR_BODY if failed else MAX_BODY
    gunzip = _gunzip_for(head)
    pieces: list[bytes] = []
    size = 0
    data = first
    while True:
        if data:
            piece = decoder.feed(data)
            for part in (piece,) if gunzip is None else gunzip.feed(piece):
                pieces.append(part)
                size += len(part)
                if size > maximum:
                    if failed:
                        return b"".join(pieces)[:maximum], False
                    raise MalformedResponse(f"the body is larger than {maximum} bytes")
        if decoder.done:
            break
        data = channel.receive(limit)
        if not data and not decoder.end():
            raise Truncated("the connection ended inside the body")
    if gunzip is not None and not gunzip.complete:
        raise Truncated("the compressed body is incomplete")
    return pieces[0] if len(pieces) == 1 else b"".join(pieces), True


def _gunzip_for(head: Head) -> Gunzip | None:
    encoding = head.fields.get("content-encoding")
    if encoding is None or encoding.lower() in ("", "identity"):
        return None
    if encoding.lower() in ("gzip", "x-gzip"):
        return Gunzip()
    raise MalformedResponse(f"unknown Content-Encoding {encoding[:40]!r}")


class StreamResponse:
    """A response whose body is read as it arrives; owns its connection until the end or :meth:`close`."""

    def __init__(
        self,
        request: Request,
        head: Head,
        channel: Channel,
        first: bytes,
        limit: Limit,
        server: str,
        forget: Callable[[StreamResponse], None],
    ) -> None:
        """
        Args:
            request: that this answers.
            head: of the answer.
            channel: the connection, positioned behind ``first``.
            first: what came of the body along with the head.
            limit: for each read.
            server: for messages.
            forget: called once, when the connection is no longer in use here.

        Raises:
            MalformedResponse: the body can't be delimited or decoded.
        """
        self.status = head.status
        self.headers: Mapping[str, str] = head.headers
        self.warnings = head.warnings
        self._head = head
        self._request = request
        self._channel = channel
        self._decoder: BodyDecoder = body_decoder(head, request.method)
        self._gunzip = _gunzip_for(head)
        self._first = first
        self._limit = limit
        self._server = server
        self._forget = forget
        # Re-entrant: a signal handler may close the response while the same thread is in here.
        self._lock = threading.RLock()
        self._receiving = False
        self._over = False  # the channel is no longer ours
        self._closed = False
        self._abort_reason: TransportError | None = None

    def read(self) -> bytes:
        """The rest of the body as one, up to a limit; errors as for :meth:`stream`."""
        maximum = MAX_BODY if self.status < 400 else MAX_ERROR_BODY
        pieces: list[bytes] = []
        size = 0
        for piece in self.stream():
            pieces.append(piece)
            size += len(piece)
            if size > maximum:
                self.close()
                if self.status >= 400:
                    break
                raise self._fault(MalformedResponse(f"the body is larger than {maximum} bytes"))
        return b"".join(pieces)[:maximum]

    def stream(self) -> Iterator[bytes]:
        """The body as it arrives; see :meth:`k8s_core.transport.base.Response.stream`."""
        decoder, gunzip = self._decoder, self._gunzip
        data, self._first = self._first, b""
        try:
            while not self._is_closed():
                piece = decoder.feed(data) if data else b""
                if gunzip is None:
                    if piece:
                        yield piece
                else:
                    yield from gunzip.feed(piece)
                if decoder.done:
                    self._finish()
                    return
                data = self._receive()
                if not data and not self._is_closed() and not decoder.end():
                    raise Truncated("the connection ended inside the body")
        except IO_ERRORS as error:
            if not self._is_closed():
                fault = self._fault(error)
                raise fault from fault.__cause__
        finally:
            self.close()
        self._raise_if_aborted()

    def _raise_if_aborted(self) -> None:
        if self._abort_reason is not None:
            raise self._abort_reason

    def _is_closed(self) -> bool:
        return self._closed  # a method, because another thread may have changed it since the last look

    def _receive(self) -> bytes:
        with self._lock:
            if self._closed:
                return b""
            self._receiving = True
        try:
            return self._channel.receive(self._limit)
        finally:
            with self._lock:
                self._receiving = False
                closed = self._is_closed()
                self._over = self._over or closed
            if closed:
                self._channel.discard()

    def _finish(self) -> None:
        if self._gunzip is not None and not self._gunzip.complete:
            raise Truncated("the compressed body is incomplete")
        with self._lock:
            if self._over or self._closed:
                return
            self._over = True
        self._forget(self)
        if self._head.keep_alive and not self._decoder.rest:
            self._channel.release()
        else:
            self._channel.discard()

    def close(self) -> None:
        """Drop the connection, from any thread; a blocked :meth:`stream` ends at once."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            if self._over:
                return
            receiving = self._receiving
            self._over = not receiving  # otherwise the receiving thread discards the channel, and nobody waits for it
        self._forget(self)
        if receiving:
            self._channel.shutdown()
        else:
            self._channel.discard()

    def abort(self, reason: TransportError) -> None:
        """Close; a thread in :meth:`stream` gets ``reason``."""
        self._abort_reason = reason
        self.close()

    def _fault(self, error: Exception) -> TransportError:
        return after_sending(error, self._request, server=self._server, limit=self._limit, status=self.status)

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            self.close()
