# SPDX-License-Identifier: Apache-2.0
"""The workloads with lightkube."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import data
import msgspec
from lightkube import Client
from lightkube.config.kubeconfig import KubeConfig
from lightkube.config.models import Cluster, User
from lightkube.core.decoders import decode_object
from lightkube.models.core_v1 import Container, ContainerPort, EnvVar, PodSpec, ResourceRequirements
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Pod
from measure import main

if TYPE_CHECKING:
    from collections.abc import Callable


def client(url: str) -> Client:
    return Client(config=KubeConfig.from_one(cluster=Cluster(server=url), user=User(token="bench")), trust_env=False)


def names(url: str, count: int) -> Callable[[], Any]:
    api = client(url)
    return lambda: sum(pod.metadata.name.startswith("bench-") for pod in api.list(Pod, namespace="default"))


def deep(url: str, count: int) -> Callable[[], Any]:
    api = client(url)

    def run() -> Any:
        pods = list(api.list(Pod, namespace="default"))
        return sum(read(pod) for pod in pods), pods

    return run


def read(pod: Pod) -> int:
    metadata, spec, status = pod.metadata, pod.spec, pod.status
    container, state = spec.containers[0], status.containerStatuses[0]
    fields = (
        metadata.name,
        metadata.namespace,
        metadata.uid,
        metadata.labels["app"],
        metadata.ownerReferences[0].kind,
        metadata.creationTimestamp,
        spec.nodeName,
        spec.restartPolicy,
        container.image,
        container.ports[0].containerPort,
        container.resources.limits["cpu"],
        status.phase,
        status.podIP,
        status.conditions[0].type,
        state.restartCount is not None,
    )
    return sum(field is not None for field in fields)


def modify(url: str, count: int) -> Callable[[], Any]:
    raw = next(data.pods(1, typed=True))

    def run() -> int:
        size = 0
        for index in range(count):
            pod = decode_object(raw, Pod)
            pod.metadata.labels["round"] = str(index)
            pod.spec.containers[0].image = "registry.example.com/other:1"
            size += len(msgspec.json.encode(pod)) > len(raw) // 4
        return size

    return run


def watch(url: str, count: int) -> Callable[[], Any]:
    api = client(url)

    def run() -> int:
        seen = 0
        for kind, pod in api.watch(Pod, namespace="watched", resource_version="1"):
            seen += kind == "ADDED" and pod.metadata.name == f"bench-{seen}"
            if seen == count:
                return seen
        return seen

    return run


def get(url: str, count: int) -> Callable[[], Any]:
    api = client(url)
    api.get(Pod, "bench-0", namespace="default")
    return lambda: sum(api.get(Pod, "bench-0", namespace="default").metadata.name == "bench-0" for _ in range(count))


def cache(url: str, count: int) -> Callable[[], Any]:
    api = client(url)

    def run() -> Any:
        objects = {(pod.metadata.namespace, pod.metadata.name): pod for pod in api.list(Pod, namespace="default")}
        return len(objects), objects

    return run


def create(url: str, count: int) -> Callable[[], Any]:
    def run() -> int:
        total = 0
        for index in range(count):
            container = Container(
                name="main",
                image="registry.example.com/main:1",
                ports=[ContainerPort(containerPort=8080, name="http")],
                env=[EnvVar(name="A", value="1"), EnvVar(name="B", value="2")],
                resources=ResourceRequirements(limits={"cpu": "500m", "memory": "256Mi"}),
            )
            metadata = ObjectMeta(name=f"bench-{index}", namespace="default", labels={"app": "bench"})
            pod = Pod(apiVersion="v1", kind="Pod", metadata=metadata, spec=PodSpec(containers=[container]))
            total += b"500m" in msgspec.json.encode(pod)
        return total

    return run


def pages(url: str, count: int) -> Callable[[], Any]:
    return names(url, count)


if __name__ == "__main__":
    main({name: globals()[name] for name in ("names", "deep", "modify", "watch", "get", "cache", "create", "pages")})
