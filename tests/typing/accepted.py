# SPDX-License-Identifier: Apache-2.0
"""What type checkers must accept, and the types that they must see. Checked by mypy and pyright, never run."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Literal, assert_type

from k8s_core import (
    ABSENT,
    ALL_NAMESPACES,
    Client,
    Config,
    Model,
    Registry,
    Resource,
    Watcher,
    WatchEvent,
    config,
    field,
)
from k8s_core.client import URL, ApplyReport, DeleteReport, ResourceList
from k8s_core.errors import ApiError, KubernetesError, NotFound
from k8s_core.meta import LabelSelector, ObjectMeta
from k8s_core.redaction import reveal
from k8s_core.selectors import Equality, Inequality
from k8s_devkit import ApiServer, ControlPlane
from k8s_plugins_builtin.apps.v1 import Deployment, DeploymentSpec
from k8s_plugins_builtin.core.v1 import ConfigMap, Container, ContainerPort, Pod, PodSpec, PodTemplateSpec, Secret


class Engine(Model):
    """A model of one's own."""

    power: int
    fuel: Literal["diesel", "electric"] | None = None
    parts: list[str] = ABSENT
    labels: dict[str, str] = ABSENT
    from_: str | None = field("from", default=None)
    raw: Any = ABSENT


class Car(Resource, group="example.com", version="v1", plural="cars"):
    """A kind of one's own."""

    engine: Engine


def models(pod: Pod) -> None:
    """Attributes have the declared types; optional models are never None."""
    container = Container(name="app", image="nginx", ports=[ContainerPort(containerPort=80)])
    deployment = Deployment(
        metadata=ObjectMeta(name="nginx", labels={"app": "nginx"}),
        spec=DeploymentSpec(
            replicas=2,
            selector=LabelSelector(matchLabels={"app": "nginx"}),
            template=PodTemplateSpec(spec=PodSpec(containers=[container])),
        ),
    )
    assert_type(deployment.metadata, ObjectMeta)
    assert_type(deployment.metadata.name, str | None)
    assert_type(deployment.spec.replicas, int | None)
    assert_type(deployment.spec.template.spec.containers[0].image, str | None)
    assert_type(pod.spec.nodeName, str | None)
    deployment.metadata.labels["a"] = "b"
    deployment.spec.replicas = None
    del deployment.metadata.labels["a"]
    assert_type(Deployment.from_dict({}), Deployment)
    assert_type(Deployment.from_dict({}, strict=True), Deployment)
    assert_type(pod.copy(), Pod)
    assert_type(pod.to_dict(), dict[str, Any])


def own_kinds() -> None:
    """Classes of one's own are as well typed as the built-in ones."""
    car = Car(metadata=ObjectMeta(name="a"), engine=Engine(power=100, fuel="diesel", from_="x"))
    assert_type(car.metadata, ObjectMeta)
    assert_type(car.engine, Engine)
    assert_type(car.engine.parts, list[str])
    assert_type(car.engine.fuel, Literal["diesel", "electric"] | None)


def any_kind(obj: Resource, event: WatchEvent[Resource]) -> None:
    """Every kind has metadata, whichever it is."""
    assert_type(obj.metadata, ObjectMeta)
    assert_type(event.object.metadata.name, str | None)
    obj.metadata.labels["a"] = "b"


def tutorial_style() -> None:
    """Verbs on the classes."""
    config.api_server = "https://localhost:6443"
    config.verify_ssl = False
    assert_type(Deployment.get("nginx"), Deployment)
    assert_type(Deployment.get_or_create("nginx"), Deployment)
    assert_type(Pod.list(namespace=None), ResourceList[Pod])
    for pod in Pod.find("nginx", labels={"foo": Equality("bar"), "dog": Inequality("cat")}):
        assert_type(pod, Pod)
        pod.save()
    Deployment.delete("nginx", body={"propagationPolicy": "Foreground"})
    for event in Pod.watch_list(namespace="default"):
        assert_type(event, WatchEvent[Pod])
        assert_type(event.object, Pod)
    for event in Watcher(Pod, capacity=100).watch():
        assert_type(event.object, Pod)
    with closing(Pod.watch_list(namespace=None)) as events:  # leaving the block closes the connection
        assert_type(next(events), WatchEvent[Pod])


def explicit_style() -> None:
    """Verbs of a client keep the class that they are given."""
    with Client(Config.from_kubeconfig(context="prod")) as client:
        assert_type(client.get(ConfigMap, "a"), ConfigMap)
        assert_type(client.list(Pod, namespace=ALL_NAMESPACES), ResourceList[Pod])
        assert_type(client.create(Secret(metadata=ObjectMeta(name="a"), data={"k": b"v"})), Secret)
        assert_type(client.registry, Registry)
        with client.active():
            assert_type(Car.get("a"), Car)


def names_and_handles(client: Client, registry: Registry) -> None:
    """A kind that is given by its name has objects of any type; a handle keeps its class."""
    assert_type(client.get("pods", "a"), Any)
    assert_type(client.list("pods")[0], Any)
    assert_type(client.resource("pods").get("a"), Any)
    assert_type(client.class_for("v1", "Pod")(), Any)
    assert_type(registry.get("v1", "Pod").from_dict({}).spec, Any)
    assert_type(client.list(Pod)[0], Pod)
    pods = client.kind(Pod)
    assert_type(pods.get("a"), Pod)
    assert_type(pods.list()[0], Pod)
    assert_type(client.kind("pods").get("a"), Any)


def sources(client: Client) -> None:
    """Documents are strings, places to read them from, objects, or several of the last two."""
    assert_type(client.apply_all("kind: List", field_manager="m"), ApplyReport)
    path = Path("shop.yaml")
    with path.open("rb") as binary, path.open() as text:
        for source in (path, binary, text, sys.stdin, sys.stdin.buffer, URL("https://example.com/install.yaml")):
            client.apply_all(source, field_manager="m", recursive=True)
    pod = Pod(metadata=ObjectMeta(name="a"))
    assert_type(client.delete_all([path, pod, {"apiVersion": "v1", "kind": "Pod"}], wait=60.0), DeleteReport)


def waiting(client: Client, pod: Pod) -> None:
    """The condition decides: nothing is left to return after a deletion."""
    client.wait(pod, "delete")
    client.kind(Pod).wait("a", "delete")
    assert_type(client.wait(pod, "ready"), Pod)
    assert_type(client.wait(Pod, "condition=Ready", name="a"), Pod)
    assert_type(client.wait(pod, lambda found: found.spec.nodeName), Pod)
    assert_type(client.wait("pods", "ready", name="a"), Any)
    assert_type(client.kind(Pod).wait("a", "ready"), Pod)
    assert_type(client.wait(Pod, "ready", labels={"app": "web"}, namespace=ALL_NAMESPACES), list[Pod])
    assert_type(client.wait(Pod, "delete", labels={"app": "web"}), list[Pod])
    assert_type(client.wait(client.list(Pod), "ready", until="any"), list[Pod])
    pods = [pod, pod]
    assert_type(client.wait(pods, "ready"), list[Pod])
    assert_type(client.wait(pods, "delete"), list[Pod])
    assert_type(client.kind(Pod).wait(condition="ready", labels={"app": "web"}), list[Pod])


def deleting(deployment: Deployment) -> None:
    """An object deletes itself, and a class the object of a name."""
    deployment.delete()
    deployment.delete(body={"propagationPolicy": "Foreground"})
    Deployment.delete("nginx")


def several_kinds() -> None:
    """A group of watchers keeps what its kinds have in common."""
    for event in Watcher.any(Pod, namespaces=["a", "b"]).watch():
        assert_type(event, WatchEvent[Pod])
    for either in Watcher.any(Pod, Secret).watch():
        if isinstance(either.object, Pod):
            assert_type(either.object.spec, PodSpec)


def secrets(config: Config) -> None:
    """A setting is revealed, whichever way it was given."""
    assert_type(reveal(config.token), str | None)
    if config.auth_provider is not None:
        assert_type(reveal(config.auth_provider.config), Mapping[str, str])


def errors(client: Client) -> str:
    """One root; the Status is in typed attributes."""
    try:
        client.get(Pod, "a")
    except NotFound as error:
        assert_type(error.code, int)
        return error.message
    except ApiError as error:
        return error.reason
    except KubernetesError as error:
        return str(error)
    return ""


def servers() -> None:
    """Both servers for tests look alike."""
    with ApiServer() as server, server.client() as client:
        assert_type(client, Client)
        assert_type(server.config(), Config)
    with ControlPlane() as plane, plane.client() as client, plane.node() as node:
        assert_type(node.run(Pod()), Pod)
        assert_type(node.finish(Pod(), exit_code=1), Pod)
        assert_type(client, Client)
        assert_type(plane.kubeconfig(), str)
