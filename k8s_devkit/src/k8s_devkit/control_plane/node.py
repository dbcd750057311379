# SPDX-License-Identifier: Apache-2.0
"""`ScriptedNode`: a node of a `ControlPlane`, whose containers do what a test says."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from k8s_core.errors import NotFound, TransportError
from k8s_core.patches import MergePatch
from k8s_devkit.api_server.clock import format_time
from k8s_devkit.control_plane.reports import finished_status, node_document, running_status
from k8s_devkit.kubelet.kubelet import HOST, Kubelet

if TYPE_CHECKING:
    from types import TracebackType

    from k8s_core.client import Client
    from k8s_core.client.kinds import R
    from k8s_devkit.certificates import Authority
    from k8s_devkit.strategy.document import Document

__all__ = ["ScriptedNode"]


class ScriptedNode(Kubelet):
    """A node of a `ControlPlane`: the kube-apiserver reaches it for logs, exec, attach and port-forward of its pods.

    ::

        with plane.node("node-1") as node, plane.client() as client:
            pod = node.run(Pod(metadata=ObjectMeta(name="web"), spec=PodSpec(containers=[...])))
            node.write_log("web", "ready\\n")
            node.exec(command=["hostname"], output="web\\n")

    `ControlPlane.node` makes it. No containers run: you say what they log and what programs and ports answer, with the
    same methods as on an `ApiServer`. Handlers run in threads of this process. Nothing watches the pods: `run` and
    `finish` say when they start and end, and a deletion waits for ever, unless it is one with a grace period of 0.
    Methods may be called from any thread.

    Attributes:
        name: of the Node.
        closed: whether `close` was called.
        port: where it serves on 127.0.0.1, by TLS, for clients with an administrator's certificate.
        requests: what the kube-apiserver asked, in order: ``path`` is a kubelet's, ``resource`` such as ``pods/exec``.
        faults: orders for answers and streams that go wrong between the node and the kube-apiserver.
    """

    def __init__(self, name: str, authority: Authority, client: Client) -> None:
        """Serve, and create the Node. The client is closed with the node."""
        super().__init__(authority)
        self.name = name
        self.closed = False
        self._client = client
        try:
            self._node = client.create(node_document(name, HOST, self.port, self._now()))
        except BaseException:
            self._end()
            raise

    def run(self, pod: R | Mapping[str, Any]) -> R:
        """Bring a pod to this node, and report it as running with all of its containers ready.

        Args:
            pod: a new one, which is created here; or one from the server, which is bound to this node, as a scheduler
                does it, unless it is here already. Not changed.

        Returns:
            The pod as the server has it now.

        Raises:
            Conflict: it is bound to another node.
            ApiError, TransportError: as of `Client.create` and `Client.patch`.
        """
        document = _document(pod)
        if not document.get("metadata", {}).get("uid"):
            document["spec"] = {**document.get("spec", {}), "nodeName": self.name}
            document = self._client.create(document).to_dict()
        elif document["spec"].get("nodeName") != self.name:
            binding = {"metadata": {"name": document["metadata"]["name"]}, "target": {"name": self.name}}
            self._client.create_subresource(document, subresource="binding", body=binding)
        running: R = self._report(document, running_status(document, HOST, self._now()))
        return running

    def finish(self, pod: R | Mapping[str, Any], exit_code: int = 0) -> R:
        """Report that all containers of a pod have ended; their logs end, and so do those who follow them.

        Args:
            pod: one that `run` returned. Not changed.
            exit_code: of each container. The phase is ``Succeeded`` for 0, and ``Failed`` for any other.

        Returns:
            The pod as the server has it now.

        Raises:
            LookupError: it was not run on this node.
            NotFound: it is not there any more.
            ApiError, TransportError: as of `Client.patch`.
        """
        metadata = _document(pod).get("metadata", {})
        namespace, name = metadata.get("namespace", ""), metadata.get("name", "")
        with self.core.lock:
            document = self.core.known[namespace, name]
        finished: R = self._report(document, finished_status(document, exit_code, self._now()))
        self.end_log(name, namespace=namespace)
        return finished

    def _report(self, pod: Document, status: Document) -> Any:
        """Write the status of a pod, and remember the pod as it is then."""
        reported = self._client.patch(pod, patch=MergePatch({"status": status}), subresource="status")
        self.core.remember(reported.to_dict())
        return reported

    def _now(self) -> str:
        return format_time(self.core.clock())

    def close(self) -> None:
        """Delete the Node and stop serving: logs, streams and connections end. Its pods stay. Idempotent."""
        with self.core.lock:
            closed, self.closed = self.closed, True
        if closed:
            return
        try:
            # Without a control plane there is no Node either.
            with contextlib.suppress(NotFound, TransportError):
                self._client.delete(self._node)
        finally:
            self._end()

    def _end(self) -> None:
        self._client.close()
        super().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<ScriptedNode {self.name} {'closed' if self.closed else self.url}>"


def _document(pod: R | Mapping[str, Any]) -> Document:
    return copy.deepcopy(dict(pod)) if isinstance(pod, Mapping) else pod.to_dict()
