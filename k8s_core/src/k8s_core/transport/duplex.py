# SPDX-License-Identifier: Apache-2.0
"""A connection that has left HTTP: bytes both ways, by two threads at once, and an end that works from any thread.

A TLS connection can't be read and written at the same moment: OpenSSL keeps one state for both directions. Hence no
call blocks inside of the socket. Each tries under a lock, and waits for the kernel outside of it.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from k8s_core.errors import StreamBroken
from k8s_core.transport.faults import words_of
from k8s_core.transport.wire import Headers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from k8s_core.errors import TransportError
    from k8s_core.transport.channel import Channel
    from k8s_core.transport.wire import Head

__all__ = ["Duplex", "SwitchedResponse"]

_RECEIVE: Final = 1 << 16
_PIECE: Final = 1 << 14
"""Bytes that a socket which reports room is sure to take, for what can't be sent in part."""
_READ, _WRITE = "read", "write"
_WANTS_READ: Final = (BlockingIOError, ssl.SSLWantReadError)


class Duplex:
    """See :class:`k8s_core.transport.base.UpgradedConnection`."""

    def __init__(self, channel: Channel, first: bytes, name: str, forget: Callable[[Duplex], None]) -> None:
        """
        Args:
            channel: the connection, which is this object's own from now on.
            first: bytes that came along with the head of the answer.
            name: what it is a connection for, for messages.
            forget: called once, when it is closed.
        """
        self._channel = channel
        self._sock: Any = channel.detach()
        self._sock.settimeout(0)
        self._first = first
        self._name = name
        self._forget = forget
        # urllib3's TLS inside of TLS, to a server behind an https proxy, loses what a full socket does not take.
        self._partial = isinstance(self._sock, socket.socket)
        # Re-entrant: a signal handler may close the connection while the same thread is in here.
        self._lock = threading.RLock()
        self._users = 0
        self._closed = False
        self._discarded = False
        self._reason: TransportError | None = None

    def receive(self, timeout: float | None = None) -> bytes | None:
        """See :meth:`k8s_core.transport.base.UpgradedConnection.receive`."""
        if self._first:
            data, self._first = self._first, b""
            return data
        end = None if timeout is None else time.monotonic() + timeout
        with self._used():
            while True:
                with self._lock:
                    if self._closed:
                        self._raise_reason()
                        return b""
                    try:
                        data = self._sock.recv(_RECEIVE)
                    except _WANTS_READ:
                        wanted = _READ
                    except ssl.SSLWantWriteError:
                        wanted = _WRITE
                    except OSError as error:
                        raise self._broken(error) from error
                    else:
                        return data or b""
                if not self._wait(wanted, end):
                    return None

    def send(self, data: bytes) -> None:
        """See :meth:`k8s_core.transport.base.UpgradedConnection.send`."""
        rest = memoryview(data)
        with self._used():
            while rest:
                with self._lock:
                    if self._closed:
                        self._raise_reason()
                        raise StreamBroken(f"{self._name}: the connection is closed")
                    try:
                        rest = rest[self._send_some(rest) :]
                        wanted = "" if self._partial else _WRITE
                    except (BlockingIOError, ssl.SSLWantWriteError):
                        wanted = _WRITE
                    except ssl.SSLWantReadError:
                        wanted = _READ
                    except OSError as error:
                        raise self._broken(error) from error
                if rest and wanted:
                    self._wait(wanted, None)

    def _send_some(self, data: memoryview) -> int:
        if self._partial:
            return int(self._sock.send(data))
        if not self.writable():
            return 0
        piece = bytes(data[:_PIECE])
        self._sock.settimeout(None)
        try:
            self._sock.sendall(piece)
        finally:
            self._sock.settimeout(0)
        return len(piece)

    def writable(self) -> bool:
        """See :meth:`k8s_core.transport.base.UpgradedConnection.writable`."""
        with self._lock:
            return not self._closed and _ready(self._sock.fileno(), _WRITE, 0.0)

    def close(self) -> None:
        """See :meth:`k8s_core.transport.base.UpgradedConnection.close`."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            # Otherwise the last thread that is inside discards the channel: its descriptor must not be another's.
            idle = self._discarded = not self._users
        self._forget(self)
        if idle:
            self._channel.discard()
        else:
            self._channel.shutdown()

    def abort(self, reason: TransportError) -> None:
        """Close; threads that are inside get ``reason``."""
        self._reason = reason
        self.close()

    @contextlib.contextmanager
    def _used(self) -> Iterator[None]:
        with self._lock:
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                last = self._closed and not self._users and not self._discarded
                self._discarded = self._discarded or last
            if last:
                self._channel.discard()

    def _wait(self, wanted: str, end: float | None) -> bool:
        left = None if end is None else end - time.monotonic()
        return (left is None or left > 0) and _ready(self._sock.fileno(), wanted, left)

    def _raise_reason(self) -> None:
        if self._reason is not None:
            raise self._reason

    def _broken(self, error: OSError) -> TransportError:
        return self._reason or StreamBroken(f"{self._name}: {words_of(error)}")

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            self.close()


def _ready(descriptor: int, wanted: str, seconds: float | None) -> bool:
    """Whether the socket can be read or written, or has ended, within ``seconds``."""
    if hasattr(select, "poll"):  # select.select refuses descriptors above 1023
        poll = select.poll()
        poll.register(descriptor, select.POLLIN if wanted == _READ else select.POLLOUT)
        return bool(poll.poll(None if seconds is None else seconds * 1000))
    readers, writers = ([descriptor], []) if wanted == _READ else ([], [descriptor])
    return any(select.select(readers, writers, [], seconds))


class SwitchedResponse:
    """The answer 101; see :class:`k8s_core.transport.base.UpgradedResponse`."""

    def __init__(self, head: Head, connection: Duplex) -> None:
        self.status = head.status
        self.headers: Mapping[str, str] = Headers(head.fields)
        self.warnings = head.warnings
        self.connection = connection

    def read(self) -> bytes:
        """Empty: there is no body."""
        return b""

    def stream(self) -> Iterator[bytes]:
        """Nothing: there is no body."""
        return iter(())

    def close(self) -> None:
        """End the connection."""
        self.connection.close()
