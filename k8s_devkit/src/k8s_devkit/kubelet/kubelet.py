# SPDX-License-Identifier: Apache-2.0
"""`Kubelet`: logs and streams behind TLS, at a kubelet's paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.api_server.access.users import Authenticator
from k8s_devkit.api_server.clock import Clock, system_clock
from k8s_devkit.api_server.logs.controls import LogControls
from k8s_devkit.api_server.network.asgi import AsgiApp
from k8s_devkit.api_server.network.faults import Faults
from k8s_devkit.api_server.network.request_log import RequestLog
from k8s_devkit.api_server.network.runner import LoopServer
from k8s_devkit.api_server.network.tls import server_context
from k8s_devkit.api_server.streams.controls import StreamControls
from k8s_devkit.kubelet.core import KubeletCore

if TYPE_CHECKING:
    from k8s_devkit.certificates import Authority

__all__ = ["Kubelet"]

HOST = "127.0.0.1"


class Kubelet(StreamControls, LogControls):
    """A server on 127.0.0.1 that answers a kube-apiserver as a kubelet does; it serves from the beginning.

    Only clients with a certificate of the authority for the group ``system:masters`` are answered.

    Attributes:
        faults: orders for requests and streams to come, as those of `ApiServer`.
        requests: what was asked, in order; ``path`` is the kubelet's, ``resource`` such as ``pods/exec``.
        port: where it serves.
    """

    core: KubeletCore

    def __init__(self, authority: Authority, *, clock: Clock = system_clock) -> None:
        self.core = KubeletCore(type(self).__name__, clock)
        self.faults = Faults()
        self.requests = RequestLog()
        self.faults.wake_streams = self.core.streams.wake
        app = AsgiApp(self.core, Authenticator(certificates=True), self.faults, self.requests)
        self._loop = LoopServer(app, HOST, 0, server_context(authority, (HOST,), ask_client=True))
        self._loop.start()
        self.port = self._loop.port

    @property
    def url(self) -> str:
        """Where it serves: ``https://127.0.0.1:<port>``."""
        return f"https://{HOST}:{self.port}"

    def close(self) -> None:
        """Stop serving: logs and streams end, and connections are closed. Idempotent."""
        with self.core.lock:
            self.core.logs.finish_all()
        self._loop.stop()
        self._end_handlers()
