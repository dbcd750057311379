# SPDX-License-Identifier: Apache-2.0
"""The kinds and types of metrics.k8s.io/v1beta1: what nodes and pods use at the moment.

Written by hand, and not registered: no API server serves them by itself, but the add-on metrics-server behind it.
Import the classes, as ``node.top()`` and ``pod.top()`` do.

https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/#metrics-api
"""

from __future__ import annotations

from k8s_core.model import ABSENT, Model, Resource, field
from k8s_core.model.scalars import Duration, Quantity, Time
from k8s_plugins_builtin.metrics._behaviour import NodeMetricsBehaviour, PodMetricsBehaviour

__all__ = ["ContainerMetrics", "NodeMetrics", "PodMetrics"]


class ContainerMetrics(Model):
    """ContainerMetrics of metrics.k8s.io/v1beta1."""

    name: str
    usage: dict[str, Quantity]


class NodeMetrics(
    NodeMetricsBehaviour,
    Resource,
    group="metrics.k8s.io",
    version="v1beta1",
    plural="nodes",
    scope="Cluster",
    verbs=("get", "list"),
):
    """NodeMetrics of metrics.k8s.io/v1beta1: what a node used in the ``window`` before ``timestamp``."""

    timestamp: Time
    window: Duration
    usage: dict[str, Quantity]


class PodMetrics(
    PodMetricsBehaviour,
    Resource,
    group="metrics.k8s.io",
    version="v1beta1",
    plural="pods",
    scope="Namespaced",
    verbs=("get", "list"),
):
    """PodMetrics of metrics.k8s.io/v1beta1: what a pod's containers used in the ``window`` before ``timestamp``."""

    timestamp: Time
    window: Duration
    containers: list[ContainerMetrics] = field(default=ABSENT)
