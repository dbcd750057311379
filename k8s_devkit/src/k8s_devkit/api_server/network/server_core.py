# SPDX-License-Identifier: Apache-2.0
"""What the network rim asks of the server behind it: an API server, or a kubelet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from threading import RLock

    from k8s_devkit.api_server.logs.container_logs import ContainerLogs
    from k8s_devkit.api_server.network.messages import HttpRequest, Reply
    from k8s_devkit.api_server.requests.routing import RequestInfo
    from k8s_devkit.api_server.streams.registry import StreamHandlers
    from k8s_devkit.strategy.users import User

__all__ = ["ServerCore"]


class ServerCore(Protocol):
    """A server without its network. Everything but `streams` is used under ``lock``."""

    @property
    def lock(self) -> RLock:
        """Held while the state is read or changed."""

    @property
    def logs(self) -> ContainerLogs[Any]:
        """The logs of its containers."""

    @property
    def streams(self) -> StreamHandlers:
        """The handlers of its streams."""

    @property
    def version(self) -> int:
        """The version of its state."""

    def info(self, request: HttpRequest) -> RequestInfo | None:
        """What a request is about; None if it is about no resource."""

    def handle(self, request: HttpRequest, user: User) -> Reply:
        """Answer one request. Raises nothing: a refusal is an answer, too."""
