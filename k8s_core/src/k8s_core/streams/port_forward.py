# SPDX-License-Identifier: Apache-2.0
"""Local listeners whose connections end at ports of a pod (protocol F15, F17)."""

from __future__ import annotations

import contextlib
import logging
import selectors
import socket
import threading
from typing import TYPE_CHECKING, Any, Final, Self

from k8s_core.errors import (
    ConnectionFailed,
    Forbidden,
    KubernetesError,
    NotFound,
    PodNotRunning,
    RequestError,
    StreamError,
)
from k8s_core.streams.forwarded import Pump, connect_port, end_with_reset, open_port
from k8s_core.streams.targets import Target, pick_target

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType
    from typing import TypeAlias

    from k8s_core.client import Client
    from k8s_core.client.objects import Subject
    from k8s_core.streams.forwarded import PodSocket

    RemotePort: TypeAlias = "int | str"

__all__ = ["PortForward", "connect_to", "forward"]

_log: Final = logging.getLogger("k8s_core.streams")
_ERRORS: Final = 100
_HANDSHAKE: Final = 1.0


class _Way:
    """To which pod, and to which of its ports; another pod if the first is gone and others may be taken."""

    def __init__(self, client: Client, subject: Subject, *, reselect: bool) -> None:
        self._client = client
        self.reselects = reselect
        target = Target(client, subject.cls, subject.name, subject.namespace)
        self.selects = hasattr(subject.cls, "pod_selector")
        if reselect and not self.selects:
            raise RequestError(f"reselect=True goes with what stands for several pods, not with {target}")
        self._selecting: Any = target.read() if self.selects else None
        self.target = pick_target(client, self._selecting) if self.selects else target
        self.check()

    def check(self) -> None:
        """Say at once what can be said at once."""
        try:
            obj = self.target.known() or self.target.read()
        except Forbidden:
            return  # who may forward need not be allowed to read
        if hasattr(obj, "is_running") and not obj.is_running():
            raise PodNotRunning(f"{self.target} is not running ({obj.status_text()}), so that no port of it is open")

    def port(self, wanted: RemotePort) -> int:
        """The number of a port of the pod."""
        obj = self.target.known()
        if hasattr(self._selecting, "target_port"):
            wanted = self._selecting.target_port(wanted, obj)
        if isinstance(wanted, str):
            if obj is None or not hasattr(obj, "port_number"):
                raise RequestError(f"{self.target}: give the number of the port; {wanted!r} can't be looked up")
            wanted = obj.port_number(wanted)
        if isinstance(wanted, bool) or not isinstance(wanted, int) or not 0 < wanted < 65536:
            raise RequestError(f"{wanted!r} is not a port: 1 to 65535, or the name of one")
        return wanted

    def again(self) -> bool:
        """Take another pod; False if that was not asked for."""
        if not self.reselects:
            return False
        self._selecting = self._client.get(
            type(self._selecting), self._selecting.metadata.name, namespace=self._selecting.metadata.namespace
        )
        self.target = pick_target(self._client, self._selecting)
        return True


def connect_to(client: Client, subject: Subject, port: RemotePort) -> PodSocket:
    """See ``Client.open_port``."""
    way = _Way(client, subject, reselect=False)
    return open_port(way.target, way.port(port))


def forward(
    client: Client,
    subject: Subject,
    ports: Sequence[RemotePort | tuple[int, RemotePort]],
    *,
    address: str,
    reselect: bool,
    on_error: Callable[[KubernetesError], object] | None,
) -> PortForward:
    """See ``Client.port_forward``."""
    if not ports:
        raise RequestError("name at least one port to forward")
    return PortForward(_Way(client, subject, reselect=reselect), ports, address, on_error)


class PortForward:
    """Local ports that lead to ports of a pod, until it is closed; the end of a ``with`` does that. Thread-safe.

    Attributes:
        ports: the local port for each port that was asked for.
        errors: what went wrong at the far ends, the last hundred. The local side of such a connection is reset.
    """

    def __init__(
        self,
        way: _Way,
        ports: Sequence[RemotePort | tuple[int, RemotePort]],
        address: str,
        on_error: Callable[[KubernetesError], object] | None,
    ) -> None:
        """Made by ``Client.port_forward``."""
        self.ports: dict[RemotePort, int] = {}
        self.errors: list[KubernetesError] = []
        self._way = way
        self._on_error = on_error
        self._lock = threading.Lock()
        self._pumps: set[Pump] = set()
        self._threads: set[threading.Thread] = set()
        self._closed = False
        self._selector = selectors.DefaultSelector()
        self._wake, wakes = socket.socketpair()
        self._selector.register(wakes, selectors.EVENT_READ, None)
        self._listeners: list[socket.socket] = [wakes]
        try:
            for each in ports:
                local, remote = each if isinstance(each, tuple) else (0, each)
                self._listen(address, local, remote)
        except BaseException:
            self._close_listeners()
            self._wake.close()
            raise
        self._thread = threading.Thread(target=self._accept, name=f"port-forward of {way.target}", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The local port, of which there is only one.

        Raises:
            RequestError: several ports are forwarded; ``ports`` has them.
        """
        if len(self.ports) != 1:
            raise RequestError(f"several ports are forwarded: take one of ports, {self.ports}")
        return next(iter(self.ports.values()))

    @property
    def target(self) -> str:
        """The name of the pod that new connections go to."""
        return self._way.target.name

    @property
    def closed(self) -> bool:
        """Whether it listens no more: it was closed, or its pod is gone."""
        return self._closed

    def _listen(self, address: str, local: int, remote: RemotePort) -> None:
        number = self._way.port(remote)
        made: list[socket.socket] = []
        failure: OSError | None = None
        # One of the two may be missing on a machine, or taken.
        for host in ("127.0.0.1", "::1") if address == "localhost" else (address,):
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            try:
                made.append(socket.create_server((host, local), family=family, backlog=128))
            except OSError as error:
                failure = failure or error
            else:
                local = made[-1].getsockname()[1]
        if not made:
            raise StreamError(f"can't listen on {address} port {local}: {failure}") from failure
        for listener in made:
            listener.setblocking(False)
            self._selector.register(listener, selectors.EVENT_READ, (remote, number))
        self._listeners += made
        self.ports[remote] = local

    def _accept(self) -> None:
        while not self._closed:
            for key, _ in self._selector.select():
                if key.data is None:
                    continue
                try:
                    local, _ = key.fileobj.accept()  # type: ignore[union-attr]  # all but the first are listeners
                except OSError:
                    continue  # the local program has given up already
                local.setblocking(True)
                local.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._begin(self._serve, local, *key.data)
        self._close_listeners()

    def _begin(self, work: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=work, args=args, name=f"port-forward of {self._way.target}", daemon=True)
        with self._lock:
            self._threads.add(thread)
            thread.start()

    def _serve(self, local: socket.socket, remote: RemotePort, number: int) -> None:
        """Open the way for a connection that was accepted; the handshake holds others up no longer than itself."""
        try:
            with self._lock:
                closed = self._closed
            if closed:
                local.close()
                return
            self._open(local, remote, number)
        finally:
            with self._lock:
                self._threads.discard(threading.current_thread())

    def _open(self, local: socket.socket, remote: RemotePort, number: int) -> None:
        try:
            try:
                channel = connect_port(self._way.target, number)
            except KubernetesError as error:
                if not self._is_gone(error) or not self._way.again():
                    raise
                number = self._way.port(remote)
                channel = connect_port(self._way.target, number)
        except KubernetesError as error:
            with contextlib.suppress(OSError):
                end_with_reset(local)
            local.close()
            self._report(error)
            if not self._way.reselects and self._is_gone(error):
                self._stop_listening()
            return
        pump = Pump(local, channel, number, self._ended)
        with self._lock:
            closed = self._closed
            self._pumps.add(pump)
            pump.start()
        if closed:
            pump.close()

    def _is_gone(self, error: KubernetesError) -> bool:
        """Whether there will be no connection to this pod any more."""
        if isinstance(error, NotFound | PodNotRunning):
            return True
        if isinstance(error, ConnectionFailed | Forbidden):
            return False
        try:
            self._way.target.read()
            self._way.check()
        except (NotFound, PodNotRunning):
            return True
        except KubernetesError:
            return False
        return False

    def _ended(self, pump: Pump) -> None:
        with self._lock:
            self._pumps.discard(pump)
        if pump.error is not None:
            self._report(pump.error)

    def _report(self, error: KubernetesError) -> None:
        if self._closed:
            return
        _log.warning("%s", error)
        self.errors.append(error)
        del self.errors[:-_ERRORS]
        if self._on_error is not None:
            self._on_error(error)

    def _stop_listening(self) -> None:
        self._closed = True
        with contextlib.suppress(OSError):
            self._wake.send(b"x")

    def _close_listeners(self) -> None:
        self._selector.close()
        for listener in self._listeners:
            listener.close()

    def close(self) -> None:
        """Listen no more, and end all connections. Idempotent."""
        self._stop_listening()
        self._thread.join()
        with self._lock:
            pumps, threads = list(self._pumps), list(self._threads)
        for pump in pumps:
            pump.close()
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(_HANDSHAKE)  # one that waits for a silent server ends when that answers
        with self._lock:
            pumps += [each for each in self._pumps if each not in pumps]
        for pump in pumps:
            pump.close()
            pump.join()
        self._wake.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None and self.errors:
            # The program saw a reset; this is why.
            error.add_note(f"port-forward of {self._way.target}: {self.errors[-1]}")
        self.close()

    def __repr__(self) -> str:
        return f"<PortForward to {self._way.target}: {self.ports}{', closed' if self._closed else ''}>"
