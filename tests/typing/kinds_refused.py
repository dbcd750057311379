# SPDX-License-Identifier: Apache-2.0
"""Mistakes with built-in kinds that mypy --strict and pyright must report: each line with an ``ignore`` is one.

Checked, never run. An ``ignore`` that is not needed fails the check: mypy reports it, and for pyright the test beside
this file does.
"""

from __future__ import annotations

from k8s_core.meta import LabelSelector, ObjectMeta
from k8s_plugins_builtin.apps.v1 import Deployment, DeploymentSpec
from k8s_plugins_builtin.core.v1 import (
    Container,
    ContainerPort,
    HTTPGetAction,
    Pod,
    PodSpec,
    PodTemplateSpec,
    Probe,
    Secret,
    ServicePort,
)


def construct(template: PodTemplateSpec, selector: LabelSelector) -> None:
    """Names, values and types in constructors."""
    Container(name="web", imagePullPolicy="Sometimes")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Container(nmae="web")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Container(image="nginx")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Container("web")  # type: ignore[call-arg,arg-type]  # pyright: ignore[reportCallIssue]
    Container(name=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Probe(HTTPGetAction(port=80))  # type: ignore[call-arg,arg-type]  # pyright: ignore[reportCallIssue]
    ContainerPort(containerPort="80")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    port = ContainerPort(containerPort=80)
    PodSpec(containers=[port])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    ObjectMeta(labels={"a": 1})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    DeploymentSpec(
        selector=selector,
        template=template,
        replicas="2",  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    )
    DeploymentSpec(selector=selector)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Deployment(spec=PodSpec(containers=[]))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Deployment(apiVersion="apps/v1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Secret(data={"password": "hunter2"})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    ServicePort(port=80, targetPort=1.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def assign(deployment: Deployment, pod: Pod) -> None:
    """Names, values and types of attributes."""
    containers = deployment.spec.template.spec.containers
    deployment.spec.replicas = "two"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    deployment.spec.replica = 2  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    deployment.spec = PodSpec(containers=[])  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    deployment.metadata.labels["a"] = 1  # type: ignore[assignment]  # pyright: ignore[reportArgumentType]
    deployment.spec.strategy.type = "Rolling"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    containers.append("nginx")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    pod.status.phase = "Sleeping"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    pod.scale(2)  # type: ignore[attr-defined]  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue]
    pod.spec.conatiners  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    pod.spec.replicas  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    phase: int = pod.status.phase  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
