# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy on loopback that breaks connections by seed: cut, reset, stall, delay, byte-wise, refused."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from dataclasses import dataclass
from random import Random
from typing import Self

__all__ = ["FaultProxy", "ProxyFaults"]


@dataclass
class ProxyFaults:
    """Chances between 0 and 1, for each new connection or each piece that the server sends."""

    refuse: float = 0.0
    """The connection is closed at once."""
    cut: float = 0.0
    """A part of the piece is passed on, then both sides are closed (FIN)."""
    reset: float = 0.0
    """The same with RST."""
    stall: float = 0.0
    """Nothing is passed on any more, in both directions; the connections stay open: packets vanish."""
    trickle: float = 0.0
    """The piece is passed on byte by byte."""


class FaultProxy:
    """Listens from ``__enter__`` to ``__exit__`` and passes everything on to ``port``, unless a fault strikes."""

    def __init__(self, port: int, *, seed: int = 0, faults: ProxyFaults | None = None) -> None:
        self._target = port
        self._random = Random(seed)
        self.faults = faults or ProxyFaults()
        self.struck: list[str] = []
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._stalled: set[int] = set()
        self._stopping = False

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._start(self._listen)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._threads[0].join(20)  # it may be making one more pair
        with self._lock:
            pairs = list(self._pairs)
        for pair in pairs:
            self._end(pair)
        for thread in self._threads:
            thread.join(20)
            assert not thread.is_alive()
        for pair in pairs:
            for sock in pair:
                sock.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def blackhole(self) -> None:
        """From now on nothing passes through the connections that are open; new ones work."""
        with self._lock:
            self._stalled.update(id(pair) for pair in self._pairs)

    def _start(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, name="fault-proxy")  # type: ignore[arg-type]  # a callable
        self._threads.append(thread)
        thread.start()

    def _strikes(self, chance: float) -> bool:
        with self._lock:
            return self._random.random() < chance

    def _listen(self) -> None:
        while not self._stopping:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._strikes(self.faults.refuse):
                self.struck.append("refuse")
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                client.close()
                continue
            for sock in (client, server):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pair = (client, server)
            with self._lock:
                self._pairs.append(pair)
            self._start(self._upstream, pair)
            self._start(self._downstream, pair)

    def _upstream(self, pair: tuple[socket.socket, socket.socket]) -> None:
        client, server = pair
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                if id(pair) not in self._stalled:
                    server.sendall(data)
        if id(pair) not in self._stalled:
            self._end(pair)

    def _downstream(self, pair: tuple[socket.socket, socket.socket]) -> None:
        client, server = pair
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                if id(pair) in self._stalled:
                    continue
                if not self._pass_on(pair, client, data):
                    return
        if id(pair) not in self._stalled:
            self._end(pair)

    def _pass_on(self, pair: tuple[socket.socket, socket.socket], client: socket.socket, data: bytes) -> bool:
        faults = self.faults
        if self._strikes(faults.stall):
            self.struck.append("stall")
            with self._lock:
                self._stalled.add(id(pair))
            return True
        for name, chance in (("cut", faults.cut), ("reset", faults.reset)):
            if self._strikes(chance):
                self.struck.append(name)
                with self._lock:
                    data = data[: self._random.randrange(len(data) + 1)]
                client.sendall(data)
                if name == "reset":
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    client.close()
                self._end(pair)
                return False
        if self._strikes(faults.trickle):
            for position in range(len(data)):
                client.sendall(data[position : position + 1])
        else:
            client.sendall(data)
        return True

    def _end(self, pair: tuple[socket.socket, socket.socket]) -> None:
        for sock in pair:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
