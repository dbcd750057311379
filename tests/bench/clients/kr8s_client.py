# SPDX-License-Identifier: Apache-2.0
"""The workloads with kr8s that it has a public API for."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import data
import kr8s
from kr8s.objects import Pod
from measure import main

if TYPE_CHECKING:
    from collections.abc import Callable


def names(url: str, count: int) -> Callable[[], Any]:
    api = kr8s.api(url=url)
    return lambda: sum(pod.metadata.name.startswith("bench-") for pod in api.get("pods", namespace="default"))


def deep(url: str, count: int) -> Callable[[], Any]:
    api = kr8s.api(url=url)

    def run() -> Any:
        pods = list(api.get("pods", namespace="default"))
        return sum(read(pod) for pod in pods), pods

    return run


def read(pod: Any) -> int:
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
    api = kr8s.api(url=url)

    def run() -> int:
        size = 0
        for index in range(count):
            pod = Pod(json.loads(raw), api=api)
            pod.metadata.labels["round"] = str(index)
            pod.spec.containers[0].image = "registry.example.com/other:1"
            size += len(json.dumps(pod.to_dict())) > len(raw) // 4
        return size

    return run


def get(url: str, count: int) -> Callable[[], Any]:
    api = kr8s.api(url=url)
    return lambda: sum(
        Pod.get("bench-0", namespace="default", api=api).metadata.name == "bench-0" for _ in range(count)
    )


if __name__ == "__main__":
    main({name: globals()[name] for name in ("names", "deep", "modify")})
