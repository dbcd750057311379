# SPDX-License-Identifier: Apache-2.0
"""``kubectl top``, against a server that serves the metrics API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from k8s_core import ALL_NAMESPACES
from k8s_core.errors import NotFound
from k8s_core.meta import ObjectMeta
from k8s_core.model.scalars import Quantity
from k8s_devkit import ApiServer
from k8s_plugins_builtin.core.v1 import Node, Pod
from k8s_plugins_builtin.metrics.v1beta1 import NodeMetrics, PodMetrics

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_core import Client

MEASURED = {"timestamp": "2026-01-01T00:00:00Z", "window": "15s"}


def node_metrics(name: str, cpu: str, memory: str) -> NodeMetrics:
    metadata = {"name": name, "labels": {"pool": name}}
    return NodeMetrics.from_dict({"metadata": metadata, **MEASURED, "usage": {"cpu": cpu, "memory": memory}})


def pod_metrics(namespace: str, name: str, **containers: tuple[str, str]) -> PodMetrics:
    listed = [{"name": key, "usage": {"cpu": cpu, "memory": memory}} for key, (cpu, memory) in containers.items()]
    metadata = {"namespace": namespace, "name": name, "labels": {"app": name}}
    return PodMetrics.from_dict({"metadata": metadata, **MEASURED, "containers": listed})


@pytest.fixture
def client() -> Iterator[Client]:
    with ApiServer(resources=[NodeMetrics.api_resource, PodMetrics.api_resource]) as server:
        capacity = {"cpu": "4", "memory": "8Gi"}
        allocatable = {"cpu": "2", "memory": "4Gi"}
        for name, status in (("b", {"capacity": capacity, "allocatable": allocatable}), ("a", {})):
            server.seed({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "status": status})
        server.seed(node_metrics("b", "1250m", "1Gi"), node_metrics("a", "250m", "100Mi"))
        server.seed(pod_metrics("default", "web", main=("100m", "64Mi"), sidecar=("5m", "32Mi")))
        server.seed(
            pod_metrics("default", "db", main=("1", "1Gi")), pod_metrics("kube-system", "dns", dns=("3m", "1Mi"))
        )
        yield server.client()


def test_a_node_says_what_it_uses_and_how_much_of_what_pods_can_have_that_is(client: Client) -> None:
    used = Node(metadata=ObjectMeta(name="b")).top(client=client)
    assert (used.name, used.cpu, used.memory) == ("b", Quantity("1250m"), Quantity("1Gi"))
    assert (used.cpu_percent, used.memory_percent) == (62, 25)


def test_a_node_that_does_not_say_what_pods_can_have(client: Client) -> None:
    used = Node(metadata=ObjectMeta(name="a")).top(client=client)
    assert (used.cpu, used.cpu_percent, used.memory_percent) == (Quantity("250m"), None, None)


def test_all_nodes_are_sorted_by_name(client: Client) -> None:
    assert [used.name for used in NodeMetrics.top(client=client)] == ["a", "b"]


def test_a_pod_uses_what_its_containers_use(client: Client) -> None:
    used = Pod(metadata=ObjectMeta(name="web")).top(client=client)
    assert (used.namespace, used.name, used.cpu, used.memory) == ("default", "web", Quantity("105m"), Quantity("96Mi"))
    assert used.containers["sidecar"].memory == Quantity("32Mi")


def test_pods_of_a_namespace_of_all_and_with_labels(client: Client) -> None:
    def names(**keywords: Any) -> list[str]:
        return [used.name for used in PodMetrics.top(client=client, **keywords)]

    assert names() == ["db", "web"]
    assert names(namespace=ALL_NAMESPACES) == ["db", "web", "dns"]
    assert names(labels={"app": "web"}) == ["web"]
    by_memory = sorted(PodMetrics.top(client=client), key=lambda used: used.memory, reverse=True)
    assert [used.name for used in by_memory] == ["db", "web"]


def test_a_pod_without_metrics_is_too_new(client: Client) -> None:
    with pytest.raises(NotFound) as caught:
        Pod(metadata=ObjectMeta(name="new")).top(client=client)
    assert caught.value.details["name"] == "new"
    assert "has no metrics yet" in caught.value.__notes__[-1]


def test_without_metrics_server_the_error_says_what_to_install() -> None:
    with ApiServer() as server:
        client = server.client()
        client.create(Node(metadata=ObjectMeta(name="a")))
        for ask in (
            lambda: NodeMetrics.top(client=client),
            lambda: PodMetrics.top(client=client),
            lambda: Node(metadata=ObjectMeta(name="a")).top(client=client),
            lambda: Pod(metadata=ObjectMeta(name="a")).top(client=client),
        ):
            with pytest.raises(NotFound) as caught:
                ask()  # type: ignore[no-untyped-call]  # a lambda
            assert "metrics-server" in caught.value.__notes__[-1]
