# SPDX-License-Identifier: Apache-2.0
"""The kubelet without its network: a request value goes in, an answer value comes out."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

from k8s_devkit.api_server.logs.container_logs import ContainerLogs
from k8s_devkit.api_server.logs.following import show_log
from k8s_devkit.api_server.network.messages import Answer
from k8s_devkit.api_server.streams.accepting import accept
from k8s_devkit.api_server.streams.channels import V4
from k8s_devkit.api_server.streams.registry import StreamHandlers
from k8s_devkit.kubelet.requests import parse_path, read_log_options, requested_stream
from k8s_devkit.strategy.failures import Failure, bad_request, method_not_allowed

if TYPE_CHECKING:
    from k8s_devkit.api_server.clock import Clock
    from k8s_devkit.api_server.network.messages import HttpRequest, Reply
    from k8s_devkit.api_server.requests.routing import RequestInfo
    from k8s_devkit.strategy.document import Document
    from k8s_devkit.strategy.users import User

__all__ = ["KubeletCore"]

_MASTERS = "system:masters"
_ENDED = ("Succeeded", "Failed")
_ANY_POD: Document = {"metadata": {}}


class KnownPods(dict[tuple[str, str], "Document"]):
    """The pods that were run on a node, by namespace and name. Raises LookupError for others."""

    def __missing__(self, key: tuple[str, str]) -> Document:
        raise LookupError(f"pod {'/'.join(key)} was not run on this node: run() it first")


class LogKey(NamedTuple):
    """Whose log it is."""

    namespace: str
    pod: str
    container: str


class PodLogs(ContainerLogs[LogKey]):
    """The logs of a node's containers."""

    def __init__(self, clock: Clock, known: KnownPods) -> None:
        super().__init__(clock)
        self._known = known

    def keys(self, namespace: str, name: str, container: str = "") -> list[LogKey]:
        containers = (
            [container] if container else [each["name"] for each in self._known[namespace, name]["spec"]["containers"]]
        )
        return [LogKey(namespace, name, each) for each in containers]

    def forget(self, namespace: str, name: str) -> None:
        """A pod is gone, and takes its logs along."""
        for logs in (self._current, self._previous):
            for key in [key for key in logs if key[:2] == (namespace, name)]:
                logs.pop(key).finish()


class KubeletCore:
    """Logs and stream handlers of one node.

    A kube-apiserver has checked that a pod and its container exist before it asks the node of the pod, so requests
    about other pods than the known ones are served, too.

    Attributes:
        known: the pods that were run here; see `remember`.
    """

    def __init__(self, owner: str, clock: Clock) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.known = KnownPods()
        self.logs = PodLogs(clock, self.known)
        # Kubelets know no half close: newer kube-apiservers translate v5 for them, and older ones pass all through.
        self.streams = StreamHandlers(protocols=(V4,), owner=owner)
        self.version = 0

    def remember(self, pod: Document) -> None:
        """Know a pod as it is now. A new one under the name of another takes nothing over."""
        metadata = pod["metadata"]
        key = metadata["namespace"], metadata["name"]
        with self.lock:
            before = self.known.get(key)
            if before is not None and before["metadata"]["uid"] != metadata["uid"]:
                self.logs.forget(*key)
            self.known[key] = pod

    def info(self, request: HttpRequest) -> RequestInfo | None:
        """What a request is about; None for a path that is not served."""
        return parse_path(request.method, request.path)

    def handle(self, request: HttpRequest, user: User) -> Reply:
        """Answer one request. A refusal is plain text, which a kube-apiserver makes the message of a Status."""
        info = self.info(request)
        try:
            if _MASTERS not in user.groups:
                text = f"Forbidden (user={user.name}, verb=create, resource=nodes, subresource=proxy)"
                raise Failure(403, "Forbidden", text)
            if info is None:
                raise Failure(404, "NotFound", "404 page not found")
            if info.verb != "get" and (info.verb != "create" or info.subresource == "log"):
                raise method_not_allowed()
            with self.lock:
                return self._log(request, info) if info.subresource == "log" else self._connect(request, info, user)
        except Failure as failure:
            return Answer(failure.code, failure.message.encode(), "text/plain; charset=utf-8")

    def _log(self, request: HttpRequest, info: RequestInfo) -> Reply:
        read = read_log_options(request.query, info.rest, self.clock())
        key = LogKey(info.namespace, info.name, info.rest)
        log = self.logs.previous(key) if read.previous else self.logs.of(key)
        if log is None:
            raise bad_request(f'previous terminated container "{info.rest}" in pod "{info.name}" not found')
        return show_log(log, read, "pods/log")

    def _connect(self, request: HttpRequest, info: RequestInfo, user: User) -> Reply:
        pod = self.known.get((info.namespace, info.name), _ANY_POD)
        if pod.get("status", {}).get("phase") in _ENDED:
            raise Failure(500, "InternalError", f'container not found ("{info.rest}")')
        return accept(requested_stream(request, info, pod, user.name), self.streams)
