# SPDX-License-Identifier: Apache-2.0
"""The workloads with k8s-core."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import data
from measure import main

from k8s_core import Client, Config, Informer, Watcher
from k8s_core.meta import ObjectMeta
from k8s_core.model.codec import encode_json, load_resource
from k8s_plugins_builtin.core.v1 import Container, ContainerPort, EnvVar, Pod, PodSpec, ResourceRequirements

if TYPE_CHECKING:
    from collections.abc import Callable


def client(url: str) -> Client:
    return Client(Config(server=url))


def names(url: str, count: int) -> Callable[[], Any]:
    api = client(url)
    return lambda: sum(pod.metadata.name.startswith("bench-") for pod in api.list(Pod, namespace="default"))


def deep(url: str, count: int) -> Callable[[], Any]:
    api = client(url)

    def run() -> Any:
        pods = api.list(Pod, namespace="default")
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
            pod = load_resource(Pod, raw)
            pod.metadata.labels["round"] = str(index)
            pod.spec.containers[0].image = "registry.example.com/other:1"
            size += len(encode_json(pod)) > len(raw) // 4
        return size

    return run


def watch(url: str, count: int) -> Callable[[], Any]:
    api = client(url)

    def run() -> int:
        seen = 0
        with Watcher(Pod, client=api) as watcher:
            for event in watcher.watch(namespace="watched", resource_version="1"):
                seen += event.type == "ADDED" and event.object.metadata.name == f"bench-{seen}"
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
        informer = Informer(Pod, client=api, namespace="default", keep_managed_fields=True)
        informer.start()
        informer.wait_synced(120)
        informer.stop()
        return len(informer.list()), informer

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
            total += b"500m" in encode_json(Pod(metadata=metadata, spec=PodSpec(containers=[container])))
        return total

    return run


def command(url: str, count: int) -> Callable[[], Any]:
    api = client(url)

    def run() -> int:
        with api.open_exec(Pod, ["pour"], name="bench", namespace="default") as process:
            size = sum(len(piece) for piece in iter(lambda: process.stdout.read(1 << 16), b""))
            return 0 if process.wait() else size >> 20

    return run


def forward(url: str, count: int) -> Callable[[], Any]:
    api = client(url)

    def run() -> int:
        with api.port_forward(Pod, 80, name="bench", namespace="default") as forwarded:
            return received(forwarded.port)

    return run


def received(port: int) -> int:
    size = 0
    with socket.create_connection(("127.0.0.1", port)) as sock:
        while piece := sock.recv(1 << 16):
            size += len(piece)
    return size >> 20


def pages(url: str, count: int) -> Callable[[], Any]:
    return names(url, count)


if __name__ == "__main__":
    main(
        {
            "names": names,
            "deep": deep,
            "modify": modify,
            "watch": watch,
            "get": get,
            "cache": cache,
            "create": create,
            "pages": pages,
            "command": command,
            "forward": forward,
            "flat": command,
        }
    )
