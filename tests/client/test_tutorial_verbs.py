# SPDX-License-Identifier: Apache-2.0
"""The tutorial's verbs on classes and objects, over the default client."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from k8s_core import config
from k8s_core.client import Client, ResourceList, default_client
from k8s_core.configuration import Config
from k8s_core.errors import (
    AlreadyExists,
    ConfigError,
    Conflict,
    InvalidName,
    NotFound,
    RequestError,
    ValidationError,
)
from k8s_core.meta import DeleteOptions, LabelSelector, ObjectMeta, Status
from k8s_core.selectors import Equality, Exists, In, Inequality
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
)
from k8s_plugins_builtin.networking.v1 import Ingress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_devkit import ApiServer


@pytest.fixture(autouse=True)
def default(api: ApiServer) -> Iterator[None]:
    """The settings say where the embedded server is; everything in the default namespace is gone afterwards."""
    config.api_server = api.url
    yield
    with api.client() as admin:
        for kind in (Deployment, ConfigMap, Ingress, Pod):
            admin.delete_collection(kind, namespace="default", everything=True, grace_period_seconds=0)
    default_client().close()


def nginx() -> Deployment:
    objectmeta = ObjectMeta(name="nginx", namespace="default", labels={"app": "nginx"})
    container = Container(
        name="nginx",
        image="nginx:1.13",
        ports=[ContainerPort(containerPort=80)],
        readinessProbe=Probe(httpGet=HTTPGetAction(path="/", port=80)),
    )
    template = PodTemplateSpec(metadata=objectmeta, spec=PodSpec(containers=[container]))
    spec = DeploymentSpec(replicas=1, template=template, selector=LabelSelector(matchLabels={"app": "nginx"}))
    return Deployment(metadata=objectmeta, spec=spec)


def ingress(name: str, **labels: str) -> Ingress:
    return Ingress.from_dict(
        {
            "metadata": {"name": name, "labels": labels},
            "spec": {"defaultBackend": {"service": {"name": "s", "port": {"number": 80}}}},
        }
    )


def test_the_chapters_on_creating_reading_updating_and_deleting() -> None:
    deployment = nginx()
    deployment.save()
    assert deployment.metadata.uid
    assert [found.metadata.name for found in Deployment.list()] == ["nginx"]
    deployment = Deployment.get("nginx")
    deployment.spec.replicas = 2
    deployment.save()
    assert Deployment.get("nginx").spec.replicas == 2
    Deployment.delete("nginx", body={"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"})
    with pytest.raises(NotFound):
        Deployment.get("nginx")


def test_get_of_a_kind_that_the_server_made() -> None:
    assert Namespace.get("default").metadata.name == "default"
    assert "default" in [namespace.metadata.name for namespace in Namespace.list(namespace=None)]


def test_save_updates_the_object_in_place() -> None:
    deployment = nginx()
    spec, labels = deployment.spec, deployment.metadata.labels
    container = deployment.spec.template.spec.containers[0]
    deployment.save()
    first = deployment.metadata.resourceVersion
    spec.replicas = 3
    labels["tier"] = "front"
    container.image = "nginx:2"
    deployment.save()
    assert deployment.spec.template.spec.containers[0].image == "nginx:2"
    assert deployment.metadata.resourceVersion != first
    assert (deployment.spec.replicas, deployment.metadata.labels) == (3, {"app": "nginx", "tier": "front"})
    assert deployment == Deployment.get("nginx")


def test_save_of_a_new_object_creates_and_of_a_known_one_replaces(api: ApiServer) -> None:
    obj = ConfigMap(metadata=ObjectMeta(name="x"))
    before = len(api.requests)
    obj.save()
    obj.data["a"] = "b"
    obj.save()
    assert [request.method for request in list(api.requests)[before:]] == ["POST", "PUT"]
    with pytest.raises(AlreadyExists):
        ConfigMap(metadata=ObjectMeta(name="x")).save()


def test_a_save_that_fails_changes_nothing() -> None:
    obj = ConfigMap(metadata=ObjectMeta(name="x"), data={"a": "1"})
    obj.save()
    other = ConfigMap.get("x")
    other.data["a"] = "2"
    other.save()
    obj.data["a"] = "3"
    before = obj.to_dict()
    with pytest.raises(Conflict):
        obj.save()
    assert obj.to_dict() == before
    with pytest.raises(ValidationError):
        Deployment(metadata=ObjectMeta(name="x"), spec=DeploymentSpec(replicas=1)).save()  # type: ignore[call-arg]  # missing on purpose


def test_save_status() -> None:
    deployment = nginx()
    deployment.save()
    deployment.status.observedGeneration = 5
    deployment.spec.replicas = 9
    deployment.save_status()
    assert deployment.status.observedGeneration == 5
    assert (deployment.spec.replicas, Deployment.get("nginx").spec.replicas) == (1, 1)


def test_get_or_create_gives_an_object_to_change_and_save() -> None:
    fresh = Deployment.get_or_create("nginx")
    assert (fresh.metadata.name, fresh.metadata.namespace) == ("nginx", "default")
    with pytest.raises(NotFound):
        Deployment.get("nginx")
    fresh.spec = nginx().spec
    fresh.save()
    again = Deployment.get_or_create("nginx")
    assert again.metadata.uid == fresh.metadata.uid
    again.spec.replicas = 2
    again.save()
    assert Deployment.get("nginx").spec.replicas == 2


def test_get_or_create_with_fields() -> None:
    wanted = nginx()
    created = Deployment.get_or_create(metadata=wanted.metadata, spec=wanted.spec)
    created.save()
    created.metadata.annotations["kept"] = "yes"
    created.save()
    spec = wanted.spec.copy()
    spec.replicas = 7
    updated = Deployment.get_or_create(metadata=ObjectMeta(name="nginx", labels={"new": "label"}), spec=spec)
    assert updated.metadata.uid == created.metadata.uid
    assert updated.metadata.resourceVersion == created.metadata.resourceVersion
    assert updated.metadata.annotations["kept"] == "yes"
    assert updated.metadata.labels == {"new": "label"}
    updated.save()
    assert Deployment.get("nginx").spec.replicas == 7


def test_get_or_create_needs_one_name() -> None:
    with pytest.raises(InvalidName, match="needs the name of the Deployment"):
        Deployment.get_or_create()
    with pytest.raises(InvalidName, match="differ"):
        Deployment.get_or_create("a", metadata=ObjectMeta(name="b"))
    with pytest.raises(InvalidName, match=r"metadata\.namespace"):
        Deployment.get_or_create("a", namespace="x", metadata=ObjectMeta(namespace="y"))
    with pytest.raises(TypeError, match="did you mean 'spec'"):
        Deployment.get_or_create("a", specs=1)


def test_find() -> None:
    for name, labels in (("a", {"app": "x"}), ("b", {"app": "y", "tier": "z"}), ("c", {"tier": "z"})):
        ConfigMap(metadata=ObjectMeta(name=name, labels=labels)).save()

    def found(**arguments: object) -> list[str | None]:
        return [obj.metadata.name for obj in ConfigMap.find(**arguments)]  # type: ignore[arg-type]  # several forms

    assert found(name="x") == ["a"]
    assert found(labels={"app": Exists()}) == ["a", "b"]
    assert found(labels={"app": In(["x", "y"]), "tier": "z"}) == ["b"]
    assert found(labels={"app": Inequality("y")}) == ["a", "c"]
    assert found(name="x", labels={"tier": "z"}) == ["b", "c"]
    assert found() == ["a", "b", "c"]
    assert found(namespace="kube-system") == []
    assert found(namespace=None, labels="tier=z") == ["b", "c"]


def test_list_with_meta() -> None:
    ConfigMap(metadata=ObjectMeta(name="x")).save()
    found = ConfigMap.list_with_meta()
    assert isinstance(found, ResourceList)
    assert found.metadata.resourceVersion
    assert [obj.metadata.name for obj in found] == ["x"]


def test_delete_with_a_dict_or_a_model() -> None:
    for body in ({"propagationPolicy": "Foreground"}, DeleteOptions(gracePeriodSeconds=0), None):
        ConfigMap(metadata=ObjectMeta(name="x")).save()
        ConfigMap.delete("x", body=body)  # type: ignore[arg-type]  # mypy joins the three to object
    ConfigMap(metadata=ObjectMeta(name="x")).save()
    assert isinstance(ConfigMap.delete("x"), Status)
    with pytest.raises(RequestError, match="did you mean 'propagationPolicy'"):
        ConfigMap.delete("x", body={"propogationPolicy": "Foreground"})


def test_delete_list_of_the_tutorial() -> None:
    for name, labels in (("a", {"foo": "bar"}), ("b", {"foo": "bar", "dog": "cat"}), ("c", {"foo": "baz"})):
        ingress(name, **labels).save()
    Ingress.delete_list(
        labels={"foo": Equality("bar"), "dog": Inequality("cat")},
        delete_options=DeleteOptions(propagationPolicy="Background"),
    )
    assert [found.metadata.name for found in Ingress.list()] == ["b", "c"]


def test_watch_list() -> None:
    ConfigMap(metadata=ObjectMeta(name="a")).save()
    events = ConfigMap.watch_list(namespace="default")
    first = next(event for event in events if event.object.metadata.name == "a")
    assert (first.type, type(first.object)) == ("ADDED", ConfigMap)
    ConfigMap(metadata=ObjectMeta(name="b")).save()
    assert next(events).object.metadata.name == "b"
    events.close()  # type: ignore[attr-defined]  # it is a generator


def test_every_verb_takes_a_client(api: ApiServer) -> None:
    config.api_server = "http://127.0.0.1:9"
    with api.client() as client:
        obj = ConfigMap(metadata=ObjectMeta(name="x"))
        obj.save(client=client)
        assert ConfigMap.get("x", client=client) == obj
        assert len(ConfigMap.list(client=client)) == len(ConfigMap.list_with_meta(client=client)) == 1
        assert ConfigMap.find("y", client=client) == []
        assert ConfigMap.get_or_create("x", client=client) == obj
        assert next(iter(ConfigMap.watch_list("default", client=client))).type == "ADDED"
        ConfigMap.delete("x", client=client)
        ConfigMap.delete_list(everything=True, client=client)
    config.api_server = api.url


def test_one_object_needs_one_namespace() -> None:
    with pytest.raises(RequestError, match="ConfigMap is namespaced"):
        ConfigMap.get("x", namespace=None)  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(RequestError, match="namespaced"):
        ConfigMap.delete_list(namespace=None)  # type: ignore[arg-type]  # wrong on purpose


# -- the default client


def test_the_default_client_is_kept_until_a_setting_changes(api: ApiServer) -> None:
    client = default_client()
    assert default_client() is client
    config.timeout = 7
    changed = default_client()
    assert changed is not client
    assert changed.config.timeout == 7
    config.timeout = 7
    assert default_client() is changed


def test_an_older_default_client_still_works(api: ApiServer) -> None:
    client = default_client()
    config.timeout = 8
    default_client()
    assert client.list(ConfigMap) == []
    client.close()


def test_nothing_configured(monkeypatch: pytest.MonkeyPatch, api: ApiServer) -> None:
    config.reset()
    with pytest.raises(ConfigError):
        ConfigMap.list()
    config.api_server = api.url


def test_active_is_the_default_inside_of_a_with_for_this_thread_only(api: ApiServer) -> None:
    others: list[Client] = []
    with Client(Config(server=api.url)) as outer, Client(Config(server=api.url)) as inner:
        default = default_client()
        with outer.active() as active:
            assert active is outer
            assert default_client() is outer
            with inner.active():
                assert default_client() is inner
                thread = threading.Thread(target=lambda: others.append(default_client()))
                thread.start()
                thread.join()
            assert default_client() is outer
        assert default_client() is default
    assert others == [default]


def test_many_threads_get_one_default_client() -> None:
    config.timeout = 9
    start, found = threading.Barrier(8), list[Client]()

    def ask() -> None:
        start.wait()
        found.append(default_client())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, found))) == 1


def test_importing_the_verbs_loads_no_client() -> None:
    code = (
        "import sys, k8s_core.model; print([m for m in sys.modules if m in ('k8s_core.client', 'urllib3', 'pluggy')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
