# SPDX-License-Identifier: Apache-2.0
"""One connection to a port of a pod: the framing of port-forward over WebSocket (protocol F15), and the two ways."""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
from typing import TYPE_CHECKING, Any, Final

from k8s_core.errors import ConnectionFailed, KubernetesError, PortForwardError, StreamBroken
from k8s_core.streams.frames import V4
from k8s_core.streams.handshake import open_session
from k8s_core.watch.clock import StopSignal

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.streams.frames import Data
    from k8s_core.streams.session import ChannelSession
    from k8s_core.streams.targets import Target

__all__ = ["PodSocket", "PortFrames", "Pump", "connect_port", "end_with_reset", "open_port"]

_DATA, _ERROR = 0, 1
_PIECE: Final = 1 << 16
_MAX_ERROR: Final = 1 << 16
HALF_OPEN: Final = 2.0
"""Seconds without a byte from the pod after which a connection ends that the local side has ended.

These streams can't tell the pod that half of a connection is closed; most programs mean the whole.
"""


class PortFrames:
    """What the messages of a WebSocket for one port mean. Pure: messages in, bytes out."""

    def __init__(self, port: int, where: str) -> None:
        self._port = port
        self._where = where
        self._begin = {_DATA: b"", _ERROR: b""}  # the port, which comes first on each channel
        self._error = bytearray()

    def feed(self, message: Data) -> bytes:
        """Bytes of the connection.

        Raises:
            StreamBroken: the server forwards another port than was asked for.
        """
        channel, data, _ = message
        if channel not in self._begin:
            return b""
        begin = self._begin[channel]
        if len(begin) < 2:
            missing = 2 - len(begin)
            begin, data = begin + data[:missing], data[missing:]
            self._begin[channel] = begin
            if len(begin) == 2 and struct.unpack("<H", begin) != (self._port,):
                raise StreamBroken(f"{self._where}: the server forwards port {struct.unpack('<H', begin)[0]} instead")
        if channel == _DATA:
            return data
        self._error += data[: _MAX_ERROR - len(self._error)]
        return b""

    def end(self, *, in_order: bool) -> None:
        """The WebSocket ended.

        Args:
            in_order: with a Close.

        Raises:
            PortForwardError: the far end failed.
            StreamBroken: the connection broke.
        """
        if self._error:
            text = self._error.decode("utf-8", "replace").strip()
            raise PortForwardError(f"{self._where}: {text}", port=self._port)
        if not in_order:
            raise StreamBroken(f"{self._where}: the connection to port {self._port} was lost")


def connect_port(target: Target, port: int) -> ChannelSession:
    """Open one connection to a port. Raises ApiError and TransportError."""
    return open_session(target, "portforward", [("ports", str(port))], (V4,))


class Pump:
    """Moves bytes between a local socket and a port, in two threads, until either side ends."""

    def __init__(self, local: socket.socket, channel: ChannelSession, port: int, ended: Callable[[Pump], None]) -> None:
        """
        Args:
            local: connected; closed in the end.
            channel: to the port; closed in the end.
            port: its number.
            ended: called once, by the last thread.
        """
        self.error: KubernetesError | None = None
        """What went wrong at the far end; set before the local side can notice the end."""
        self._local = local
        self._channel = channel
        self._frames = PortFrames(port, channel.where)
        self._ended = ended
        self._received = 0
        self._closing = False  # by this side, so that nothing is wrong with an end
        self._pod_ended = StopSignal()
        self._left = 2
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._run, args=(work,), name=channel.where, daemon=True)
            for work in (self._from_pod, self._to_pod)
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait for the end of both threads."""
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join()

    def close(self) -> None:
        """End both sides, from any thread."""
        self._closing = True
        self._channel.close()
        with contextlib.suppress(OSError):
            self._local.shutdown(socket.SHUT_RDWR)

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            with self._lock:
                self._left -= 1
                last = not self._left
            if last:
                self._local.close()
                self._ended(self)

    def _from_pod(self) -> None:
        try:
            for message in self._channel.events():
                data = self._frames.feed(message)
                self._received += len(data)
                self._local.sendall(data)
            if not self._closing:
                self._frames.end(in_order=self._channel.closed is not None)
        except KubernetesError as error:
            if not self._closing:
                self.error = error
        except OSError:
            self._closing = True  # the local program is gone
        self._channel.close()
        self._pod_ended.set()
        with contextlib.suppress(OSError):
            if self.error is None:
                self._local.shutdown(socket.SHUT_WR)
            else:
                # What came is not the whole: the local program shall not take the end for one in order.
                end_with_reset(self._local)
            self._local.shutdown(socket.SHUT_RD)  # ends the other thread

    def _to_pod(self) -> None:
        try:
            while data := self._local.recv(_PIECE):
                self._channel.send(_DATA, data)
        except OSError:
            self._closing = True  # the local program broke off
        except (StreamBroken, ConnectionFailed):
            return  # who receives says why
        received = -1
        while not (self._closing or _is_closed(self._local)) and received != self._received:
            received = self._received
            if self._pod_ended.wait(HALF_OPEN):
                return
        self._closing = True
        self._channel.close()


def end_with_reset(sock: socket.socket) -> None:
    """Have the peer of ``sock`` see a reset when it is closed, and not an end in order."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _is_closed(sock: socket.socket) -> bool:
    """Whether the peer has closed both directions, as far as the kernel knows: it does for socket pairs."""
    if not hasattr(select, "poll"):
        return False
    poll = select.poll()
    poll.register(sock, 0)
    return any(event & select.POLLHUP for _, event in poll.poll(0))


class PodSocket(socket.socket):
    """A connected socket whose other end is a port of a pod; for everything that takes a socket.

    ``recv`` and ``recv_into`` raise PortForwardError or StreamBroken where the connection did not end in order.
    """

    pump: Pump | None = None

    def recv(self, *args: Any) -> bytes:
        data = super().recv(*args)
        if not data:
            self._raise_error()
        return data

    def recv_into(self, *args: Any, **keywords: Any) -> int:
        size = super().recv_into(*args, **keywords)
        if not size:
            self._raise_error()
        return size

    def _raise_error(self) -> None:
        if self.pump is not None and self.pump.error is not None:
            raise self.pump.error


def open_port(target: Target, port: int) -> PodSocket:
    """See ``Client.open_port``."""
    channel = connect_port(target, port)
    ours, theirs = socket.socketpair()
    sock = PodSocket(theirs.family, theirs.type, theirs.proto, fileno=theirs.detach())
    sock.pump = Pump(ours, channel, port, lambda _: None)
    sock.pump.start()
    return sock
