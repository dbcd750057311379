# SPDX-License-Identifier: Apache-2.0
"""Connections through a SOCKS proxy. Needs PySocks: the extra ``k8s-core[socks]``."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

from k8s_core.errors import ConfigError
from k8s_core.redaction import reveal
from k8s_core.transport.limits import HANDSHAKE_TIMEOUT

if TYPE_CHECKING:
    import socket

    from urllib3.poolmanager import PoolManager

    from k8s_core.transport.limits import Limit
    from k8s_core.transport.proxy import Proxy

__all__ = ["require_pysocks", "socks_manager"]


def require_pysocks(proxy: Proxy) -> None:
    """Raise ConfigError, which says what to install, if PySocks is missing."""
    if importlib.util.find_spec("socks") is None:
        raise ConfigError(f"the proxy {proxy.address} needs PySocks: pip install 'k8s-core[socks]'", option="proxy-url")


def socks_manager(proxy: Proxy, keywords: dict[str, Any], pool: Any) -> PoolManager:
    """A urllib3 manager whose pools connect through ``proxy``. PySocks is installed.

    Args:
        proxy: where to.
        keywords: of the manager.
        pool: a mixin for the classes of its pools.
    """
    from urllib3.contrib import socks  # noqa: PLC0415  # PySocks is an extra

    class Timed:
        limit: Limit | None = None

        def _new_conn(self) -> socket.socket:
            sock: socket.socket = super()._new_conn()  # type: ignore[misc]  # the urllib3 class beside this mixin has it
            if self.limit is not None:
                sock.settimeout(min(HANDSHAKE_TIMEOUT, self.limit.seconds()))
            return sock

    class PlainConnection(Timed, socks.SOCKSConnection):
        pass

    class TLSConnection(Timed, socks.SOCKSHTTPSConnection):
        pass

    class PlainPool(pool, socks.SOCKSHTTPConnectionPool):  # type: ignore[misc]  # the base is a parameter
        ConnectionCls = PlainConnection

    class TLSPool(pool, socks.SOCKSHTTPSConnectionPool):  # type: ignore[misc]  # as above
        ConnectionCls = TLSConnection

    # Go lets the proxy resolve names whatever the scheme says; PySocks does so for socks5h only.
    url = f"socks5h{proxy.address.removeprefix('socks5')}"
    manager = socks.SOCKSProxyManager(url, proxy.username, reveal(proxy.password), 1, **keywords)
    manager.pool_classes_by_scheme = {"http": PlainPool, "https": TLSPool}
    return manager
