# SPDX-License-Identifier: Apache-2.0
"""``make demo``: the whole tutorial, step by step, against an embedded API server or a cluster of yours.

Each step shows the code that runs and what came of it. Everything happens in one namespace; on a cluster it is a new
one, which is deleted at the end.
"""

from __future__ import annotations

import argparse
import contextlib
import secrets
import sys
import textwrap
import threading
import time
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table

from k8s_core import Watcher, config
from k8s_core.errors import KubernetesError, NotFound
from k8s_core.meta import DeleteOptions, LabelSelector, ObjectMeta
from k8s_core.selectors import Equality, Inequality
from k8s_devkit import ApiServer
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

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from k8s_core import Resource

console = Console(highlight=False)


def step(title: str, code: str) -> None:
    """Announce a step and show the code that is about to run."""
    console.rule(f"[bold cyan]{title}", align="left")
    console.print(
        Syntax(textwrap.dedent(code).strip(), "python", theme="ansi_dark", background_color="default", word_wrap=True)
    )


def result(text: str) -> None:
    """Show what came of a step."""
    console.print(f"[green]→[/green] {text}", soft_wrap=True)


def table(objects: Iterable[Resource], *columns: str) -> None:
    """Show objects as a table: name, and fields given as dotted paths."""
    view = Table("NAME", *(column.rpartition(".")[2].upper() for column in columns), box=None, header_style="bold")
    for obj in objects:
        cells: list[str] = []
        for column in columns:
            value: Any = obj
            for part in column.split("."):
                value = getattr(value, part)
            cells.append(str(value))
        view.add_row(str(obj.metadata.name), *cells)
    console.print(view)


@contextlib.contextmanager
def api_server(kubeconfig: str | None, wait: float) -> Iterator[str]:
    """Chapter 1: point ``config`` at a server; gives the namespace to work in and leaves nothing behind."""
    if kubeconfig is None:
        step("1. Configure", 'server = ApiServer().start()\nconfig.api_server = server.url\nService.get("kubernetes")')
        with ApiServer() as server:
            config.reset()
            config.api_server = server.url
            service = Service.get("kubernetes")
            result(f"an API server in this process at {server.url}")
            table([service], "spec.clusterIP", "spec.type", "metadata.labels")
            yield "default"
        return
    name = f"k8s-core-demo-{secrets.token_hex(3)}"
    step(
        "1. Configure", f'config.load_kubeconfig({kubeconfig!r})\nNamespace(metadata=ObjectMeta(name="{name}")).save()'
    )
    config.load_kubeconfig(kubeconfig)
    Namespace(metadata=ObjectMeta(name=name, labels={"app.kubernetes.io/managed-by": "k8s-core-demo"})).save()
    result(f"your cluster at {config.to_config().server}; everything happens in the new namespace {name}")
    try:
        yield name
    finally:
        clean_up(name, wait)


def clean_up(namespace: str, wait: float) -> None:
    """Delete what the demo made, then its namespace, and wait until the cluster has let go of it."""
    for kind in (Deployment, Service, Ingress, ConfigMap, Pod):
        for obj in kind.list(namespace):
            with contextlib.suppress(NotFound):
                kind.delete(obj.metadata.name, namespace, body=DeleteOptions(propagationPolicy="Background"))
    Namespace.delete(namespace)
    deadline = time.monotonic() + wait
    with console.status(f"waiting for namespace {namespace} to go"):
        while time.monotonic() < deadline:
            try:
                Namespace.get(namespace)
            except NotFound:
                result(f"namespace {namespace} is gone")
                return
            time.sleep(0.5)
    result(f"namespace {namespace} is being deleted by the cluster")


def create(namespace: str) -> None:
    """Chapter 2."""
    step(
        "2. Create",
        """
        objectmeta = ObjectMeta(name="nginx", namespace=namespace, labels={"app": "nginx"})
        container = Container(
            name="nginx",
            image="nginx:1.13",
            ports=[ContainerPort(containerPort=80)],
            readinessProbe=Probe(httpGet=HTTPGetAction(path="/", port=80)),
        )
        template = PodTemplateSpec(metadata=objectmeta, spec=PodSpec(containers=[container]))
        selector = LabelSelector(matchLabels={"app": "nginx"})
        spec = DeploymentSpec(replicas=1, template=template, selector=selector)
        deployment = Deployment(metadata=objectmeta, spec=spec)
        deployment.save()
        """,
    )
    objectmeta = ObjectMeta(name="nginx", namespace=namespace, labels={"app": "nginx"})
    container = Container(
        name="nginx",
        image="nginx:1.13",
        ports=[ContainerPort(containerPort=80)],
        readinessProbe=Probe(httpGet=HTTPGetAction(path="/", port=80)),
    )
    template = PodTemplateSpec(metadata=objectmeta, spec=PodSpec(containers=[container]))
    selector = LabelSelector(matchLabels={"app": "nginx"})
    deployment = Deployment(metadata=objectmeta, spec=DeploymentSpec(replicas=1, template=template, selector=selector))
    deployment.save()
    result(f"created with uid {deployment.metadata.uid}")
    try:
        deployment.spec.replicas = "two"  # type: ignore[assignment]  # shows the error
    except KubernetesError as error:
        result(f'deployment.spec.replicas = "two" raises: {error}')
    Service(
        metadata=ObjectMeta(name="nginx", namespace=namespace, labels={"app": "nginx"}),
        spec=ServiceSpec(selector={"app": "nginx"}, ports=[ServicePort(name="http", port=80)]),
    ).save()
    for name, dog in (("public", "terrier"), ("private", "cat")):
        backend = IngressServiceBackend(name="nginx", port=ServiceBackendPort(number=80))
        Ingress(
            metadata=ObjectMeta(name=name, namespace=namespace, labels={"foo": "bar", "dog": dog}),
            spec=IngressSpec(defaultBackend=IngressBackend(service=backend)),
        ).save()
    result("and a Service and two Ingresses")


def list_and_get(namespace: str) -> None:
    """Chapter 3."""
    step("3. List and get", 'Deployment.list(namespace)\nDeployment.get("nginx", namespace)\nIngress.list(namespace)')
    table(Deployment.list(namespace), "spec.replicas", "metadata.generation", "metadata.labels")
    image = Deployment.get("nginx", namespace).spec.template.spec.containers[0].image
    result(f"the image of its container is {image}")
    table(Ingress.list(namespace), "metadata.labels")
    try:
        Deployment.get("apache", namespace)
    except NotFound as error:
        result(f'Deployment.get("apache") raises NotFound: {error.message}')


def update(namespace: str) -> None:
    """Chapter 4."""
    step(
        "4. Update",
        """
        deployment = Deployment.get_or_create("nginx", namespace)
        deployment.spec.replicas = 2
        deployment.metadata.annotations["example.com/owner"] = "platform"
        deployment.save()
        """,
    )
    deployment = Deployment.get_or_create("nginx", namespace)
    deployment.spec.replicas = 2
    deployment.metadata.annotations["example.com/owner"] = "platform"
    deployment.save()
    table([Deployment.get("nginx", namespace)], "spec.replicas", "metadata.generation", "metadata.annotations")


def delete(namespace: str) -> None:
    """Chapter 5."""
    step(
        "5. Delete",
        """
        delete_options = {
            "kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Foreground"
        }
        Deployment.delete("nginx", namespace, body=delete_options)
        """,
    )
    delete_options = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Foreground"}
    answer = Deployment.delete("nginx", namespace, body=delete_options)
    result(f"the server answered with a {answer.kind}")


def delete_list(namespace: str) -> None:
    """Chapter 6."""
    step(
        "6. Delete by selector",
        """
        Ingress.delete_list(
            namespace,
            labels={"foo": Equality("bar"), "dog": Inequality("cat")},
            delete_options=DeleteOptions(propagationPolicy="Background"),
        )
        Ingress.list(namespace)
        """,
    )
    options = DeleteOptions(propagationPolicy="Background")
    Ingress.delete_list(namespace, labels={"foo": Equality("bar"), "dog": Inequality("cat")}, delete_options=options)
    table(Ingress.list(namespace), "metadata.labels")


def paint(namespace: str) -> None:
    """What somebody else does while the watch runs."""
    settings = ConfigMap.get("settings", namespace)
    for colour in ("green", "red"):
        settings.data["colour"] = colour
        settings.save()
    ConfigMap.delete("settings", namespace)


def watch(namespace: str) -> None:
    """Chapter 7."""
    step(
        "7. Watch",
        """
        for event in Watcher(ConfigMap).watch(namespace=namespace):
            print(event.type, event.object.metadata.name, event.object.data["colour"])
        """,
    )
    ConfigMap(metadata=ObjectMeta(name="settings", namespace=namespace), data={"colour": "blue"}).save()
    writer = threading.Thread(target=paint, args=(namespace,), daemon=True)
    with Watcher(ConfigMap) as watcher:
        for event in watcher.watch(namespace=namespace):
            # A cluster may put objects of its own into a new namespace.
            if event.object.metadata.name != "settings":
                continue
            result(f"{event.type:<8} settings {event.object.data['colour']}")
            if event.type == "ADDED":
                writer.start()
            elif event.type == "DELETED":
                break
    writer.join()
    step("   and the short form", "for event in Pod.watch_list(namespace=namespace):\n    break")
    container = Container(name="main", image="busybox")
    Pod(metadata=ObjectMeta(name="one-shot", namespace=namespace), spec=PodSpec(containers=[container])).save()
    for pod_event in Pod.watch_list(namespace=namespace):
        result(f"{pod_event.type:<8} {pod_event.object.metadata.name}")
        break


CHAPTERS = (create, list_and_get, update, delete, delete_list, watch)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make demo", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kubeconfig", help="run on the cluster of this kubeconfig, in a namespace of its own")
    parser.add_argument("--wait", type=float, default=30, help="seconds to wait for that namespace to be gone")
    options = parser.parse_args(arguments)
    try:
        with api_server(options.kubeconfig, options.wait) as namespace:
            for chapter in CHAPTERS:
                chapter(namespace)
    except KubernetesError as error:
        console.print(f"[red]error:[/red] {error}", soft_wrap=True)
        return 1
    console.rule("[bold green]done", align="left")
    result("every step ran; docs/tutorial explains them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
