# SPDX-License-Identifier: Apache-2.0
"""urllib3's connections and pools, fitted to one API server: timeouts by step, keep-alive probes, nothing global."""

from __future__ import annotations

import queue
import socket
from typing import TYPE_CHECKING, Any, Final

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager, ProxyManager

from k8s_core.transport.limits import CONNECT_TIMEOUT, HANDSHAKE_TIMEOUT
from k8s_core.transport.socks import socks_manager

if TYPE_CHECKING:
    import ssl

    from k8s_core.transport.limits import Limit
    from k8s_core.transport.proxy import Proxy

__all__ = ["IDLE_CONNECTIONS", "Connection", "Pool", "make_pool", "socket_options"]

IDLE_CONNECTIONS: Final = 25
"""Kept open per server, as client-go does (protocol B2); more may be in use at once."""

_KEEPALIVE: Final = (("TCP_KEEPIDLE", 30), ("TCP_KEEPALIVE", 30), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4))

Connection = HTTPConnection
Pool = HTTPConnectionPool


def socket_options() -> list[tuple[int, int, int]]:
    """No delay for small writes, and probes so that a peer which vanished is noticed within 90 s (B3, D17)."""
    options = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    for name, value in _KEEPALIVE:
        # TCP_KEEPALIVE is what macOS calls TCP_KEEPIDLE; Linux knows only the other three.
        if hasattr(socket, name):
            options.append((socket.IPPROTO_TCP, getattr(socket, name), value))
    return options


class _Timed:
    """Connects within a limit that holds for all addresses of a name together, and bounds the handshake by itself."""

    limit: Limit | None = None
    """Set before ``connect`` is called."""
    timeout: Any
    port: Any
    _dns_host: str
    socket_options: Any

    def _new_conn(self) -> socket.socket:
        limit = self.limit
        if limit is None:
            raise RuntimeError("a connection needs a limit before it connects")
        sock = self._dial(limit)
        # Holds for each step of a proxy's CONNECT, and for the TLS handshake as a whole.
        sock.settimeout(min(HANDSHAKE_TIMEOUT, limit.seconds()))
        return sock

    def _dial(self, limit: Limit) -> socket.socket:
        failure: OSError | None = None
        found = socket.getaddrinfo(self._dns_host.strip("[]"), self.port, 0, socket.SOCK_STREAM)
        for number, (family, kind, protocol, _, address) in enumerate(found):
            sock = socket.socket(family, kind, protocol)
            try:
                for option in self.socket_options:
                    sock.setsockopt(*option)
                # An address that swallows packets must leave time for the others.
                sock.settimeout(min(CONNECT_TIMEOUT, limit.seconds() / (len(found) - number)))
                sock.connect(address)
            except OSError as error:
                sock.close()
                failure = error
            except BaseException:
                sock.close()
                raise
            else:
                return sock
        raise failure or OSError("the name resolves to no address")


class _PlainConnection(_Timed, HTTPConnection):
    pass


class _TLSConnection(_Timed, HTTPSConnection):
    pass


class _QuietPool:
    """Keeps the newest idle connections and closes the rest, without urllib3's warning for each."""

    pool: queue.LifoQueue[Any] | None

    def _put_conn(self, conn: Any) -> None:
        idle = self.pool
        if idle is None or conn is None:
            if conn is not None:
                conn.close()
            return
        try:
            idle.put_nowait(conn)
        except queue.Full:
            conn.close()
        if self.pool is None:  # closed meanwhile, perhaps before the connection was in
            drain(idle)


def drain(idle: queue.LifoQueue[Any]) -> None:
    """Close all connections that wait in a pool's queue."""
    while True:
        try:
            conn = idle.get_nowait()
        except queue.Empty:
            return
        if conn is not None:
            conn.close()


class _PlainPool(_QuietPool, HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TLSPool(_QuietPool, HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


def make_pool(
    host: str,
    port: int,
    *,
    context: ssl.SSLContext | None,
    server_name: str | None = None,
    proxy: Proxy | None = None,
    proxy_context: ssl.SSLContext | None = None,
) -> Pool:
    """A pool of connections to one server, empty at first; no I/O.

    Args:
        host: name or address of the server; an IPv6 address without brackets.
        port: of the server.
        context: for a TLS server; None speaks plain HTTP.
        server_name: to ask for and verify instead of ``host``.
        proxy: to go through.
        proxy_context: for the connection to an https proxy.
    """
    keywords: dict[str, Any] = {"maxsize": IDLE_CONNECTIONS, "block": False, "socket_options": socket_options()}
    scheme = "http"
    if context is not None:
        scheme = "https"
        keywords |= {"ssl_context": context, "server_hostname": server_name}
    manager: PoolManager
    if proxy is None:
        manager = PoolManager(1, **keywords)
        manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TLSPool}
    elif proxy.scheme.startswith("socks"):
        manager = socks_manager(proxy, keywords, _QuietPool)
    else:
        headers = proxy.headers()
        manager = ProxyManager(proxy.address, 1, proxy_headers=headers, proxy_ssl_context=proxy_context, **keywords)
        manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TLSPool}
    return manager.connection_from_host(_bracketed(host), port, scheme)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
