# SPDX-License-Identifier: Apache-2.0
"""One connection while one request uses it: timed sends and receives, and an end that works from any thread."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any, Final

from urllib3.exceptions import ClosedPoolError

from k8s_core.transport.limits import CONNECT_TIMEOUT
from k8s_core.transport.wire import MAX_HEAD, MalformedResponse, head_end, parse_head

if TYPE_CHECKING:
    from k8s_core.transport.connections import Connection, Pool
    from k8s_core.transport.limits import Limit
    from k8s_core.transport.wire import Head

__all__ = ["Channel", "PeerClosed", "ProxyUnreachable", "open_channel"]

_RECEIVE: Final = 1 << 16
_JOINED: Final = 1 << 16  # bodies up to this go out in one segment with their head
_MAX_INTERIM: Final = 16


class ProxyUnreachable(OSError):
    """The way ended at the proxy, before the server was asked for."""


class PeerClosed(ConnectionError):
    """The server closed the connection where an answer was due."""


class Channel:
    """Exclusive use of a connected socket. Not thread-safe except for :meth:`shutdown`."""

    __slots__ = ("_conn", "_pid", "_pool", "_sock")

    def __init__(self, pool: Pool, conn: Connection) -> None:
        self._pool = pool
        self._conn = conn
        self._sock: Any = conn.sock
        self._pid = os.getpid()

    def send(self, head: bytes, body: bytes | None, limit: Limit) -> None:
        """Send a request. A connection that breaks meanwhile is no error yet: the server may have answered already."""
        sock = self._sock
        sock.settimeout(limit.seconds())
        try:
            if not body:
                sock.sendall(head)
            elif len(body) <= _JOINED:
                sock.sendall(head + body)
            else:
                sock.sendall(head)
                sock.settimeout(limit.seconds())
                sock.sendall(body)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def receive(self, limit: Limit) -> bytes:
        """Some bytes; empty when the server has ended the connection.

        Raises:
            OSError: the connection broke; TimeoutError if ``limit`` was reached.
        """
        self._sock.settimeout(limit.seconds())
        data: bytes = self._sock.recv(_RECEIVE)
        return data or b""

    def receive_head(self, limit: Limit) -> tuple[Head, bytes]:
        """The head of the final response, and the bytes of its body that came along.

        Raises:
            PeerClosed: the connection ended first.
            MalformedResponse: something else than HTTP came.
            OSError: as for :meth:`receive`.
        """
        data = b""
        for _ in range(_MAX_INTERIM):
            end, begin = head_end(data)
            while end < 0:
                if len(data) > MAX_HEAD:
                    raise MalformedResponse(f"the headers are longer than {MAX_HEAD} bytes")
                more = self.receive(limit)
                if not more:
                    raise _ended(data)
                searched = max(0, len(data) - 3)
                data = data + more if data else more
                end, begin = head_end(data[searched:]) if searched else head_end(data)
                if end >= 0:
                    end, begin = end + searched, begin + searched
            head = parse_head(data[:end])
            data = data[begin:]
            if head.status >= 200 or head.status == 101:
                return head, data
        raise MalformedResponse("too many interim responses")

    def shutdown(self) -> None:
        """Wake a thread that is blocked in :meth:`receive`; it then discards the channel. Callable from any thread."""
        # socket.socket's own method: SSLSocket's would drop its TLS state under the feet of the thread that reads. In
        # a forked child a shutdown would end the connection of the parent.
        if os.getpid() == self._pid:
            raw = getattr(self._sock, "socket", self._sock)
            try:
                socket.socket.shutdown(raw, socket.SHUT_RDWR)
            except OSError:
                return  # not connected any more

    def detach(self) -> Any:
        """The socket, for who takes the connection over; :meth:`shutdown` and :meth:`discard` still end it."""
        return self._sock

    def discard(self) -> None:
        """Close the connection."""
        self._conn.close()

    def release(self) -> None:
        """Give the connection back for the next request."""
        self._pool._put_conn(self._conn)


def _ended(data: bytes) -> Exception:
    if data:
        return MalformedResponse("the connection ended inside the headers")
    return PeerClosed("the server closed the connection without an answer")


def _new_connection(pool: Pool) -> Any:
    if pool.pool is None:
        raise ClosedPoolError(pool, "the pool is closed")
    return pool._new_conn()


def open_channel(pool: Pool, limit: Limit, *, fresh: bool = False) -> Channel:
    """Take an idle connection or make one; blocks up to ``limit``.

    Args:
        pool: of the server.
        limit: for each step.
        fresh: make one in any case. An idle one may be dead, and what is sent on it can't always be sent again.

    Raises:
        ProxyUnreachable: the proxy could not be reached; the cause says why.
        Exception: no connection could be made; one of ``faults.CONNECT_ERRORS``.
    """
    conn: Any = _new_connection(pool) if fresh else pool._get_conn()
    if conn.sock is not None:
        return Channel(pool, conn)
    try:
        conn.limit = limit
        conn.timeout = min(CONNECT_TIMEOUT, limit.seconds())
        if pool.proxy is not None and pool.scheme == "https":
            pool._prepare_proxy(conn)
        else:
            conn.connect()
    except BaseException as error:
        at_proxy = pool.proxy is not None and not conn.has_connected_to_proxy
        conn.close()
        if at_proxy and isinstance(error, Exception):
            raise ProxyUnreachable from error
        raise
    return Channel(pool, conn)
