# SPDX-License-Identifier: Apache-2.0
"""The tutorial, chapter by chapter, as users write it: the same code on both servers."""

from __future__ import annotations

import threading

import pytest

from k8s_core import Watcher, config
from k8s_core.errors import Conflict, FieldTypeError, NotFound, ValidationError
from k8s_core.meta import DeleteOptions, LabelSelector, ObjectMeta
from k8s_core.selectors import Equality, Exists, In, Inequality, NotExists, NotIn
from k8s_plugins_builtin.apps.v1 import Deployment, DeploymentSpec
from k8s_plugins_builtin.core.v1 import (
    ConfigMap,
    Container,
    ContainerPort,
    HTTPGetAction,
    Namespace,
    Pod,
    PodSpec,
    PodTemplateSpec,
    Probe,
    Service,
    ServicePort,
    ServiceSpec,
)
from k8s_plugins_builtin.networking.v1 import (
    Ingress,
    IngressBackend,
    IngressServiceBackend,
    IngressSpec,
    ServiceBackendPort,
)


def nginx(namespace: str) -> Deployment:
    objectmeta = ObjectMeta(name="nginx", namespace=namespace, labels={"app": "nginx"})
    container = Container(
        name="nginx",
        image="nginx:1.13",
        ports=[ContainerPort(containerPort=80)],
        readinessProbe=Probe(httpGet=HTTPGetAction(path="/", port=80)),
    )
    template = PodTemplateSpec(metadata=objectmeta, spec=PodSpec(containers=[container]))
    selector = LabelSelector(matchLabels={"app": "nginx"})
    return Deployment(metadata=objectmeta, spec=DeploymentSpec(replicas=1, template=template, selector=selector))


def ingress(namespace: str, name: str, labels: dict[str, str]) -> Ingress:
    backend = IngressServiceBackend(name="nginx", port=ServiceBackendPort(number=80))
    metadata = ObjectMeta(name=name, namespace=namespace, labels=labels)
    return Ingress(metadata=metadata, spec=IngressSpec(defaultBackend=IngressBackend(service=backend)))


@pytest.mark.usefixtures("tutorial")
def test_1_configure() -> None:
    assert config.api_server.startswith("http")
    assert Namespace.get("default").status.phase == "Active"
    assert {"default", "kube-system"} <= {item.metadata.name for item in Namespace.list(namespace=None)}


def test_2_create(tutorial: str) -> None:
    deployment = nginx(tutorial)
    deployment.save()
    assert deployment.metadata.uid
    assert deployment.metadata.generation == 1
    assert deployment.metadata.creationTimestamp is not None
    with pytest.raises(TypeError, match="keyword arguments only"):
        Probe(HTTPGetAction(path="/", port=80))  # type: ignore[misc]  # the mistake of the original tutorial
    with pytest.raises(FieldTypeError):
        deployment.spec.replicas = "two"  # type: ignore[assignment]  # what the runtime must refuse
    with pytest.raises(ValidationError, match=r"spec\.selector"):
        Deployment(
            metadata=ObjectMeta(name="empty", namespace=tutorial),
            spec=DeploymentSpec(template=PodTemplateSpec()),  # type: ignore[call-arg]  # the point
        ).save()


def test_3_list_and_get(tutorial: str) -> None:
    nginx(tutorial).save()
    assert [item.metadata.name for item in Deployment.list(tutorial)] == ["nginx"]
    found = Deployment.get("nginx", tutorial)
    assert found.spec.template.spec.containers[0].readinessProbe.httpGet.path == "/"
    assert found.spec.paused is None
    assert "nginx" in [item.metadata.name for item in Deployment.list(namespace=None)]
    with pytest.raises(NotFound) as caught:
        Deployment.get("apache", tutorial)
    assert caught.value.message == 'deployments.apps "apache" not found'
    assert caught.value.details["name"] == "apache"
    for name, labels in (("public", {"dog": "terrier"}), ("private", {"dog": "cat"}), ("plain", {"a": "b"})):
        ingress(tutorial, name, labels).save()

    def names(**selector: object) -> list[str]:
        return [item.metadata.name for item in Ingress.find(labels=selector, namespace=tutorial)]

    assert names(dog=In("terrier", "poodle")) == ["public"]
    assert names(dog=Exists()) == ["private", "public"]
    assert names(dog=NotExists()) == ["plain"]
    assert names(dog=NotIn("cat")) == ["plain", "public"]
    assert Ingress.list_with_meta(tutorial).metadata.resourceVersion.isdigit()


def test_4_update(tutorial: str) -> None:
    nginx(tutorial).save()
    deployment = Deployment.get("nginx", tutorial)
    deployment.spec.replicas = 2
    deployment.metadata.annotations["example.com/owner"] = "platform"
    deployment.spec.template.spec.nodeSelector["disk"] = "ssd"
    deployment.save()
    read = Deployment.get("nginx", tutorial)
    assert (read.spec.replicas, read.metadata.annotations) == (2, {"example.com/owner": "platform"})
    assert read.metadata.generation == 2
    again = Deployment.get_or_create("nginx", tutorial)
    again.spec.replicas = 3
    again.save()
    service = Service.get_or_create(
        metadata=ObjectMeta(name="metrics", namespace=tutorial), spec=ServiceSpec(ports=[ServicePort(port=9090)])
    )
    service.save()
    assert service.spec.ports[0].protocol == "TCP"
    mine, theirs = Deployment.get("nginx", tutorial), Deployment.get("nginx", tutorial)
    theirs.spec.replicas = 4
    theirs.save()
    mine.spec.replicas = 1
    with pytest.raises(Conflict, match="the object has been modified"):
        mine.save()


def test_4_save_status(tutorial: str) -> None:
    nginx(tutorial).save()
    deployment = Deployment.get("nginx", tutorial)
    deployment.status.replicas = 1
    deployment.spec.replicas = 9
    deployment.save_status()
    read = Deployment.get("nginx", tutorial)
    assert (read.status.replicas, read.spec.replicas) == (1, 1)


def test_5_delete(tutorial: str) -> None:
    nginx(tutorial).save()
    options = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Foreground"}
    answer = Deployment.delete("nginx", tutorial, body=options)
    assert answer.metadata.deletionTimestamp is not None
    ConfigMap(metadata=ObjectMeta(name="a", namespace=tutorial)).save()
    ConfigMap.delete("a", tutorial, body=DeleteOptions(propagationPolicy="Background", gracePeriodSeconds=0))
    with pytest.raises(NotFound):
        ConfigMap.get("a", tutorial)
    with pytest.raises(NotFound):
        ConfigMap.delete("a", tutorial)


def test_6_delete_list(tutorial: str) -> None:
    for name, labels in (
        ("public", {"foo": "bar", "dog": "terrier"}),
        ("private", {"foo": "bar", "dog": "cat"}),
        ("other", {"foo": "x"}),
        ("doglessness", {"foo": "bar"}),
    ):
        ingress(tutorial, name, labels).save()
    Ingress.delete_list(
        tutorial,
        labels={"foo": Equality("bar"), "dog": Inequality("cat")},
        delete_options=DeleteOptions(propagationPolicy="Background"),
    )
    assert [item.metadata.name for item in Ingress.list(tutorial)] == ["other", "private"]


def test_7_watch(tutorial: str) -> None:
    ConfigMap(metadata=ObjectMeta(name="settings", namespace=tutorial), data={"colour": "blue"}).save()
    seen = []
    with Watcher(ConfigMap) as watcher:
        for event in watcher.watch(namespace=tutorial):
            if event.object.metadata.name != "settings":
                continue
            seen.append((event.type, event.object.data["colour"]))
            if event.type == "ADDED":
                settings = ConfigMap.get("settings", tutorial)
                settings.data["colour"] = "red"
                settings.save()
            elif event.type == "MODIFIED":
                ConfigMap.delete("settings", tutorial)
            else:
                break
    assert seen == [("ADDED", "blue"), ("MODIFIED", "red"), ("DELETED", "red")]


def test_7_watch_list(tutorial: str) -> None:
    metadata = ObjectMeta(name="one-shot", namespace=tutorial)
    Pod(metadata=metadata, spec=PodSpec(containers=[Container(name="main", image="busybox")])).save()
    for event in Pod.watch_list(namespace=tutorial):
        assert (event.type, event.object.metadata.name) == ("ADDED", "one-shot")
        break


def test_7_a_watcher_is_stopped_from_another_thread(tutorial: str) -> None:
    watcher = Watcher(ConfigMap)
    timer = threading.Timer(0.2, watcher.stop)
    timer.start()
    for event in watcher.watch(namespace=tutorial):
        assert event.type == "ADDED"  # kube-root-ca.crt, where a controller makes one
    timer.join()
