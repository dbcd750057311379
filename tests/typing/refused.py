# SPDX-License-Identifier: Apache-2.0
"""What type checkers must refuse: each line with an ``ignore`` is an error that both report.

An ``ignore`` that is not needed is an error itself, so a mistake that is no longer found fails the check.
"""

from __future__ import annotations

from k8s_core import ABSENT, Client, Model
from k8s_core.meta import ObjectMeta
from k8s_plugins_builtin.core.v1 import ConfigMap, Container, ContainerPort, Pod


class Engine(Model):
    """Its first field is required."""

    power: int
    parts: list[str] = ABSENT


def constructors() -> None:
    """Keywords only, known names, right types, required ones given."""
    Engine()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Engine(100)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Engine(power="much")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Engine(power=1, colour="red")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Engine(power=1, parts=["a", 2])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    ContainerPort(port=80)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    ObjectMeta(labels={"a": 1})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]


def attributes(pod: Pod, container: Container) -> None:
    """Unknown names and wrong types."""
    pod.metadata.nam  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    pod.metadata.name = 3  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    container.image.upper()  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]


def verbs(client: Client) -> None:
    """A client's verb does not mix kinds up."""
    name: int = client.get(ConfigMap, "a")  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    pod: Pod = client.get(ConfigMap, "a")  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    client.get(Pod)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    client.kind(ConfigMap).get("a").spec  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    found: ConfigMap = client.kind(Pod).get("a")  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    listed: ConfigMap = client.list(Pod)[0]  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]


def waiting(client: Client, pod: Pod) -> None:
    """Nothing comes back after a deletion, and the object's class otherwise."""
    gone: Pod = client.wait(pod, "delete")  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    ready: ConfigMap = client.wait(pod, "ready")  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    client.wait(pod, lambda found: found.replicas)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownLambdaType]
    client.wait(pod)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]


def deleting(pod: Pod) -> None:
    """A class needs the name of its object."""
    Pod.delete()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    pod.delete(name="a")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
