# SPDX-License-Identifier: Apache-2.0
"""``top()`` of a Node and a Pod: what it uses at the moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from k8s_core.behaviour import client_for

if TYPE_CHECKING:
    from k8s_core.client import Client
    from k8s_plugins_builtin.core.v1 import Node, Pod
    from k8s_plugins_builtin.metrics._behaviour import NodeUsage, PodUsage

__all__ = ["NodeTop", "PodTop"]


class NodeTop:
    """A mixin for Node."""

    __slots__ = ()

    def top(self, *, client: Client | None = None) -> NodeUsage:
        """What the node uses at the moment, as ``kubectl top node`` shows it. Two GETs.

        ``NodeMetrics.top()`` of ``k8s_plugins_builtin.metrics.v1beta1`` lists all nodes.

        Args:
            client: who asks; None means the active client, else the default one.

        Raises:
            NotFound: there is no such node, or it has no metrics yet; or metrics-server is not installed.
            ServiceUnavailable: metrics-server does not answer. ApiError, TransportError: as usual.
        """
        from k8s_plugins_builtin.metrics._behaviour import explained, node_usage
        from k8s_plugins_builtin.metrics.v1beta1 import NodeMetrics

        node, asking = cast("Node", self), client_for(cast("Node", self), client)
        name = node.metadata.name or ""
        fresh = asking.get(type(node), name)
        return node_usage(explained(lambda: asking.get(NodeMetrics, name)), fresh)


class PodTop:
    """A mixin for Pod."""

    __slots__ = ()

    def top(self, *, client: Client | None = None) -> PodUsage:
        """What the pod and its containers use at the moment, as ``kubectl top pod --containers`` shows it. One GET.

        ``PodMetrics.top()`` of ``k8s_plugins_builtin.metrics.v1beta1`` lists all pods.

        Args:
            client: who asks; None means the active client, else the default one.

        Raises:
            NotFound: there is no such pod, or it has no metrics yet; or metrics-server is not installed.
            ServiceUnavailable: metrics-server does not answer. ApiError, TransportError: as usual.
        """
        from k8s_plugins_builtin.metrics._behaviour import explained, pod_usage
        from k8s_plugins_builtin.metrics.v1beta1 import PodMetrics

        pod, asking = cast("Pod", self), client_for(cast("Pod", self), client)
        name, namespace = pod.metadata.name or "", pod.metadata.namespace
        return pod_usage(explained(lambda: asking.get(PodMetrics, name, namespace=namespace)))
