# SPDX-License-Identifier: Apache-2.0
"""The workloads with the official client."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import data
from kubernetes import client as k8s
from kubernetes import watch as k8s_watch
from kubernetes.stream import portforward, stream
from measure import main

if TYPE_CHECKING:
    from collections.abc import Callable


def api_client(url: str) -> Any:
    configuration = k8s.Configuration()
    configuration.host = url
    return k8s.ApiClient(configuration)


def core(url: str) -> Any:
    return k8s.CoreV1Api(api_client(url))


def names(url: str, count: int) -> Callable[[], Any]:
    api = core(url)
    return lambda: sum(pod.metadata.name.startswith("bench-") for pod in api.list_namespaced_pod("default").items)


def deep(url: str, count: int) -> Callable[[], Any]:
    api = core(url)

    def run() -> Any:
        pods = api.list_namespaced_pod("default").items
        return sum(read(pod) for pod in pods), pods

    return run


def read(pod: Any) -> int:
    metadata, spec, status = pod.metadata, pod.spec, pod.status
    container, state = spec.containers[0], status.container_statuses[0]
    fields = (
        metadata.name,
        metadata.namespace,
        metadata.uid,
        metadata.labels["app"],
        metadata.owner_references[0].kind,
        metadata.creation_timestamp,
        spec.node_name,
        spec.restart_policy,
        container.image,
        container.ports[0].container_port,
        container.resources.limits["cpu"],
        status.phase,
        status.pod_ip,
        status.conditions[0].type,
        state.restart_count is not None,
    )
    return sum(field is not None for field in fields)


def modify(url: str, count: int) -> Callable[[], Any]:
    raw = next(data.pods(1, typed=True)).decode()
    api = api_client(url)

    def run() -> int:
        size = 0
        for index in range(count):
            pod = deserialize(api, raw)
            pod.metadata.labels["round"] = str(index)
            pod.spec.containers[0].image = "registry.example.com/other:1"
            size += len(json.dumps(api.sanitize_for_serialization(pod))) > len(raw) // 4
        return size

    return run


def deserialize(api: Any, raw: str) -> Any:
    try:
        return api.deserialize(SimpleNamespace(data=raw), "V1Pod")
    except (TypeError, AttributeError):
        return api.deserialize(raw, "V1Pod", "application/json")


def watch(url: str, count: int) -> Callable[[], Any]:
    api = core(url)

    def run() -> int:
        seen = 0
        for event in k8s_watch.Watch().stream(api.list_namespaced_pod, "watched", resource_version="1"):
            seen += event["type"] == "ADDED" and event["object"].metadata.name == f"bench-{seen}"
            if seen == count:
                return seen
        return seen

    return run


def get(url: str, count: int) -> Callable[[], Any]:
    api = core(url)
    api.read_namespaced_pod("bench-0", "default")
    return lambda: sum(api.read_namespaced_pod("bench-0", "default").metadata.name == "bench-0" for _ in range(count))


def cache(url: str, count: int) -> Callable[[], Any]:
    api = core(url)

    def run() -> Any:
        items = api.list_namespaced_pod("default").items
        objects = {(pod.metadata.namespace, pod.metadata.name): pod for pod in items}
        return len(objects), objects

    return run


def create(url: str, count: int) -> Callable[[], Any]:
    api = api_client(url)

    def run() -> int:
        total = 0
        for index in range(count):
            container = k8s.V1Container(
                name="main",
                image="registry.example.com/main:1",
                ports=[k8s.V1ContainerPort(container_port=8080, name="http")],
                env=[k8s.V1EnvVar(name="A", value="1"), k8s.V1EnvVar(name="B", value="2")],
                resources=k8s.V1ResourceRequirements(limits={"cpu": "500m", "memory": "256Mi"}),
            )
            metadata = k8s.V1ObjectMeta(name=f"bench-{index}", namespace="default", labels={"app": "bench"})
            pod = k8s.V1Pod(api_version="v1", kind="Pod", metadata=metadata, spec=k8s.V1PodSpec(containers=[container]))
            total += "500m" in json.dumps(api.sanitize_for_serialization(pod))
        return total

    return run


def pages(url: str, count: int) -> Callable[[], Any]:
    api = core(url)

    def run() -> int:
        total, token = 0, None
        while True:
            page = api.list_namespaced_pod("default", limit=500, **({"_continue": token} if token else {}))
            total += sum(pod.metadata.name.startswith("bench-") for pod in page.items)
            token = page.metadata._continue if hasattr(page.metadata, "_continue") else page.metadata.continue_
            if not token:
                return total

    return run


def command(url: str, count: int) -> Callable[[], Any]:
    api = core(url)

    def run() -> int:
        size = 0
        options = {"command": ["pour"], "stdin": False, "stdout": True, "stderr": True, "tty": False}
        session = stream(
            api.connect_get_namespaced_pod_exec, "bench", "default", binary=True, _preload_content=False, **options
        )
        while session.is_open():
            session.update(timeout=10)
            if session.peek_stdout():
                size += len(session.read_stdout())
        return 0 if session.returncode else size >> 20

    return run


def forward(url: str, count: int) -> Callable[[], Any]:
    api = core(url)

    def run() -> int:
        size = 0
        forwarded = portforward(api.connect_get_namespaced_pod_portforward, "bench", "default", ports="80")
        sock = forwarded.socket(80)
        while piece := sock.recv(1 << 16):
            size += len(piece)
        return size >> 20

    return run


NAMES = ("names", "deep", "modify", "watch", "get", "cache", "create", "pages", "command", "forward")

if __name__ == "__main__":
    main({name: globals()[name] for name in NAMES})
