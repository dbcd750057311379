# SPDX-License-Identifier: Apache-2.0
"""``kubectl top``: what nodes and pods use at the moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from msgspec import Struct

from k8s_core.behaviour import client_for
from k8s_core.errors import NotFound
from k8s_core.model.scalars import Quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    from k8s_core.client import Client
    from k8s_core.requests import AllNamespaces
    from k8s_core.selectors import Labels
    from k8s_plugins_builtin.core.v1 import Node
    from k8s_plugins_builtin.metrics.v1beta1 import NodeMetrics, PodMetrics

    T = TypeVar("T")

__all__ = ["NodeMetricsBehaviour", "NodeUsage", "PodMetricsBehaviour", "PodUsage", "Usage", "node_usage", "pod_usage"]

_ZERO = Quantity("0")
_NO_API = (
    "what nodes and pods use is known to the add-on metrics-server: https://github.com/kubernetes-sigs/metrics-server"
)
_TOO_NEW = "metrics-server measures every 15 seconds or so: what is new has no metrics yet"


class Usage(Struct, frozen=True):
    """CPU in cores and memory in bytes, as ``Quantity``."""

    cpu: Quantity
    memory: Quantity


class NodeUsage(Struct, frozen=True):
    """What a node uses.

    Attributes:
        name: of the node.
        cpu, memory: as ``Quantity``.
        cpu_percent, memory_percent: of what pods can have (``status.allocatable``); None if the node does not say.
    """

    name: str
    cpu: Quantity
    memory: Quantity
    cpu_percent: int | None
    memory_percent: int | None


class PodUsage(Struct, frozen=True):
    """What a pod uses.

    Attributes:
        namespace, name: of the pod.
        cpu, memory: of all containers, as ``Quantity``.
        containers: the same by the name of a container.
    """

    namespace: str
    name: str
    cpu: Quantity
    memory: Quantity
    containers: dict[str, Usage]


class NodeMetricsBehaviour:
    """``kubectl top node``."""

    __slots__ = ()

    @classmethod
    def top(cls, *, labels: Labels | None = None, client: Client | None = None) -> list[NodeUsage]:
        """What each node uses, sorted by name, as ``kubectl top nodes`` shows it. Two list requests.

        https://kubernetes.io/docs/reference/kubectl/generated/kubectl_top/kubectl_top_node/

        Args:
            labels: of the nodes; None takes all.
            client: who asks; None means the active client, else the default one.

        Returns:
            One for each node that has metrics; a new one has none yet.

        Raises:
            NotFound: the cluster has no metrics API: metrics-server is not installed.
            ServiceUnavailable: metrics-server does not answer. SelectorError, ApiError, TransportError: as usual.
        """

        kind = cast("type[NodeMetrics]", cls)
        asking = client_for(kind, client)
        # By the registry, since the module that has the class imports this one.
        nodes = {node.metadata.name: node for node in asking.list(asking.class_for("v1", "Node"), labels=labels)}
        metrics = explained(lambda: asking.list(kind, labels=labels))
        found = [node_usage(item, nodes[item.metadata.name]) for item in metrics if item.metadata.name in nodes]
        return sorted(found, key=lambda usage: usage.name)


class PodMetricsBehaviour:
    """``kubectl top pod``."""

    __slots__ = ()

    @classmethod
    def top(
        cls,
        *,
        namespace: str | AllNamespaces | None = None,
        labels: Labels | None = None,
        client: Client | None = None,
    ) -> list[PodUsage]:
        """What each pod uses, sorted by namespace and name, as ``kubectl top pods`` shows it. One list request.

        ::

            by_memory = sorted(PodMetrics.top(), key=lambda usage: usage.memory, reverse=True)

        https://kubernetes.io/docs/reference/kubectl/generated/kubectl_top/kubectl_top_pod/

        Args:
            namespace: None means the client's; ``ALL_NAMESPACES`` every one.
            labels: of the pods; None takes all.
            client: who asks; None means the active client, else the default one.

        Returns:
            One for each pod that has metrics; a new one has none yet.

        Raises:
            NotFound: the cluster has no metrics API: metrics-server is not installed.
            ServiceUnavailable: metrics-server does not answer. SelectorError, ApiError, TransportError: as usual.
        """
        kind = cast("type[PodMetrics]", cls)
        asking = client_for(kind, client)
        metrics = explained(lambda: asking.list(kind, namespace=namespace, labels=labels))
        return sorted(map(pod_usage, metrics), key=lambda usage: (usage.namespace, usage.name))


def node_usage(metrics: NodeMetrics, node: Node) -> NodeUsage:
    """What a node uses, and how much that is of what pods can have on it."""
    used, allocatable = _usage(metrics.usage), node.status.allocatable
    return NodeUsage(
        metrics.metadata.name or "",
        used.cpu,
        used.memory,
        _percent(used.cpu, allocatable.get("cpu")),
        _percent(used.memory, allocatable.get("memory")),
    )


def pod_usage(metrics: PodMetrics) -> PodUsage:
    """What a pod uses: the sum over its containers."""
    containers = {item.name: _usage(item.usage) for item in metrics.containers}
    return PodUsage(
        metrics.metadata.namespace or "",
        metrics.metadata.name or "",
        sum((item.cpu for item in containers.values()), _ZERO),
        sum((item.memory for item in containers.values()), _ZERO),
        containers,
    )


def explained(request: Callable[[], T]) -> T:
    """Send a request to the metrics API; a 404 says what is missing."""
    try:
        return request()
    except NotFound as error:
        error.add_note(_TOO_NEW if error.details.get("name") else _NO_API)
        raise


def _usage(usage: Mapping[str, Any]) -> Usage:
    return Usage(usage.get("cpu", _ZERO), usage.get("memory", _ZERO))


def _percent(used: Quantity, total: Quantity | None) -> int | None:
    return int(used / total * 100) if total else None
