# SPDX-License-Identifier: Apache-2.0
"""Typical code with built-in kinds: mypy --strict and pyright have nothing to say. Checked, never run."""

from __future__ import annotations

import datetime
from typing import Any, assert_type

from k8s_core.behaviour import RolloutStatus
from k8s_core.meta import LabelSelector, ObjectMeta, OwnerReference, Status
from k8s_core.model.scalars import Quantity
from k8s_plugins_builtin.apps.v1 import Deployment, DeploymentSpec
from k8s_plugins_builtin.authentication.v1 import TokenRequest
from k8s_plugins_builtin.autoscaling.v1 import Scale
from k8s_plugins_builtin.core.v1 import (
    ConfigMap,
    Container,
    ContainerPort,
    EnvVar,
    HTTPGetAction,
    Pod,
    PodSpec,
    PodTemplateSpec,
    Probe,
    ResourceRequirements,
    Secret,
    Service,
    ServiceAccount,
    ServicePort,
    ServiceSpec,
    Volume,
)
from k8s_plugins_builtin.networking.v1 import IPBlock, NetworkPolicyIngressRule


def build() -> Deployment:
    container = Container(
        name="web",
        image="nginx",
        ports=[ContainerPort(containerPort=80, protocol="TCP")],
        env=[EnvVar(name="A", value="1")],
        resources=ResourceRequirements(limits={"cpu": Quantity("500m")}),
        livenessProbe=Probe(httpGet=HTTPGetAction(port="http", path="/")),
        imagePullPolicy="Always",
    )
    template = PodTemplateSpec(metadata=ObjectMeta(labels={"app": "web"}), spec=PodSpec(containers=[container]))
    return Deployment(
        metadata=ObjectMeta(name="web", annotations={"a": "b"}, ownerReferences=[]),
        spec=DeploymentSpec(replicas=2, selector=LabelSelector(matchLabels={"app": "web"}), template=template),
    )


def read(deployment: Deployment, pod: Pod, secret: Secret, config: ConfigMap) -> None:
    assert_type(deployment.spec.replicas, int | None)
    assert_type(deployment.metadata.labels, dict[str, str])
    assert_type(deployment.metadata.labels["app"], str)
    assert_type(deployment.metadata.creationTimestamp, datetime.datetime | None)
    assert_type(deployment.metadata.ownerReferences, list[OwnerReference])
    assert_type(deployment.spec.template.spec.containers[0].image, str | None)
    assert_type(deployment.is_ready(), bool)
    assert_type(deployment.rollout_status(), RolloutStatus)
    assert_type(deployment.scale(3), Scale)
    assert_type(pod.evict(), bool)
    assert_type(pod.bind("node-1"), Status)
    assert_type(pod.resize({"app": {"limits": {"cpu": "1"}}}), Pod)
    assert_type(ServiceAccount(metadata=ObjectMeta(name="robot")).create_token(), TokenRequest)
    assert_type(pod.spec.containers[0].resources.limits["cpu"], Quantity)
    assert_type(pod.container("web"), Container | None)
    assert_type(secret.data["password"], bytes)
    assert_type(config.data, dict[str, str])
    assert_type(Pod.from_yaml("kind: Pod"), Pod)
    assert_type(pod.to_dict(), dict[str, Any])
    if pod.status.phase == "Running" and pod.status.startTime is not None:
        assert_type(pod.status.startTime + datetime.timedelta(hours=1), datetime.datetime)
    for volume in pod.spec.volumes:
        if volume.emptyDir:
            assert_type(volume.emptyDir.sizeLimit, Quantity | None)


def change(deployment: Deployment, service: Service, rule: NetworkPolicyIngressRule) -> None:
    deployment.spec.replicas = 3
    deployment.spec.replicas = None
    deployment.metadata.labels["tier"] = "front"
    deployment.spec.strategy.type = "Recreate"
    deployment.spec.template.spec.volumes.append(Volume(name="tmp"))
    service.spec = ServiceSpec(ports=[ServicePort(port=80, targetPort="http"), ServicePort(port=81, targetPort=8081)])
    service.spec.ports[0].targetPort = 8080
    rule.from_[0].ipBlock = IPBlock(cidr="10.0.0.0/8", except_=["10.1.0.0/16"])
    del deployment.spec.paused
