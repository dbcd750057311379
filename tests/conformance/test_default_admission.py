# SPDX-License-Identifier: Apache-2.0
"""The admission plugins that every API server has switched on, as far as they change what clients sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from waiting import eventually
from wire_documents import quiet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wire import Wire

Json = dict[str, Any]
PODS = "/api/v1/namespaces/{ns}/pods"
CLAIMS = "/api/v1/namespaces/{ns}/persistentvolumeclaims"
INGRESSES = "/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses"
PRIORITIES = "/apis/scheduling.k8s.io/v1/priorityclasses"


@pytest.fixture
def make(wire: Wire) -> Iterator[Callable[[str, Json], Json]]:
    """Creates cluster-wide objects, and deletes them afterwards: the server is shared."""
    made: list[str] = []

    def create(path: str, document: Json) -> Json:
        answer: Json = wire.ok("POST", path, document)
        made.append(f"{path}/{answer['metadata']['name']}")
        return answer

    yield create
    for path in made:
        wire.ok("DELETE", path)


def _pod(name: str, **spec: Any) -> Json:
    return {"metadata": {"name": name}, "spec": {"containers": [{"name": "a", "image": "nginx:1"}], **spec}}


def test_priority_comes_from_the_class(wire: Wire, make: Callable[[str, Json], Json]) -> None:
    name = f"{wire.namespace}-high"
    make(PRIORITIES, {"metadata": {"name": name}, "value": 7, "preemptionPolicy": "Never"})
    spec = wire.ok("POST", PODS, _pod("a", priorityClassName=name))["spec"]
    assert (spec["priority"], spec["preemptionPolicy"]) == (7, "Never")
    assert wire.ok("POST", PODS, _pod("b", priorityClassName=name, priority=7))["spec"]["priority"] == 7


def test_a_default_priority_class_is_named_in_the_pod(wire: Wire, make: Callable[[str, Json], Json]) -> None:
    name = f"{wire.namespace}-default"
    make(PRIORITIES, {"metadata": {"name": name}, "value": 3, "globalDefault": True})
    spec = wire.ok("POST", PODS, _pod("a"))["spec"]
    assert (spec["priorityClassName"], spec["priority"]) == (name, 3)


def test_an_unknown_priority_class_is_refused(wire: Wire) -> None:
    refused = wire.fails(403, "POST", PODS, _pod("a", priorityClassName="nowhere"))
    assert refused["message"] == 'pods "a" is forbidden: no PriorityClass with name nowhere was found'


def test_a_priority_that_is_not_the_classes_is_refused(wire: Wire) -> None:
    refused = wire.fails(403, "POST", PODS, _pod("a", priority=5))
    assert refused["message"] == (
        'pods "a" is forbidden: the integer value of priority (5) must not be provided in pod spec; '
        "priority admission controller computed 0 from the given PriorityClass name"
    )


def test_an_update_keeps_what_was_admitted(wire: Wire) -> None:
    pod = wire.ok("POST", PODS, _pod("a"))
    for name in ("priority", "preemptionPolicy"):
        del pod["spec"][name]
    changed = wire.ok("PUT", f"{PODS}/a", {**pod, "metadata": {**pod["metadata"], "labels": {"a": "b"}}})
    assert (changed["spec"]["priority"], changed["spec"]["preemptionPolicy"]) == (0, "PreemptLowerPriority")
    assert [item["key"] for item in changed["spec"]["tolerations"]] == [
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
    ]


def test_a_runtime_class_adds_overhead_and_scheduling(wire: Wire, make: Callable[[str, Json], Json]) -> None:
    name = f"{wire.namespace}-runtime"
    toleration = {"key": "kata", "operator": "Exists"}
    scheduling = {"nodeSelector": {"kata": "yes"}, "tolerations": [toleration]}
    overhead = {"podFixed": {"memory": "120Mi"}}
    document = {"metadata": {"name": name}, "handler": "kata", "overhead": overhead, "scheduling": scheduling}
    make("/apis/node.k8s.io/v1/runtimeclasses", document)
    spec = wire.ok("POST", PODS, _pod("a", runtimeClassName=name, nodeSelector={"a": "b"}))["spec"]
    assert spec["overhead"] == {"memory": "120Mi"}
    assert spec["nodeSelector"] == {"a": "b", "kata": "yes"}
    assert toleration in spec["tolerations"]


def test_an_unknown_runtime_class_is_refused(wire: Wire) -> None:
    refused = wire.fails(403, "POST", PODS, _pod("a", runtimeClassName="nowhere"))
    assert refused["message"] == 'pods "a" is forbidden: pod rejected: RuntimeClass "nowhere" not found'


def _claim(name: str, **spec: Any) -> Json:
    resources = {"requests": {"storage": "1Gi"}}
    return {"metadata": {"name": name}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": resources, **spec}}


def admitted(wire: Wire, path: str, document: Json, field: str) -> Any:
    """What admission puts into the spec, by dry runs: a real server reads its classes from a cache that lags behind."""

    def spec_with_field() -> Any:
        spec = wire.ok("POST", f"{path}?dryRun=All", document)["spec"]
        return spec if field in spec else None

    return eventually(spec_with_field, f"{field} is set")[field]


def test_a_claim_gets_the_default_storage_class(wire: Wire, make: Callable[[str, Json], Json]) -> None:
    assert "storageClassName" not in wire.ok("POST", CLAIMS, _claim("before"))["spec"]
    name = f"{wire.namespace}-storage"
    annotations = {"storageclass.kubernetes.io/is-default-class": "true"}
    document = {"metadata": {"name": name, "annotations": annotations}, "provisioner": "example.org/a"}
    make("/apis/storage.k8s.io/v1/storageclasses", document)
    assert admitted(wire, CLAIMS, _claim("a"), "storageClassName") == name
    assert wire.ok("POST", CLAIMS, _claim("b", storageClassName=""))["spec"]["storageClassName"] == ""


@quiet
def test_an_ingress_gets_the_default_class(
    wire: Wire, make: Callable[[str, Json], Json], answers: Callable[[str], tuple[Any, ...]]
) -> None:
    spec = {"defaultBackend": {"service": {"name": "a", "port": {"number": 80}}}}
    assert "ingressClassName" not in wire.ok("POST", INGRESSES, {"metadata": {"name": "before"}, "spec": spec})["spec"]
    name = f"{wire.namespace}-ingress"
    annotations = {"ingressclass.kubernetes.io/is-default-class": "true"}
    document = {"metadata": {"name": name, "annotations": annotations}, "spec": {"controller": "example.org/a"}}
    make("/apis/networking.k8s.io/v1/ingressclasses", document)
    assert admitted(wire, INGRESSES, {"metadata": {"name": "a"}, "spec": spec}, "ingressClassName") == name
    old = {"metadata": {"name": "b", "annotations": {"kubernetes.io/ingress.class": "x"}}, "spec": spec}
    reply = wire("POST", INGRESSES, old)
    assert (reply.status, "ingressClassName" in reply.json["spec"]) == (201, False)
    assert reply.warnings in answers("warning of an Ingress with an annotation for its class")


def test_pod_templates_are_not_admitted(wire: Wire) -> None:
    """Admission is for pods: what makes them stays as it was sent."""
    template = {"metadata": {"labels": {"a": "b"}}, "spec": _pod("a", priorityClassName="nowhere")["spec"]}
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template}
    made = wire.ok("POST", "/apis/apps/v1/namespaces/{ns}/deployments", {"metadata": {"name": "a"}, "spec": spec})
    assert "tolerations" not in made["spec"]["template"]["spec"]
